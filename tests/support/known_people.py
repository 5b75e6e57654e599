"""Put generated people into a database as identity would leave them: rows, links and golden birth dates."""

from datetime import datetime
from uuid import UUID

import orjson

from wye.store.database import Connection
from wye.store.ids import uuid7


def put_person(conn: Connection, facts: dict, at: datetime) -> UUID:
    """Store one person of generated_facts; gives the person."""
    person, record = uuid7(), uuid7()
    conn.execute("INSERT INTO identity.person VALUES (%s, %s)", (person, at))
    conn.execute(
        "INSERT INTO identity.person_link (record, person, kind, reason, recorded_at) VALUES (%s, %s, 'auto', 'test', %s)",
        (record, person, at),
    )
    for entity, rows in facts["rows"].items():
        for row in rows:
            put_row(conn, record, entity, row["source"], row["values"], at)
    births = facts["person"].get("birth_date", [])
    if births:
        conn.execute(
            "INSERT INTO identity.golden"
            " (person, attribute, recorded_at, value, source, record, reason, contributors)"
            " VALUES (%s, 'birth_date', %s, %s, %s, %s, 'test', '[]')",
            (person, at, orjson.dumps(births[0]["value"]).decode(), births[0]["source"], record),
        )
    return person


def put_row(conn: Connection, subject: UUID, entity: str, source: str, values: dict, at: datetime) -> UUID:
    record = uuid7()
    conn.execute(
        "INSERT INTO canonical.row"
        " (record, entity, part, recorded_at, subject, source, stream, controller, observed_at, body)"
        " VALUES (%s, %s, 0, %s, %s, %s, 's', 'c', %s, %s)",
        (record, entity, at, subject, source, at, orjson.dumps(values).decode()),
    )
    return record
