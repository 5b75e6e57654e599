"""Verify from a shell, with nothing of Wye configured."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from .directory import verify_directory

USAGE = 2
ARGUMENTS = 3


def main(arguments: list[str]) -> int:
    """Print the report as JSON; exit 0 if the log verifies, 1 if not, 2 if called wrongly."""
    if len(arguments) != ARGUMENTS:
        sys.stderr.write("usage: python -m wye.audit.verifier DIR VKEY\n")
        return USAGE
    report = verify_directory(Path(arguments[1]), arguments[2])
    sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
