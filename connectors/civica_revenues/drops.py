"""Find the newest export, and see that it is whole before a row of it is read.

An export is a folder `YYYYMMDD` (or `YYYYMMDD-NN`, another of the same day) of CSV files, whose `manifest.csv`
(file, rows, sha256) is written last. A whole export never changes.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from connectors.civica_revenues.streams import Stream
from connectors.civica_revenues.tables import Table
from wye.ports import ContractBroken, SourceUnavailable

DROP = re.compile(r"[0-9]{8}(?:-[0-9]{2})?")
MANIFEST = "manifest.csv"
SHA256 = re.compile(r"[0-9a-f]{64}")


class Files(Protocol):
    """Read files by path (connectors.civica_revenues.sftp.Sftp)."""

    def names(self, folder: str) -> list[str]:
        """List the names in a folder."""
        ...

    def small(self, path: str) -> bytes:
        """Read a small file whole."""
        ...

    def blocks(self, path: str, most: int | None = None) -> Iterator[bytes]:
        """Read a file block by block."""
        ...


@dataclass(frozen=True, slots=True)
class Promise:
    """Be what the manifest says of one file."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Be one export and what its manifest promises."""

    folder: str
    name: str
    promises: Mapping[str, Promise]

    @property
    def day(self) -> datetime:
        """Say the day of the export, as its first instant in UTC."""
        return datetime.strptime(self.name[:8], "%Y%m%d").replace(tzinfo=UTC)

    def path(self, file: str) -> str:
        """Say where a file of the export is."""
        return f"{self.folder}/{self.name}/{file}"

    def digest(self, stream: Stream) -> str:
        """Name the content of a stream's files: the same digest, the same rows."""
        promised = "".join(f"{file}={self._promise(file).sha256}\n" for file in stream.files)
        return hashlib.sha256(promised.encode()).hexdigest()

    def tables(self, files: Files, stream: Stream) -> dict[str, Table]:
        """Open the stream's files."""
        return {file: Table(file, files.blocks(self.path(file))) for file in stream.files}

    def verify(self, files: Files, stream: Stream) -> None:
        """Read each of the stream's files once through: rows and hash as promised, form and order as agreed.

        Raises SourceUnavailable (not what the manifest promises: it may still arrive) or ContractBroken (promised so,
        but no sorted CSV), both naming the file. Twice over the wire is the price for landing nothing of a broken file.
        """
        orders = {stream.file: (stream.order, None, True)} | {
            join.file: (join.key, join.only, False) for join in stream.joins
        }
        for file, (order, only, unique) in orders.items():
            promise = self._promise(file)
            digest = hashlib.sha256()
            blocks = _hashed(files.blocks(self.path(file)), digest.update)
            rows, fault = 0, None
            try:
                table = Table(file, blocks)
                for _ in table.sorted_rows(order, only, unique=unique):
                    pass
                rows = table.count
            except ContractBroken as broken:
                fault = broken
            for _ in blocks:  # a file that broke off early is hashed to its end: a cut one is not yet a wrong one
                pass
            if digest.hexdigest() != promise.sha256:
                raise SourceUnavailable(
                    f"civica_revenues: `{self.name}/{file}` is not the file that the manifest promises (sha256): "
                    "it is cut, changed or still arriving; have revenues export again"
                )
            if fault is not None:
                raise fault
            if rows != promise.rows:
                raise SourceUnavailable(
                    f"civica_revenues: `{self.name}/{file}` has {rows} rows where the manifest promises {promise.rows}"
                )

    def _promise(self, file: str) -> Promise:
        if file not in self.promises:
            raise SourceUnavailable(f"civica_revenues: the manifest of export `{self.name}` does not name `{file}`")
        return self.promises[file]


def _hashed(blocks: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for block in blocks:
        update(block)
        yield block


def newest_drop(files: Files, folder: str) -> Drop:
    """Find the newest export by its name; raises SourceUnavailable if there is none or it is not complete."""
    names = files.names(folder)
    found = max((name for name in names if DROP.fullmatch(name)), default=None)
    if found is None:
        raise SourceUnavailable(f"civica_revenues: `{folder}` holds no export yet (folders are named YYYYMMDD)")
    if MANIFEST not in files.names(f"{folder}/{found}"):
        raise SourceUnavailable(
            f"civica_revenues: export `{found}` has no `{MANIFEST}`: it is still being written, or it broke off"
        )
    drop = Drop(folder, found, _manifest(found, files.small(f"{folder}/{found}/{MANIFEST}")))
    try:
        _ = drop.day
    except ValueError:
        raise SourceUnavailable(f"civica_revenues: export `{found}` is not named by a day YYYYMMDD") from None
    return drop


def _manifest(drop: str, data: bytes) -> dict[str, Promise]:
    promises: dict[str, Promise] = {}
    lines = [line.split(",") for line in data.decode("ascii", errors="replace").splitlines()]
    for fields in lines[1:]:
        if len(fields) != 3 or not fields[1].isdecimal() or not SHA256.fullmatch(fields[2]) or fields[0] in promises:  # noqa: PLR2004
            promises.clear()
            break
        promises[fields[0]] = Promise(int(fields[1]), fields[2])
    if not promises or lines[0] != ["file", "rows", "sha256"]:
        raise SourceUnavailable(
            f"civica_revenues: `{drop}/{MANIFEST}` is not complete; it must hold file, rows and sha256 of each file"
        )
    return promises
