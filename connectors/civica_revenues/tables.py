"""Read exported CSV as it streams by: strict about form, so that a cut or half-quoted file is never read as data.

Bytes that are no UTF-8 become U+FFFD, which the contract's rules quarantine row by row.
"""

import codecs
import csv
from collections.abc import Iterable, Iterator

from connectors.civica_revenues.streams import Column, Row, SortKey, sort_key
from wye.ports import ContractBroken

LONGEST_LINE = 1 << 20


class Table:
    """Be one CSV file that streams by. Memory: one block and one row, whatever the file's size."""

    def __init__(self, file: str, blocks: Iterable[bytes]) -> None:
        self.file = file
        self.count = 0
        """Rows read so far."""
        self._fields = self._read(blocks)
        header = next(self._fields, None)
        if not header or len(set(header)) != len(header) or not all(header):
            raise ContractBroken(f"civica_revenues: `{file}` does not begin with a header of distinct column names")
        self.columns = tuple(header)

    def rows(self) -> Iterator[Row]:
        """Read the rows in the file's order; raises ContractBroken naming the row (the header is row 1)."""
        for number, fields in enumerate(self._fields, start=2):
            if len(fields) != len(self.columns):
                raise ContractBroken(
                    f"civica_revenues: `{self.file}` row {number} has {len(fields)} fields; "
                    f"its header has {len(self.columns)}: the row is cut or badly quoted"
                )
            self.count += 1
            yield dict(zip(self.columns, fields, strict=True))

    def sorted_rows(
        self, order: tuple[Column, ...], only: tuple[str, str] | None = None, *, unique: bool = False
    ) -> Iterator[tuple[SortKey, Row]]:
        """Read the rows (those with the wanted value, if one is named) and see that they are sorted by their key."""
        last: SortKey | None = None
        for number, row in enumerate(self.rows(), start=2):
            if only is not None and row.get(only[0]) != only[1]:
                continue
            key = sort_key(self.file, number, row, order)
            if last is not None and (key < last or (unique and key == last)):
                fault = "repeats the key of the row before" if key == last else "is out of order"
                names = ", ".join(column.name for column in order)
                raise ContractBroken(f"civica_revenues: `{self.file}` row {number} {fault}; sort by {names}")
            last = key
            yield key, row

    def _read(self, blocks: Iterable[bytes]) -> Iterator[list[str]]:
        try:
            yield from csv.reader(self._lines(blocks), strict=True)
        except csv.Error:
            raise ContractBroken(
                f"civica_revenues: `{self.file}` is no whole CSV: a quoted field is left open or badly closed"
            ) from None

    def _lines(self, blocks: Iterable[bytes]) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        rest = ""
        for block in blocks:
            *lines, rest = (rest + decoder.decode(block)).split("\n")
            for line in lines:
                yield f"{line}\n"
            if len(rest) > LONGEST_LINE:
                raise ContractBroken(
                    f"civica_revenues: `{self.file}` has a line of more than {LONGEST_LINE} characters"
                )
        if rest + decoder.decode(b"", final=True):
            raise ContractBroken(f"civica_revenues: `{self.file}` ends without a line end: it was cut")
