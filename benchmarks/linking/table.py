"""Read a CSV whole, and refuse one that is malformed by file and row: never by a value of it."""

import csv
from collections.abc import Sequence
from pathlib import Path


def read_table(file: Path, needed: Sequence[str] = ()) -> list[dict[str, str]]:
    """Read every row by the names of its header; raises ValueError saying in which row of data (from 1) what is wrong."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            lines = list(csv.reader(opened, strict=True))
    except UnicodeDecodeError:
        raise ValueError(f"`{file.name}` is no UTF-8") from None
    except csv.Error:
        raise ValueError(f"`{file.name}` is no CSV: a quote is left open, or it holds a NUL") from None
    lines = [line for line in lines if line]
    header = lines[0] if lines else []
    for name in needed:
        if lines and name not in header:
            raise ValueError(f"`{file.name}` has no column `{name}`; it has: {', '.join(header)}")
    if len(set(header)) != len(header):
        raise ValueError(f"`{file.name}` names a column twice in its header")
    for number, line in enumerate(lines[1:], 1):
        if len(line) != len(header):
            told = "fewer" if len(line) < len(header) else "more"
            raise ValueError(f"`{file.name}` row {number} has {told} columns than its header")
    return [dict(zip(header, line, strict=True)) for line in lines[1:]]
