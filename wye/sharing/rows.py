"""Keep the SQL of sharing: who is considered, and what is due."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg import sql

from wye.agreements.model import RowsHaving
from wye.agreements.periods import Lasting
from wye.store.database import Connection


def subject_persons(
    conn: Connection,
    has: RowsHaving,
    lasting: Lasting | None,
    day: str,
    born_no_later: str | None,
    born_after: str | None,
) -> tuple[UUID, ...]:
    """Give the persons whom a subject clause chooses, in order. Days are compared as text, byte by byte."""
    parts: list[sql.Composable] = [
        sql.SQL(
            "SELECT DISTINCT p.person FROM identity.person_row AS p"
            " LEFT JOIN identity.golden AS g"
            " ON g.person = p.person AND g.attribute = 'birth_date' AND g.superseded_at IS NULL"
            " WHERE p.entity = {entity} AND p.source = ANY({sources}) AND p.body->>{field} = ANY({values})"
        ).format(
            entity=sql.Literal(has.entity),
            sources=sql.Literal(list(has.sources)),
            field=sql.Literal(has.field),
            values=sql.Literal(list(has.values)),
        )
    ]
    if has.open and lasting is not None:
        parts.append(
            sql.SQL(
                " AND COALESCE(p.body->>{begins}, '') COLLATE \"C\" <= {day}"
                ' AND (p.body->>{ends} IS NULL OR p.body->>{ends} COLLATE "C" >= {day})'
            ).format(begins=sql.Literal(lasting.begins), ends=sql.Literal(lasting.ends), day=sql.Literal(day))
        )
        if lasting.state is not None:
            parts.append(
                sql.SQL(" AND p.body->>{state} = {open_state}").format(
                    state=sql.Literal(lasting.state), open_state=sql.Literal(lasting.open_state)
                )
            )
    for template, bound in (
        (" AND (g.value #>> '{{}}') COLLATE \"C\" <= {bound}", born_no_later),
        (" AND (g.value #>> '{{}}') COLLATE \"C\" > {bound}", born_after),
    ):
        if bound is not None:
            parts.append(sql.SQL(template).format(bound=sql.Literal(bound)))
    parts.append(sql.SQL(" ORDER BY p.person"))
    return tuple(_uuid(row[0]) for row in conn.execute(sql.Composed(parts)).fetchall())


def insert_due(
    conn: Connection, agreements: Sequence[str], persons: Sequence[UUID], not_before: datetime, cause: str
) -> int:
    """Note every person due under every agreement; what is noted already is left."""
    done = conn.execute(
        "INSERT INTO sharing.due (agreement, person, not_before, cause)"
        " SELECT a, p, %s, %s FROM unnest(%s::text[]) AS a CROSS JOIN unnest(%s::uuid[]) AS p"
        " ORDER BY a, p ON CONFLICT DO NOTHING",
        (not_before, cause, list(agreements), list(persons)),
    )
    return done.rowcount


def insert_due_each(conn: Connection, agreement: str, due: Sequence[tuple[UUID, datetime]], cause: str) -> int:
    """Note each person due under one agreement from an instant of their own."""
    done = conn.execute(
        "INSERT INTO sharing.due (agreement, person, not_before, cause)"
        " SELECT %s, p, n, %s FROM unnest(%s::uuid[], %s::timestamptz[]) AS d(p, n)"
        " ORDER BY p, n ON CONFLICT DO NOTHING",
        (agreement, cause, [person for person, _ in due], [instant for _, instant in due]),
    )
    return done.rowcount


def insert_waits(conn: Connection, agreement: str, persons: Sequence[UUID], at: datetime) -> set[UUID]:
    """Note who waits; gives those who did not wait before."""
    found = conn.execute(
        "INSERT INTO sharing.wait (agreement, person, since) SELECT %s, p, %s FROM unnest(%s::uuid[]) AS p ORDER BY p"
        " ON CONFLICT DO NOTHING RETURNING person",
        (agreement, at, list(persons)),
    ).fetchall()
    return {_uuid(person) for (person,) in found}


def delete_waits(conn: Connection, agreement: str, persons: Sequence[UUID]) -> set[UUID]:
    """Note who waits no longer; gives those who did."""
    found = conn.execute(
        "DELETE FROM sharing.wait WHERE agreement = %s AND person = ANY(%s) RETURNING person",
        (agreement, list(persons)),
    ).fetchall()
    return {_uuid(person) for (person,) in found}


def count_waits(conn: Connection) -> int:
    """Count the people who wait under any agreement."""
    found = conn.execute("SELECT count(DISTINCT person) FROM sharing.wait").fetchone()
    return int(str(found[0])) if found else 0


def delete_due(conn: Connection, agreement: str, limit: int, at: datetime) -> tuple[UUID, ...]:
    """Take up to `limit` notes that are ready and that nobody else is taking; oldest first."""
    # By the place of each row: the table is empty one moment and full the next, so a plan made by its statistics may
    # compare every note with every other. A row that is locked stays in its place.
    rows = conn.execute(
        "DELETE FROM sharing.due WHERE ctid = ANY (ARRAY("
        " SELECT ctid FROM sharing.due AS d WHERE agreement = %s AND not_before <= %s"
        # While a recall is open nothing new goes: what is to be given back and what is new would be mixed up. What is only
        # to be put right is held by the recipient still, and what follows is what is right, or that it is to let go.
        " AND NOT EXISTS (SELECT FROM exchange.open_recall AS r WHERE r.person = d.person AND r.agreement = d.agreement"
        " AND r.ground <> 'rectification')"
        " ORDER BY not_before, person LIMIT %s FOR UPDATE OF d SKIP LOCKED))"
        " RETURNING person",
        (agreement, at, limit),
    ).fetchall()
    return tuple(dict.fromkeys(_uuid(row[0]) for row in rows))


def _uuid(value: object) -> UUID:
    if not isinstance(value, UUID):
        raise TypeError("a person that is no UUID")
    return value
