"""A small system of the tests' own: people and their visits, as rows that a test sets, with table rules as it likes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import yaml

from schemas.person import Person
from wye.ports import Canonical, SourceBatch, SourceRow, SourceUnavailable, record_id

CHANGED = datetime(2026, 11, 1, tzinfo=UTC)
PEOPLE, VISITS = "people", "visits"
Rows = list[tuple[str, dict[str, object], datetime]]


def table_rule(kind: str, name: str = "", severity: str = "error", **arguments: object) -> dict[str, object]:
    """Write one table rule as a contract does."""
    return {
        "name": name or kind,
        "type": "custom",
        "engine": "greatExpectations",
        "implementation": {"rule": kind, **arguments},
        "dimension": "consistency",
        "severity": severity,
        "description": "Of the test.",
    }


def column(name: str, **more: object) -> dict[str, object]:
    return {
        "name": name,
        "logicalType": "string",
        "physicalType": "text",
        "classification": "personal",
        "description": "Of the test.",
        **more,
    }


def contract(
    people: Iterable[Mapping[str, object]] = (), visits: Iterable[Mapping[str, object]] = ()
) -> dict[str, object]:
    """Write the whole contract, with table rules of either stream."""
    surname = {
        "name": "surname is clean",
        "type": "custom",
        "engine": "wye",
        "implementation": {"rule": "max_length", "n": 20},
        "dimension": "conformity",
        "description": "Of the test.",
    }
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "listing",
        "name": "Listing",
        "version": "1.0.0",
        "status": "active",
        "description": {"purpose": "To be listed."},
        "customProperties": [
            {"property": "controller", "value": "arrowshire-council"},
            {"property": "owner", "value": "head-of-tests"},
        ],
        "schema": [
            {
                "name": PEOPLE,
                "logicalType": "object",
                "quality": [*people],
                "properties": [
                    column("id", required=True, primaryKey=True, primaryKeyPosition=1),
                    column("surname", required=True, quality=[surname]),
                    column("sex"),
                ],
            },
            {
                "name": VISITS,
                "logicalType": "object",
                "quality": [*visits],
                "properties": [
                    column("id", required=True, primaryKey=True, primaryKeyPosition=1),
                    column("person", required=True, relationships=[{"to": "people.id"}]),
                ],
            },
        ],
    }


@dataclass
class Listing:
    """Read what a test sets. Each read is whole; the cursor is of no use."""

    folder: Path
    stated: Mapping[str, object]
    people: Rows = field(default_factory=list)
    visits: Rows = field(default_factory=list)
    breaks_after: int | None = None
    """Rows after which the system goes away."""
    name: str = "listing"

    def __post_init__(self) -> None:
        self.state(self.stated)

    def state(self, stated: Mapping[str, object]) -> None:
        """Write another contract."""
        self.contract = self.folder / "contract.odcs.yaml"
        self.contract.write_text(yaml.safe_dump(stated))

    def streams(self) -> tuple[str, ...]:
        return (PEOPLE, VISITS)

    def check(self) -> None:
        """Be there."""

    def discover(self, stream: str) -> Mapping[str, str]:
        return {name: "text" for _, values, _ in getattr(self, stream) for name in values}

    def read(self, stream: str, cursor: str | None, batch_rows: int) -> Iterator[SourceBatch]:
        del cursor
        rows: Rows = getattr(self, stream)
        for start in range(0, len(rows), batch_rows):
            if self.breaks_after is not None and start >= self.breaks_after:
                raise SourceUnavailable("listing went away")
            batch = [SourceRow(key, values, changed) for key, values, changed in rows[start : start + batch_rows]]
            yield SourceBatch(batch, str(start))

    def keys(self, stream: str) -> Iterator[str]:
        return (key for key, _, _ in getattr(self, stream))

    def map(self, stream: str, row: SourceRow) -> Iterable[Canonical]:
        if stream == PEOPLE:
            yield Person(subject=record_id(self.name, PEOPLE, row.key), family_name=str(row.values["surname"]))


def person(
    key: int, surname: str = "Ashdown", sex: str | None = "F", changed: datetime = CHANGED
) -> tuple[str, dict[str, object], datetime]:
    """Make one row of people."""
    return str(key), {"id": str(key), "surname": surname, "sex": sex}, changed


def visit(key: int, whose: int) -> tuple[str, dict[str, object], datetime]:
    """Make one row of visits."""
    return str(key), {"id": str(key), "person": str(whose)}, CHANGED
