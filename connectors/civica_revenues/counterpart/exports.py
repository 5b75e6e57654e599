"""Write an export as revenues would: sorted CSV files in a folder of the day, the manifest last."""

import csv
import hashlib
import io
import os
from datetime import date
from pathlib import Path

SORTED_BY: dict[str, tuple[str, ...]] = {
    "ctaccount.csv": ("account_ref",),
    "ctoccupation.csv": ("property_ref", "account_ref", "occupation_date"),
    "ctproperty.csv": ("property_ref",),
    "hbclaim.csv": ("claim_id",),
    "hbhousehold.csv": ("claim_id", "house_id"),
    "hbmember.csv": ("claim_id", "house_id", "member_id"),
    "syphone.csv": ("applic_id", "ref", "ref_type"),
    "syemail.csv": ("applic_id", "reference_id", "person_type"),
}
REFERENCES = frozenset({"property_ref", "occupation_date", "applic_id"})
"""Columns that sort as text; the others are numbers."""


def publish(data: Path, exports: Path, day: date) -> Path:
    """Export the tables in `data` as a drop of that day; a drop that already holds just this is left as it is.

    Another export of the same day gets a number: a whole drop never changes.
    """
    files = {name: sorted_csv(data / name, columns) for name, columns in SORTED_BY.items() if (data / name).exists()}
    manifest = _manifest(files)
    name = f"{day:%Y%m%d}"
    for number in range(1, 100):
        folder = exports / (name if number == 1 else f"{name}-{number:02}")
        if not folder.exists():
            break
        held = folder / "manifest.csv"
        if held.exists() and held.read_bytes() == manifest:
            return folder
    else:
        raise FileExistsError(f"`{name}` has 99 exports already")
    folder.mkdir(parents=True)
    for file, text in files.items():
        _write(folder / file, text)
    _write(folder / "manifest.csv", manifest)
    return folder


def sorted_csv(path: Path, columns: tuple[str, ...]) -> bytes:
    """Read a table and write it in the order of its key; bytes that are no UTF-8 stay as they are."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        header, *rows = csv.reader(file)
    places = [(header.index(name), name in REFERENCES) for name in columns]
    rows.sort(key=lambda row: [row[place] if is_text else int(row[place]) for place, is_text in places])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode("utf-8", errors="surrogateescape")


def _manifest(files: dict[str, bytes]) -> bytes:
    lines = ["file,rows,sha256"]
    for name, data in sorted(files.items()):
        rows = sum(1 for _ in csv.reader(io.StringIO(data.decode("utf-8", errors="replace"), newline=""))) - 1
        lines.append(f"{name},{rows},{hashlib.sha256(data).hexdigest()}")
    return ("\n".join(lines) + "\n").encode("ascii")


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
