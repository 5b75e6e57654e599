"""Serve a witness over HTTP: one path, `POST /add-checkpoint`. Put it behind a proxy that speaks TLS."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .submission import Answer, Witness

MOST_BYTES = 100_000
PATH = "/add-checkpoint"
TIMEOUT = 30


def serve(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """Make a server that is ready to run; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "wye-witness"
        sys_version = ""
        timeout = TIMEOUT

        def do_POST(self) -> None:
            """Answer one submission."""
            length = self.headers.get("Content-Length", "")
            if self.path != PATH:
                self._answer(Answer(404, "there is only add-checkpoint here\n"), end=True)
            elif not (length.isascii() and length.isdecimal()) or int(length) > MOST_BYTES:
                self._answer(Answer(413, f"a request says its length, at most {MOST_BYTES} bytes\n"), end=True)
            else:
                self._answer(witness.add_checkpoint(self.rfile.read(int(length)), int(time.time())))

        def _answer(self, answer: Answer, *, end: bool = False) -> None:
            body = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(body)))
            if end:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            self.wfile.write(body)

    return ThreadingHTTPServer((host, port), Handler)
