"""Run the finance drop: `python -m connectors.agresso.counterpart --data DIR --home DIR [--once]`.

Prints one JSON line {drop_folder, status_folder} when it is ready, then collects batches until it is told to end.
"""

import argparse
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import orjson

from connectors.agresso.counterpart.finance import Finance

EVERY_SECONDS = 0.5


def main() -> int:
    """Serve the folder."""
    parser = argparse.ArgumentParser(description="be the finance system: collect GL07 batches, report payments")
    parser.add_argument("--data", type=Path, required=True, help="the county's folder")
    parser.add_argument("--home", type=Path, required=True, help="folder for in/, out/, done/ and the ledger")
    parser.add_argument("--once", action="store_true", help="collect what is there and end")
    given = parser.parse_args()
    finance = Finance(given.home.resolve(), given.data / "agresso" / "payment_status.csv", lambda: datetime.now(UTC))
    finance.open()
    sys.stdout.write(
        orjson.dumps({"drop_folder": str(finance.inbox), "status_folder": str(finance.outbox)}).decode() + "\n"
    )
    sys.stdout.flush()
    finance.collect()
    if given.once:
        return 0
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(EVERY_SECONDS):
        finance.collect()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
