"""Hold the rows of a table with the order of their changes, as Dataverse's change tracking does."""

import bisect
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Description:
    """Describe a table: its columns with Dataverse's types, and where its lookups point unless the row says."""

    logical_name: str
    key: str
    attributes: Mapping[str, str]
    lookups: Mapping[str, str]

    def columns(self) -> frozenset[str]:
        """Name the columns as rows do: a lookup's is `_<name>_value`."""
        return frozenset(f"_{name}_value" if name in self.lookups else name for name in self.attributes)


DESCRIPTIONS: Mapping[str, Description] = {
    "contacts": Description(
        "contact",
        "contactid",
        {
            "contactid": "Uniqueidentifier", "firstname": "String", "middlename": "String", "lastname": "String",
            "fullname": "String", "salutation": "String", "birthdate": "DateTime", "gendercode": "Picklist",
            "emailaddress1": "String", "mobilephone": "String", "telephone1": "String", "telephone2": "String",
            "address1_line1": "String", "address1_line2": "String", "address1_line3": "String",
            "address1_city": "String", "address1_postalcode": "String", "description": "Memo", "merged": "Boolean",
            "masterid": "Lookup", "statecode": "State", "statuscode": "Status", "createdon": "DateTime",
            "modifiedon": "DateTime", "versionnumber": "BigInt",
        },
        {"masterid": "contact"},
    ),
    "incidents": Description(
        "incident",
        "incidentid",
        {
            "incidentid": "Uniqueidentifier", "ticketnumber": "String", "title": "String", "description": "Memo",
            "customerid": "Customer", "caseorigincode": "Picklist", "statecode": "State", "statuscode": "Status",
            "createdon": "DateTime", "modifiedon": "DateTime", "versionnumber": "BigInt",
        },
        {"customerid": "contact"},
    ),
}  # fmt: skip


@dataclass(slots=True)
class _Held:
    changed: int
    version: int
    line: bytes


@dataclass(slots=True)
class Table:
    """Follow one file: a row whose `versionnumber` grew has changed, one that is no longer there was deleted.

    `latest` counts the changes that this table has seen; it begins at 0 with the file's first reading. Rows are kept
    as lines, so that a million of them fit. Whoever changes the file replaces it at once (rename).
    """

    description: Description
    path: Path
    latest: int = 0
    _rows: dict[str, _Held] = field(default_factory=dict)
    _gone: dict[str, int] = field(default_factory=dict)
    _order: list[str] = field(default_factory=list)
    _seen: tuple[int, int, int] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def follow(self) -> None:
        """Take over what changed in the file since it was last looked at."""
        with self._lock:
            stat = self.path.stat()
            seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if seen != self._seen:
                self._take(dict(self._lines()), first=self._seen is None)
                self._seen = seen

    def _lines(self) -> Iterator[tuple[str, _Held]]:
        with self.path.open("rb") as file:
            for line in file:
                row = parsed(line)
                yield str(row[self.description.key]), _Held(self.latest, int(str(row["versionnumber"])), line)

    def _take(self, found: dict[str, _Held], *, first: bool) -> None:
        if not first:
            for key in self._rows.keys() - found.keys():
                self.latest += 1
                self._gone[key] = self.latest
            for key, held in found.items():
                before = self._rows.get(key)
                if before is not None and held.version <= before.version:
                    found[key] = before
                else:
                    self.latest += 1
                    held.changed = self.latest
                    self._gone.pop(key, None)
        self._rows, self._order = found, sorted(found)

    def all_after(self, key: str, size: int) -> tuple[list[Row], str | None]:
        """Return up to `size` rows after `key` in order of keys, and the key to go on after, if there are more."""
        with self._lock:
            start = bisect.bisect_right(self._order, key)
            keys = self._order[start : start + size]
            more = start + size < len(self._order)
            return [parsed(self._rows[each].line) for each in keys], (keys[-1] if more else None)

    def changes_after(self, since: int, until: int, size: int) -> tuple[list[Row | str], int | None]:
        """Return up to `size` changed rows or deleted keys with `since` < change <= `until`, and where to go on."""
        with self._lock:
            changed = [(held.changed, key) for key, held in self._rows.items() if since < held.changed <= until]
            gone = [(change, key) for key, change in self._gone.items() if since < change <= until]
            page = sorted(changed + gone)
            more = page[size - 1][0] if len(page) > size else None
            return [parsed(self._rows[key].line) if key in self._rows else key for _, key in page[:size]], more


def parsed(line: bytes) -> Row:
    """Read one line; one with half a character, which orjson refuses, is read as Python reads it."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        row = json.loads(line)
    return dict(row)
