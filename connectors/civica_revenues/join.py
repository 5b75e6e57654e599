"""Join sorted files while they stream past each other: pure, one row of each in memory."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.civica_revenues.streams import Column, Joined, Row, SortKey, Stream, sort_key
from connectors.civica_revenues.tables import Table


class _Side:
    """Be one joined file, moved forward as the stream's keys grow."""

    def __init__(self, join: Joined, table: Table, order: Sequence[Column]) -> None:
        read = {column.name: column.read for column in order}
        # The stream's own columns, read as the joined file's key is, so that the two compare.
        self._to = tuple(Column(name, read[name]) for name in join.to)
        self._names = join.names(table.columns)
        self._rows = table.sorted_rows(join.key, join.only)
        self._next: tuple[SortKey, Row] | None = next(self._rows, None)

    def columns_of(self, file: str, number: int, row: Row) -> Mapping[str, str | None]:
        """Give the joined columns for a row; empty ones if the file has no row of that key."""
        wanted = sort_key(file, number, row, self._to)
        while self._next is not None and self._next[0] < wanted:
            self._next = next(self._rows, None)
        if self._next is None or self._next[0] != wanted:
            return dict.fromkeys(self._names.values())
        found = self._next[1]
        return {name: found[column] or None for column, name in self._names.items()}


def joined_rows(stream: Stream, tables: Mapping[str, Table]) -> Iterator[dict[str, str | None]]:
    """Give the stream's rows in its file's order, each with the columns that join it; an empty field is none."""
    own = tables[stream.file]
    sides = [_Side(join, tables[join.file], stream.order) for join in stream.joins]
    for number, (_, row) in enumerate(own.sorted_rows(stream.order, unique=True), start=2):
        values: dict[str, str | None] = {name: field or None for name, field in row.items()}
        for side in sides:
            values.update(side.columns_of(own.file, number, row))
        yield values
