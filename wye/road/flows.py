"""Say under which agreements something of people came in or went out, for the entries of what happens under none.

An alteration, a combination, an erasure or a look at a person belongs to no agreement; the Data Protection Act 2018
section 62 asks for a log of them where a competent authority's data are processed. So their entries name the flows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import LiteralString, cast
from uuid import UUID

from wye.audit.event import Event
from wye.store.database import Connection

FLOWS: LiteralString = """SELECT person, array_agg(DISTINCT agreement ORDER BY agreement) FROM (
 SELECT l.person, r.agreement FROM identity.person_link AS l
  JOIN canonical.row AS r ON r.subject = l.record AND r.superseded_at IS NULL
  WHERE l.person = ANY(%(people)s) AND l.superseded_at IS NULL AND r.agreement IS NOT NULL
 UNION SELECT o.person, o.agreement FROM exchange.outbox AS o
  WHERE o.person = ANY(%(people)s) AND o.state IN ('published', 'delivered')) AS u GROUP BY person"""


def flows_of(conn: Connection, people: Sequence[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """Give the agreements of each person that has any, sorted: what was received about them and is held, and what was sent."""
    found = cast("list[tuple[UUID, list[str]]]", conn.execute(FLOWS, {"people": list(people)}).fetchall())
    return {person: tuple(agreements) for person, agreements in found}


def all_flows(conn: Connection, people: Sequence[UUID]) -> tuple[str, ...]:
    """Give the agreements of all these people together, sorted."""
    return tuple(sorted({each for agreements in flows_of(conn, people).values() for each in agreements}))


def with_flows(conn: Connection, events: Sequence[Event]) -> list[Event]:
    """Name in each event about a person the flows of that person."""
    flows = flows_of(conn, [each.person for each in events if each.person is not None])
    return [replace(each, flows=flows.get(each.person, ())) if each.person is not None else each for each in events]
