"""Find ports on this machine's own address."""

import secrets
import socket

PORTS = range(20000, 32000)
"""Below the ports that Linux gives to outgoing connections (32768 and up), so that none is taken by chance."""


def is_free(port: int) -> bool:
    """Say whether a port of 127.0.0.1 can be listened on; one that was left a moment ago can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Choose a free port of 127.0.0.1 at random."""
    while True:
        port = secrets.choice(PORTS)
        if is_free(port):
            return port
