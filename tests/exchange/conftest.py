"""Give the exchange's tests a road to the broker that can be cut."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from exchange_fixtures import partner_url, routes, side

__all__ = ["partner_url", "routes", "side"]


class CuttableRoad:
    """Forward TCP to the broker; the first connection dies after so many bytes towards it, later ones live."""

    def __init__(self, host: str, port: int, after_bytes: int) -> None:
        self.target = (host, port)
        self.after_bytes = after_bytes
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        first = True
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            limit = self.after_bytes if first else None
            first = False
            threading.Thread(target=self._copy, args=(near, far, limit), daemon=True).start()
            threading.Thread(target=self._copy, args=(far, near, None), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, limit: int | None) -> None:
        passed = 0
        try:
            while data := source.recv(8192):
                target.sendall(data)
                passed += len(data)
                if limit is not None and passed > limit:
                    self.cuts += 1
                    break
        except OSError:
            pass
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def cut():
    @contextmanager
    def make(host: str, port: int, after_bytes: int) -> Iterator[int]:
        road = CuttableRoad(host, port, after_bytes)
        yield road.listener.getsockname()[1]
        road.listener.close()
        assert road.cuts == 1, "the road was never cut: the test proved nothing"

    return make
