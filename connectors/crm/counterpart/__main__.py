"""Run `python -m connectors.crm.counterpart --data DIR --port N`; the token comes from CRM_COUNTERPART_TOKEN."""

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from connectors.crm.counterpart.server import serve


def main() -> None:
    """Serve until SIGTERM or SIGINT; the first line of output is `{"url": ...}`, once it listens."""
    parser = argparse.ArgumentParser(description="Serve an example county's customers as Dataverse would.")
    parser.add_argument("--data", type=Path, required=True, help="folder with contacts.jsonl and incidents.jsonl")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes any free one")
    given = parser.parse_args()
    token = os.environ.get("CRM_COUNTERPART_TOKEN")  # never an argument: those are there for all to read
    if not token:
        parser.error("set CRM_COUNTERPART_TOKEN to the bearer token that clients must send")
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # before the threads start, which inherit it
    with serve(given.data, token, given.port) as url:
        sys.stdout.write(json.dumps({"url": url}) + "\n")
        sys.stdout.flush()
        signal.sigwait(signals)


main()
