"""Run `python -m connectors.frameworki.counterpart --data DIR --url URL`."""

import argparse
import json
import sys
from pathlib import Path

from connectors.frameworki.counterpart.load import load


def main() -> None:
    """Load the county and print how many rows each table holds."""
    parser = argparse.ArgumentParser(description="Fill a database in Mosaic's layout from an example county.")
    parser.add_argument("--data", type=Path, required=True, help="folder with one <TABLE>.jsonl to a table")
    parser.add_argument("--url", required=True, help="PostgreSQL database to make the schema `mosaic` in")
    given = parser.parse_args()
    sys.stdout.write(json.dumps(load(given.data, given.url)) + "\n")


main()
