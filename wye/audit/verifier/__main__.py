"""Verify from a shell, with nothing of Wye configured: a folder of exported files, or one proof."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from .directory import verify_directory
from .proof import BrokenProof, open_proof


def main(arguments: list[str]) -> int:
    """Print what was found as JSON; exit 0 if it verifies, 1 if not, 2 if called wrongly."""
    parser = argparse.ArgumentParser(
        prog="python -m wye.audit.verifier", description="Verify an exported audit log, or a proof, with a public key."
    )
    parser.add_argument("path", type=Path, metavar="DIR", help="the exported log; with --leaf, a .tlog-proof file")
    parser.add_argument("key", metavar="VKEY", help="the log's public key")
    parser.add_argument("--witness", action="append", default=[], metavar="VKEY", help="who must have cosigned")
    parser.add_argument("--held", type=Path, metavar="FILE", help="a checkpoint held elsewhere")
    parser.add_argument("--leaf", metavar="HEX", help="the leaf hash that the proof is for")
    asked = parser.parse_args(arguments)
    try:
        if asked.leaf is not None:
            return _prove(asked.path.read_text(encoding="utf-8"), asked.leaf, asked.key)
        held = None if asked.held is None else asked.held.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        parser.error(str(error))
    report = verify_directory(asked.path, asked.key, asked.witness, held)
    sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    return 0 if report.ok else 1


def _prove(text: str, leaf: str, key: str) -> int:
    found: dict[str, object]
    try:
        included = open_proof(text, bytes.fromhex(leaf), key)
    except (BrokenProof, ValueError) as error:
        found = {"ok": False, "explanation": str(error)}
    else:
        note = included.note
        found = {"ok": True, "index": included.index, "size": note.size, "origin": note.origin}
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
