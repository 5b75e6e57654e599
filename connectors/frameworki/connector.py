"""Read the Mosaic reporting database by the ports of the engine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from connectors.frameworki.position import Position, position_from
from connectors.frameworki.tables import STAMP, TABLES, Table
from wye.ports import (
    Canonical,
    ContractBroken,
    EnvironmentFault,
    SourceBatch,
    SourceRow,
    Use,
    WrittenBatch,
)


class Frameworki:
    """Read people, their addresses, ties, workers, referrals and care packages; write referrals and proposals to import.

    Configuration: `url` of the reporting database, `import_folder`, and `schema` if it is not `mosaic`.
    Most sensitive class: special:health, safe-address and the sealed former identity.
    """

    name = "frameworki"
    contract = Path(__file__).parent / "contract.odcs.yaml"
    works_in = frozenset({Use.ADULT_CARE})
    """Children's social care works in it too, and may not use the NHS number (law.md section 4): it is not counted."""

    def __init__(self, config: Mapping[str, str]) -> None:
        self._config = config

    def streams(self) -> tuple[str, ...]:
        """List the streams, people first."""
        return tuple(TABLES)

    def check(self) -> None:
        """Reach every table, and the import folder if one is set; raises with what to do."""
        for stream in TABLES:
            self.discover(stream)
        if "import_folder" in self._config:
            from connectors.frameworki.imports import check_folder

            check_folder(Path(self._config["import_folder"]))

    def discover(self, stream: str) -> Mapping[str, str]:
        """Tell each column of the stream's table with its PostgreSQL type."""
        from connectors.frameworki import rows

        table = _table(stream)
        with rows.connect(self._setting("url")) as conn:
            found = rows.columns(conn, self._schema, table)
        _check_columns(table, found)
        return found

    def read(self, stream: str, cursor: str | None, batch_rows: int) -> Iterator[SourceBatch]:
        """Read what changed since `cursor`, page by page; see position.py for what is read again, and why."""
        from connectors.frameworki import rows

        table = _table(stream)
        after = position_from(cursor) if cursor is not None else None
        with rows.connect(self._setting("url")) as conn:
            _check_columns(table, rows.columns(conn, self._schema, table))
            if rows.has_unusable_stamps(conn, self._schema, table):
                raise ContractBroken(
                    f"`LAST_UPDATED` of `{table.name.upper()}` is empty or out of the calendar in some rows, "
                    "which would never be read: mend the reporting view"
                )
            began = (after.began if after else None) or rows.clock(conn)
            more = True
            while more:
                found = rows.page(conn, self._schema, table, after, batch_rows + 1)
                more = len(found) > batch_rows
                if not found:
                    return
                batch = [_source_row(table, values) for values in found[:batch_rows]]
                last = batch[-1]
                after = Position(last.observed_at.replace(tzinfo=None), int(last.key), began)
                yield SourceBatch(batch, (after if more else after.settled()).text())

    def keys(self, stream: str) -> Iterator[str]:
        """Stream every key that the table holds now: Mosaic announces no deletion."""
        from connectors.frameworki import rows

        with rows.connect(self._setting("url")) as conn:
            yield from rows.keys(conn, self._schema, _table(stream))

    def map(self, stream: str, row: SourceRow) -> Iterable[Canonical]:
        """Map one row to canonical records: pure. Raises BadInput naming the column, never its value."""
        from connectors.frameworki.mapping import MAPPINGS

        _table(stream)
        return MAPPINGS[stream](row)

    def write(self, stream: str, items: Sequence[Mapping[str, object]], batch: str) -> WrittenBatch:
        """Write referrals or proposals as one file of the import folder, whole or not at all; see imports.py."""
        from connectors.frameworki.imports import MEMBERS, write_import

        if stream not in MEMBERS:
            raise ContractBroken(f"`frameworki` takes no `{stream}`: only {', '.join(MEMBERS)} can be written")
        return write_import(Path(self._setting("import_folder")), items, batch, stream)

    def answers(self, stream: str, items: Sequence[str]) -> Mapping[str, str]:
        """Tell what staff decided about proposals, from the worklist; one that is open, or not yet imported, is left out."""
        from connectors.frameworki import rows

        if stream != "proposals":
            raise ContractBroken(f"`frameworki` answers no `{stream}`: only `proposals` are answered")
        with rows.connect(self._setting("url")) as conn:
            return rows.answers(conn, self._schema, items)

    @property
    def _schema(self) -> str:
        return self._config.get("schema", "mosaic")

    def _setting(self, name: str) -> str:
        if not self._config.get(name):
            raise EnvironmentFault(f"setting `WYE_SOURCES__FRAMEWORKI__{name.upper()}` is missing: see the README")
        return self._config[name]


def _table(stream: str) -> Table:
    if stream not in TABLES:
        raise ContractBroken(f"`frameworki` has no stream `{stream}`; there are: {', '.join(TABLES)}")
    return TABLES[stream]


def _check_columns(table: Table, found: Mapping[str, str]) -> None:
    if not found:
        raise ContractBroken(f"table `{table.name.upper()}` of `frameworki` is not there: see the README")
    needed = {table.key.upper(), STAMP.upper(), *table.needed}
    if lacking := sorted(needed - found.keys()):
        raise ContractBroken(
            f"table `{table.name.upper()}` of `frameworki` lacks `{'`, `'.join(lacking)}`: nothing is read without it"
        )


def _source_row(table: Table, values: Mapping[str, object]) -> SourceRow:
    stamp = datetime.fromisoformat(str(values[STAMP.upper()]))
    aware = stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
    return SourceRow(str(values[table.key.upper()]), values, aware)
