"""Put the revenues and benefits system behind the ports."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from connectors.civica_revenues import worklist
from connectors.civica_revenues.drops import Drop, newest_drop
from connectors.civica_revenues.join import joined_rows
from connectors.civica_revenues.sftp import INBOX, open_sftp
from connectors.civica_revenues.streams import STREAMS, Stream
from schemas.classification import Use
from wye.ports import BadInput, Canonical, ContractBroken, SourceBatch, SourceRow, SourceUnavailable, WrittenBatch

PROPOSALS = "proposals"
LONGEST_SECONDS = len("4102444800")
"""Digits of a moment before 2100 in seconds since 1970."""


class CivicaRevenues:
    """Read council tax accounts, occupations and benefit claims from nightly exports; give staff proposals as a list.

    Settings: `host`, `port`, `username`, `client_key` (path), `known_hosts` (path), `folder` (of the exports); to write,
    `inbox` (folder) and `inbox_key` (path).
    Most sensitive class: identifier (National Insurance number), special:health (disability markers).
    """

    name = "civica_revenues"
    contract = Path(__file__).with_name("contract.odcs.yaml")
    works_in: frozenset[Use] = frozenset({Use.TAX_AND_BENEFITS})

    def __init__(self, config: Mapping[str, str]) -> None:
        self._config = config

    def streams(self) -> tuple[str, ...]:
        """List the streams, people first."""
        return tuple(STREAMS)

    def check(self) -> None:
        """Reach the server and see that its newest export promises every file."""
        with open_sftp(self._config) as files:
            drop = newest_drop(files, self._config["folder"])
            for stream in STREAMS.values():
                drop.digest(stream)

    def discover(self, stream: str) -> Mapping[str, str]:
        """Tell each column of the stream, those that join it under their prefix; in CSV all are text."""
        wanted = _stream(stream)
        with open_sftp(self._config) as files:
            tables = newest_drop(files, self._config["folder"]).tables(files, wanted)
            columns = list(tables[wanted.file].columns)
            for join in wanted.joins:
                columns += join.names(tables[join.file].columns).values()
        return dict.fromkeys(columns, "text")

    def read(self, stream: str, cursor: str | None, batch_rows: int) -> Iterator[SourceBatch]:
        """Read the newest export if it is not the one read last, or the rest of it. Each export is whole."""
        wanted = _stream(stream)
        with open_sftp(self._config) as files:
            drop = newest_drop(files, self._config["folder"])
            skip = _rows_read(cursor, drop, wanted)
            if skip is None:
                return
            drop.verify(files, wanted)
            day = drop.day
            batch: list[SourceRow] = []
            count = 0
            for count, values in enumerate(joined_rows(wanted, drop.tables(files, wanted)), start=1):
                if count <= skip:
                    continue
                if len(batch) == batch_rows:
                    yield SourceBatch(tuple(batch), _cursor(drop, wanted, count - 1, done=False))
                    batch = []
                batch.append(SourceRow(_key(wanted, values), values, _changed_at(wanted, values, day)))
            if batch:
                yield SourceBatch(tuple(batch), _cursor(drop, wanted, count, done=True))

    def keys(self, stream: str) -> Iterator[str]:
        """Stream every key of the newest export, once the export is seen to be whole."""
        wanted = _stream(stream)
        with open_sftp(self._config) as files:
            drop = newest_drop(files, self._config["folder"])
            drop.verify(files, wanted)
            table = drop.tables(files, wanted)[wanted.file]
            for row in table.rows():
                yield _key(wanted, row)

    def map(self, stream: str, row: SourceRow) -> Iterable[Canonical]:
        """Map one good row to canonical records: pure. Raises BadInput naming the column, never its value."""
        from connectors.civica_revenues.mapping import MAPPINGS

        _stream(stream)
        return () if row.deleted else MAPPINGS[stream](row)

    def write(self, stream: str, items: Sequence[Mapping[str, object]], batch: str) -> WrittenBatch:
        """Put proposals before staff as one list: `proposal`, `person_id`, `field`, `value`, `accepted_on` of each.

        What staff decide shows in a later export. Raises BadInput for the whole list if one item is wrong.
        """
        if stream != PROPOSALS:
            raise BadInput(f"civica_revenues takes `{PROPOSALS}`, not `{stream}`")
        with open_sftp(self._config, INBOX) as files:
            return worklist.put(files, self._config["inbox"], items, batch)


def _stream(name: str) -> Stream:
    if name not in STREAMS:
        raise ContractBroken(f"civica_revenues has no stream `{name}`; there are: {', '.join(STREAMS)}")
    return STREAMS[name]


def _key(stream: Stream, values: Mapping[str, str | None]) -> str:
    return "|".join(values[name] or "" for name in stream.key)


def _changed_at(stream: Stream, values: Mapping[str, str | None], day: datetime) -> datetime:
    """Say when the row last changed; the day of the export where the system does not say, or says the future."""
    seconds = values.get(stream.changed) or ""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= LONGEST_SECONDS):
        return day
    at = datetime.fromtimestamp(int(seconds), UTC)
    return at if at < day + timedelta(days=1) else day


def _cursor(drop: Drop, stream: Stream, rows: int, *, done: bool) -> str:
    held = {"drop": drop.name, "file": stream.file, "rows": rows, "digest": drop.digest(stream), "done": done}
    return orjson.dumps(held, option=orjson.OPT_SORT_KEYS).decode()


def _rows_read(cursor: str | None, drop: Drop, stream: Stream) -> int | None:
    """Tell how many rows of this export have been read: none, if all of them."""
    if cursor is None:
        return 0
    held = orjson.loads(cursor)
    if held["drop"] > drop.name:
        raise SourceUnavailable(
            f"civica_revenues: the newest export `{drop.name}` is older than `{held['drop']}`, which was read before: "
            "an old copy was put back; have revenues export again"
        )
    if held["drop"] != drop.name or held["digest"] != drop.digest(stream):
        return 0
    return None if held["done"] else int(held["rows"])
