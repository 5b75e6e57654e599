"""Serve exports: `python -m connectors.civica_revenues.counterpart --data DIR --home DIR [--day YYYYMMDD]`.

Publishes the county's tables as a drop of the day, prints one JSON line (the connector's settings:
host, port, username, client_key, known_hosts, folder, inbox_key, inbox), and serves until it is told to end.
"""

import argparse
import signal
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import orjson

from connectors.civica_revenues.counterpart.exports import publish
from connectors.civica_revenues.counterpart.sshd import Sshd


def main() -> int:
    """Publish, serve, and end with a signal."""
    parser = argparse.ArgumentParser(description="be the revenues system: exports by SFTP")
    parser.add_argument("--data", type=Path, required=True, help="the county's folder")
    parser.add_argument("--home", type=Path, required=True, help="folder for keys, settings and exports")
    parser.add_argument("--day", type=_day, default=None, help="day of the export, YYYYMMDD; today if not given")
    given = parser.parse_args()
    home = given.home.resolve()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    exports, inbox = home / "exports", home / "inbox"
    inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    publish(given.data / "civica_revenues", exports, given.day or datetime.now(UTC).date())
    server = Sshd(home / "sshd")
    server.start()
    try:
        facts = {
            "host": "127.0.0.1",
            "port": str(server.port),
            "username": server.user,
            "client_key": str(server.client_key),
            "known_hosts": str(server.known_hosts),
            "folder": str(exports),
            "inbox_key": str(server.inbox_key),
            "inbox": str(inbox),
        }
        sys.stdout.write(orjson.dumps(facts).decode() + "\n")
        sys.stdout.flush()
        ended.wait()
    finally:
        server.stop()
    return 0


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  a day has no zone


if __name__ == "__main__":
    raise SystemExit(main())
