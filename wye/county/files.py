"""Write the county's files, a row at a time: JSON Lines and CSV, UTF-8, LF."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

import orjson

_BUFFER = 1 << 18


class _CsvWriter(Protocol):
    def writerow(self, row: Iterable[object], /) -> object: ...


class CountyFiles:
    """Hold the open files of one county. A file is named by its path below the folder; its suffix says its format."""

    def __init__(self, folder: Path, csv_columns: Mapping[str, Sequence[str]], json_lines: Sequence[str]) -> None:
        self._folder = folder
        self._columns = {name: tuple(columns) for name, columns in csv_columns.items()}
        self._json_names = tuple(json_lines)
        self._stack = ExitStack()
        self._json: dict[str, IO[bytes]] = {}
        self._csv: dict[str, _CsvWriter] = {}
        self.rows: Counter[str] = Counter()

    def __enter__(self) -> Self:
        """Create every file, so that an empty stream is an empty file and not a missing one."""
        for name in self._json_names:
            path = self._path(name)
            self._json[name] = self._stack.enter_context(path.open("wb", buffering=_BUFFER))
            self.rows[name] = 0
        for name, columns in self._columns.items():
            raw = self._stack.enter_context(self._path(name).open("wb", buffering=_BUFFER))
            text = self._stack.enter_context(TextIOWrapper(raw, encoding="utf-8", newline=""))
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(columns)
            self._csv[name] = writer
            self.rows[name] = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Flush and close every file."""
        self._stack.close()

    def json_line(self, name: str, row: Mapping[str, object]) -> None:
        """Write one object."""
        self._json[name].write(json_bytes(row))
        self.rows[name] += 1

    def csv_row(self, name: str, row: Mapping[str, object]) -> None:
        """Write one row; a column that the row lacks is empty, a column that the file lacks is a mistake."""
        columns = self._columns[name]
        assert row.keys() <= set(columns), name  # noqa: S101  a mistake in this package
        self._csv[name].writerow(["" if (value := row.get(column)) is None else value for column in columns])
        self.rows[name] += 1

    def _path(self, name: str) -> Path:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def json_bytes(row: Mapping[str, object]) -> bytes:
    """Write an object as one line; a lone surrogate, which UTF-8 cannot hold, becomes its escape."""
    try:
        return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"
