"""Read what is known of persons: every source's word, best first."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import LiteralString, cast
from uuid import UUID

import orjson
from psycopg.types.json import set_json_loads

from schemas.catalogue import MARKS, TIES
from wye.identity.accepted import Accepted, accepted_of, weighed_with
from wye.identity.contested import doubted
from wye.identity.survivorship import rank, rank_rows
from wye.store.database import Connection
from wye.store.known import Candidate, KnownRow, PersonKnown

Row = tuple[UUID, UUID, str, str, str, datetime, str | None, Mapping[str, object]]
"""person, record, entity, source, controller, observed_at, agreement, body."""

MARKED = {marked: mark for mark, marked in MARKS.items()}
VERIFIED = "01"
"""UK Core NHSNumberVerificationStatusEngland: number present and verified."""

KNOWN = """SELECT person, record, entity, source, controller, observed_at, agreement, body FROM identity.person_row
WHERE person = ANY(%s)"""
ATTRIBUTES = KNOWN + " AND entity = 'person'"


def candidates(conn: Connection, persons: Sequence[UUID]) -> Iterator[PersonKnown]:
    """Read a batch of persons in one round trip; one without records is known by nothing. In order of person."""
    yield from _read(conn, persons, KNOWN)


def attributes(conn: Connection, persons: Sequence[UUID]) -> Iterator[PersonKnown]:
    """Read a batch of persons without the rows of other entities."""
    yield from _read(conn, persons, ATTRIBUTES)


def _read(conn: Connection, persons: Sequence[UUID], statement: LiteralString) -> Iterator[PersonKnown]:
    by_person: dict[UUID, list[Row]] = {person: [] for person in sorted(set(persons), key=attrgetter("int"))}
    with conn.cursor(binary=True) as cursor:
        set_json_loads(orjson.loads, cursor)
        for row in cast("list[Row]", cursor.execute(statement, (list(by_person),)).fetchall()):
            by_person[row[0]].append(row)
    accepted = accepted_of(conn, list(by_person))
    for person, found in by_person.items():
        yield weighed_up(person, found, accepted.get(person, ()))


def weighed_up(person: UUID, found: Sequence[Row], accepted: Sequence[Accepted]) -> PersonKnown:
    """Weigh what rows say of a person, and what stewards found right, one for an attribute."""
    attributes: dict[str, list[Candidate]] = defaultdict(list)
    others: dict[str, list[KnownRow]] = defaultdict(list)
    for _, record, entity, source, controller, observed_at, agreement, body in found:
        values = body if TIES.isdisjoint(body) else {key: value for key, value in body.items() if key not in TIES}
        if entity != "person":
            others[entity].append(KnownRow(values, source, record, controller, observed_at, agreement))
            continue
        for name, value in values.items():
            if value is not None and value != "" and name not in MARKS:
                verified = name in MARKED and values.get(MARKED[name]) == VERIFIED
                attributes[name].append(Candidate(value, source, record, controller, observed_at, agreement, verified))
    for one in accepted:
        attributes[one.attribute] = weighed_with(one, attributes.get(one.attribute, []))
    return PersonKnown(
        person,
        {name: doubted(name, rank(weighed, "person", name)) for name, weighed in sorted(attributes.items())},
        {entity: rank_rows(entity, rows) for entity, rows in sorted(others.items())},
    )
