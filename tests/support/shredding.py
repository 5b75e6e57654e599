"""Bring an invented person with a telling name into a hub by the road, tell a partner of them, and let the years pass."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from county_hub import bring_in
from crm_people import EMPTY
from crm_rows import contact, guid, incident
from leaks import in_database

from wye.audit.append import append
from wye.audit.event import Event
from wye.identity.review import person_of
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal
from wye.ports import SourceRow, record_id
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.store.database import connect
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

THEN = datetime(2018, 5, 4, 9, 0, tzinfo=UTC)
GONE = datetime(2019, 3, 1, 9, 0, tzinfo=UTC)
NOW = datetime(2027, 11, 21, 9, 0, tzinfo=UTC)
"""Eight years after the source let go of the person, as adult-care-acute asks, and more."""
AGREEMENT = "adult-care-acute"
MARKER = re.compile(rb"Quillfeather|ZZ9 9ZZ|quillfeather|07700900977", re.IGNORECASE)
SCHEMAS = ("audit", "keys", "intake", "canonical", "identity", "sharing", "exchange", "quality", "scorecard")
LOOKUP = "_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"
MARKED, NEIGHBOUR = 1, 2


def record_of(number: int) -> UUID:
    return record_id("crm", "contacts", guid(number))


def source_rows(at: datetime, *, deleted: bool = False) -> dict[tuple[str, str], list[SourceRow]]:
    """The marked person with a home, a telephone and a case; and, unless all is deleted, a neighbour."""
    marked = contact(
        MARKED, firstname="Marigold", lastname="Quillfeather", mobilephone="07700900977",
        address1_line1="9 Quillfeather Row", address1_postalcode="ZZ9 9ZZ", birthdate="1931-02-03",
    )  # fmt: skip
    other = contact(NEIGHBOUR, firstname="Basil", lastname="Underhay", birthdate="1977-07-07")
    people = [dict.fromkeys(EMPTY) | marked] + ([] if deleted else [dict.fromkeys(EMPTY) | other])
    cases = [incident(MARKED, title="About Quillfeather") | {LOOKUP: "contact"}]
    return {
        ("crm", "contacts"): [SourceRow(str(row["contactid"]), row, at, deleted) for row in people],
        ("crm", "incidents"): [SourceRow(str(row["incidentid"]), row, at, deleted) for row in cases],
    }


def clock(hub: Hub, at: datetime) -> None:
    hub.at = lambda: at


def known(hub: Hub) -> UUID:
    """Read the source in 2018, and say who is who."""
    clock(hub, THEN)
    bring_in(hub, source_rows(THEN))
    identify(hub)
    return person_of(hub.conn, record_of(MARKED))


def disclosed(hub: Hub, owner: str, person: UUID, agreement: str = AGREEMENT) -> tuple[UUID, UUID]:
    """Tell a partner of a person, and have it say so; gives message and entry."""
    message = uuid7()
    told = Event(
        kind=EventKind.DISCLOSURE, at=hub.at(), actor="wye", person=person, agreement=agreement, nhs_number="9434765919",
        recipient="arrowshire-hospitals", message=message, outcome="release", purpose="direct-care",
    )  # fmt: skip
    sealed = seal(hub.keys, message, person, b'{"family_name": "Quillfeather"}')
    with hub.conn.transaction():
        (entry,) = append(hub.conn, hub.keys, [told], hub.at())
        insert_wraps(hub.conn, [sealed])
    with connect(owner) as conn:
        conn.execute(
            "INSERT INTO exchange.outbox (id, agreement, version, partner, person, subject, kind, sealed, body_hash,"
            " fingerprint, audit_id, state, created_at) VALUES (%s, %s, '1.0', 'arrowshire-hospitals', %s, 'pseudonym',"
            " 'put', %s, 'hash', 'mark', %s, 'delivered', %s)",
            (message, agreement, person, sealed.ciphertext, entry.id, hub.at()),
        )
    return message, entry.id


def let_go(hub: Hub) -> None:
    """Let the source delete the person, and what follows from it; then let the years pass."""
    clock(hub, GONE)
    bring_in(hub, source_rows(GONE, deleted=True))
    identify(hub)
    clock(hub, NOW)


def as_account(hub: Hub, account: str) -> Hub:
    """The same hub, with another account signed in."""
    return replace(hub, actor=account)


def tables_that_tell(owner: str) -> list[str]:
    """Name the tables in which a value of the marked person is to be read."""
    return list(in_database(owner, MARKER, SCHEMAS))


def bytes_that_tell(owner: str) -> list[str]:
    """Name the tables, of every schema, in whose rows as bytes a value of the marked person is: sealed columns too."""
    found = []
    with connect(owner) as conn:
        tables = conn.execute(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)' ORDER BY 1"
        ).fetchall()
        for (table,) in tables:
            words = f"COPY {table} TO STDOUT (FORMAT BINARY)"
            with conn.cursor() as cursor, cursor.copy(words) as copy:  # type: ignore[arg-type]  # named by the catalogue
                rows = b"".join(bytes(part) for part in copy)
            if MARKER.search(rows):
                found.append(str(table).replace('"', ""))
    return found


def readable_values(hub: Hub, owner: str) -> list[str]:
    """Name what opens, of landed rows, payloads and audit bodies, to a value or to the id of the marked person."""
    from wye.keys.rows import unseal_values

    found = []
    with connect(owner) as conn:
        for table, key, column in (
            ("intake.landed", "value", "sealed"), ("exchange.outbox", "id", "sealed"), ("audit.entry", "id", "ciphertext"),
            ("exchange.handed_on", "item", "sealed"),
        ):  # fmt: skip
            sealed = {row[0]: bytes(row[1]) for row in conn.execute(f"SELECT {key}, {column} FROM {table}")}  # noqa: S608
            opened = unseal_values(conn, hub.keys, sealed)
            found += [f"{table} {value}" for value, plain in opened.items() if MARKER.search(plain)]
    return found


def files_that_tell(home: Path) -> list[str]:
    from leaks import in_files

    return list(in_files(home, MARKER))
