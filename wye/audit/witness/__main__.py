"""Run a witness from a shell, with nothing of Wye configured."""

import argparse
import sys
from pathlib import Path

from ..verifier.note import BrokenNote
from .cosigner import Cosigner
from .memory import Memory
from .server import serve
from .submission import Witness


def main(arguments: list[str]) -> int:
    """Do one verb; exit 0 if done, 2 if called wrongly or on a folder that is not a witness's."""
    parser = argparse.ArgumentParser(
        prog="python -m wye.audit.witness", description="Witness other bodies' audit logs."
    )
    parser.add_argument("folder", type=Path, help="the witness's own folder: key and memory")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("make", help="make a key, and print its public half").add_argument(
        "name", help="the witness's name, such as marches-police.example/witness"
    )
    verbs.add_parser("watch", help="begin to watch a log").add_argument("key", help="the log's public key (vkey)")
    verbs.add_parser("show", help="print the public key, and of each log what was last cosigned")
    serving = verbs.add_parser("serve", help="answer submissions until stopped")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=7796, help="0 takes a free one (7796)")
    asked = parser.parse_args(arguments)
    try:
        _do(asked)
    except (OSError, ValueError, BrokenNote) as error:
        sys.stderr.write(f"witness: {error}\n")
        return 2
    return 0


def _do(asked: argparse.Namespace) -> None:
    folder: Path = asked.folder
    memory = Memory(folder)
    if asked.verb == "make":
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _print(Cosigner.make(folder, asked.name).verifier_key)
    elif asked.verb == "watch":
        Cosigner.open(folder)
        _print(f"watching {memory.watch(asked.key)}")
    elif asked.verb == "show":
        _print(Cosigner.open(folder).verifier_key)
        for origin in memory.origins():
            seen = memory.recall(origin)
            last = seen.last if seen else None
            _print(f"{origin} {last.size if last else 0}")
    else:
        server = serve(Witness(Cosigner.open(folder), memory), asked.host, asked.port)
        _print(f"serving on http://{asked.host}:{server.server_address[1]}")
        with server:
            server.serve_forever()


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
