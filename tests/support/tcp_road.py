"""Stand in the way of TCP: forward a while and then be gone, or take a connection and never answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class _Road:
    """Forward to a target until so many bytes went towards it; then nobody is there any more."""

    def __init__(self, target: tuple[str, int], after_bytes: int) -> None:
        self.target, self.left = target, after_bytes
        self.cut = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            threading.Thread(target=self._copy, args=(near, far), kwargs={"counted": True}, daemon=True).start()
            threading.Thread(target=self._copy, args=(far, near), kwargs={"counted": False}, daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, *, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1024):
                if counted:
                    self.left -= len(data)
                    if self.left < 0:
                        self.close()
                        break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self.cut = self.left < 0
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@contextmanager
def gone_after(url: str, after_bytes: int) -> Iterator[str]:
    """Give the URL of a road to `url` that is cut for good; fails if nothing ever was."""
    parts = urlsplit(url)
    road = _Road((str(parts.hostname), int(parts.port or 0)), after_bytes)
    yield _at(url, road.listener.getsockname()[1])
    road.close()
    assert road.cut, "the road was never cut: the test proved nothing"


@contextmanager
def never_answering(url: str) -> Iterator[str]:
    """Give the URL of a system that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield _at(url, listener.getsockname()[1])


def _at(url: str, port: int) -> str:
    parts = urlsplit(url)
    account = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return urlunsplit(parts._replace(netloc=f"{account}127.0.0.1:{port}"))
