"""Put canonical rows of invented people into a test's database, as intake would leave them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from wye.ports import record_id
from wye.store.database import Connection

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

PERSON_STREAM = {
    "frameworki": "persons",
    "crm": "contacts",
    "civica_revenues": "members",
    "nhs_fhir": "admissions",
    "police": "notices",
}


@dataclass(frozen=True)
class CanonicalRow:
    """One row of canonical.row, without its times."""

    record: UUID
    entity: str
    subject: UUID
    source: str
    stream: str
    body: Mapping[str, object]
    observed_at: datetime = AT
    part: int = 0


def person(source: str, key: str, **fields: object) -> list[CanonicalRow]:
    """A person as one system holds them; `postcode` and `lines`, `phone`, `email`, `sealed` become rows beside it."""
    stream = str(fields.pop("stream", PERSON_STREAM[source]))
    record = record_id(source, stream, key)
    observed_at = fields.pop("observed_at", AT)
    assert isinstance(observed_at, datetime)
    beside: list[tuple[str, dict[str, object]]] = []
    if "postcode" in fields or "lines" in fields:
        home = {"kind": "home", "lines": fields.pop("lines", None), "postcode": fields.pop("postcode", None)}
        beside.append(("address", home))
    points = [kind for kind in ("phone", "email") if kind in fields]
    beside += [("contact_point", {"kind": kind, "value": fields.pop(kind)}) for kind in points]
    if fields.pop("sealed", False):
        beside.append(("flag", {"kind": "former-identity-sealed"}))
    if "duplicate_of" in fields:
        beside.append(("relationship", {"kind": "duplicate", "other": str(fields.pop("duplicate_of"))}))
    made = [CanonicalRow(record, "person", record, source, stream, fields, observed_at)]
    return made + [
        CanonicalRow(record, entity, record, source, stream, body, observed_at, part)
        for part, (entity, body) in enumerate(beside)
    ]


def store(conn: Connection, rows: Iterable[CanonicalRow], at: datetime = AT) -> None:
    """Make these the current rows of their records, and note their subjects as changed."""
    found = list(rows)
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute(
            "UPDATE canonical.row SET superseded_at = %s WHERE superseded_at IS NULL AND record = ANY(%s)",
            (at, list({row.record for row in found})),
        )
        with cursor.copy(
            "COPY canonical.row (record, entity, part, recorded_at, subject, source, stream, controller, observed_at,"
            " body) FROM STDIN"
        ) as copy:
            for row in found:
                body = orjson.dumps(row.body).decode()
                copy.write_row(
                    (row.record, row.entity, row.part, at, row.subject, row.source, row.stream, "arrowshire-council",
                     row.observed_at, body)
                )  # fmt: skip
        changed(conn, {row.subject for row in found}, at)


def changed(conn: Connection, subjects: Iterable[UUID], at: datetime = AT) -> None:
    """Note subjects as changed."""
    conn.execute(
        "INSERT INTO canonical.changed SELECT unnest(%s::uuid[]), %s ON CONFLICT (subject) DO NOTHING",
        (list(subjects), at),
    )


def gone(conn: Connection, record: UUID, at: datetime = AT) -> None:
    """End every row of a record, as when its source holds it no longer."""
    conn.execute(
        "UPDATE canonical.row SET superseded_at = %s WHERE record = %s AND superseded_at IS NULL", (at, record)
    )
    changed(conn, [record], at)


def later(hours: int) -> datetime:
    """An instant after AT."""
    return AT + timedelta(hours=hours)


def partition(conn: Connection) -> set[frozenset[UUID]]:
    """Read which records are one person now."""
    found = conn.execute(
        "SELECT array_agg(record) FROM identity.person_link WHERE superseded_at IS NULL GROUP BY person"
    ).fetchall()
    return {frozenset(records) for (records,) in found}  # type: ignore[arg-type]  # rows are untyped


def link_state(conn: Connection) -> set[tuple[object, ...]]:
    """Read every link in force: record, person, kind, reason."""
    found = conn.execute("SELECT record, person, kind, reason FROM identity.person_link WHERE superseded_at IS NULL")
    return set(found.fetchall())
