"""Serve the dialect over HTTP, with a bearer token and Dataverse's limits on requests."""

import hmac
import json
import math
import re
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from connectors.crm.counterpart.dialect import Dialect, Refused, attributes, preferences
from connectors.crm.counterpart.tables import DESCRIPTIONS, Table
from connectors.crm.counterpart.worklist import Worklist

PATH = "/api/data/v9.2/"


@dataclass(slots=True)
class Limits:
    """Allow so many requests in a sliding window, as Dataverse does for each account; more are told to wait."""

    requests: int = 6000
    seconds: float = 300
    token_seconds: float = 7 * 24 * 3600
    _taken: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, now: float) -> float:
        """Take one request; return 0 if it may pass, or after how many seconds it may."""
        with self._lock:
            while self._taken and self._taken[0] <= now - self.seconds:
                self._taken.popleft()
            if len(self._taken) >= self.requests:
                return self._taken[0] + self.seconds - now
            self._taken.append(now)
            return 0


class Environment(ThreadingHTTPServer):
    """Be one Dataverse environment on loopback."""

    daemon_threads = True

    def __init__(self, folder: Path, token: str, port: int, limits: Limits) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.token, self.limits = token, limits
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.dialect = Dialect(self.url + PATH, uuid4().hex, limits.token_seconds)
        self.tables = {name: Table(text, folder / f"{name}.jsonl") for name, text in DESCRIPTIONS.items()}
        for table in self.tables.values():
            table.follow()
        self.worklist = Worklist(folder)


class Handler(BaseHTTPRequestHandler):
    """Answer GET requests, and the writing of tasks: of Dataverse's writes Wye does no other."""

    server: Environment
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer one request."""
        try:
            self._admit()
            self._answer(200, self._found())
        except Refused as refusal:
            self._answer(refusal.status, {"error": {"code": refusal.code, "message": refusal.message}})

    def do_PATCH(self) -> None:
        """Write one task under the key that the client gave, unless there is one; or cancel one that is there."""
        try:
            self._admit()
            resource = unquote(urlsplit(self.path).path.removeprefix(PATH))
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            once = self.headers.get("If-None-Match") == "*"
            write = self.server.worklist.create if once else self.server.worklist.cancel
            write(resource, dict(json.loads(body)))
            self.send_response(204)
            self.send_header("OData-Version", "4.0")
            self.end_headers()
        except Refused as refusal:
            self._answer(refusal.status, {"error": {"code": refusal.code, "message": refusal.message}})

    def _admit(self) -> None:
        given = self.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self.server.token}".encode()):
            raise Refused(401, "0x80040220", "The token is missing or wrong.")
        if wait := self.server.limits.wait(time.monotonic()):
            raise Refused(429, "0x80072322", f"Retry after {math.ceil(wait)}")

    def _found(self) -> Mapping[str, object]:
        parts = urlsplit(self.path)
        resource = unquote(parts.path.removeprefix(PATH))
        definition = re.fullmatch(r"EntityDefinitions\(LogicalName='(\w+)'\)/Attributes", resource)
        if resource == "WhoAmI":
            return {"UserId": str(uuid4())}
        if definition:
            for description in DESCRIPTIONS.values():
                if description.logical_name == definition[1]:
                    return attributes(self.server.dialect.base, description)
        if resource == "tasks":
            return self.server.worklist.chosen(dict(parse_qsl(parts.query)).get("$filter", ""))
        if resource not in self.server.tables:
            raise Refused(404, "0x8006088a", "Resource not found for the segment.")
        table = self.server.tables[resource]
        table.follow()
        prefer = preferences(self.headers.get("Prefer", ""))
        return self.server.dialect.page(table, dict(parse_qsl(parts.query)), prefer, time.monotonic())

    def _answer(self, status: int, answer: Mapping[str, object]) -> None:
        body = json.dumps(answer).encode("ascii")  # half characters go out as JSON escapes, as they came
        self.send_response(status)
        self.send_header("Content-Type", "application/json; odata.metadata=minimal; charset=utf-8")
        self.send_header("OData-Version", "4.0")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:  # noqa: PLR2004  HTTP's own number
            self.send_header("Retry-After", str(answer["error"]["message"]).rsplit(" ", 1)[1])  # type: ignore[index]
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Log nothing: a request's query is nobody's business."""


@contextmanager
def serve(folder: Path, token: str, port: int = 0, limits: Limits | None = None) -> Iterator[str]:
    """Serve `contacts.jsonl` and `incidents.jsonl` of a folder until the block ends; yield the environment's URL."""
    environment = Environment(folder, token, port, limits or Limits())
    thread = threading.Thread(target=environment.serve_forever, name="dataverse", daemon=True)
    thread.start()
    try:
        yield environment.url
    finally:
        environment.shutdown()
        environment.server_close()
        thread.join()
