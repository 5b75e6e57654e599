"""Weigh what a steward found right: a decision that stands above every source until they agree or it is withdrawn.

A correction goes with the record whose value was accepted (or, for a typed value, one record of the person), so it
follows that record through merges and their undoing. Where two have come together, the later word counts.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, LiteralString, cast
from uuid import UUID

from wye.store.database import Connection
from wye.store.known import Candidate

STEWARD = "steward"
"""The source of what Wye's own stewards say: a typed value, and the fact that there is a correction."""

FOUND_WRONG = "a steward found another value right"

# Corrections are few, and mostly there are none: they are read first, and only their own records are looked up after.
OPEN = "SELECT id, record, attribute, value, typed, controller, accepted_at FROM identity.correction WHERE ended_at IS NULL"
PERSONS = "SELECT record, person FROM identity.person_link WHERE superseded_at IS NULL AND record = ANY(%s)"

SAYS: LiteralString = (
    "(r.body -> o.attribute = o.value OR r.body ->> o.attribute = upper(o.value #>> '{}')"
    " OR upper(r.body ->> o.attribute) = o.value #>> '{}')"
)
"""What `says` tells, in SQL, of a canonical row `r` and a correction `o`."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Hold one correction that counts. Most sensitive class: identifier."""

    id: UUID
    attribute: str
    value: object
    typed: bool
    controller: str
    at: datetime


def accepted_of(conn: Connection, persons: Sequence[UUID]) -> dict[UUID, list[Accepted]]:
    """Read what stewards found right about persons, one for an attribute: the latest."""
    latest: dict[UUID, dict[str, Accepted]] = defaultdict(dict)
    for person, accepted in sorted(open_of_persons(conn, persons), key=lambda each: (each[1].at, each[1].id)):
        latest[person][accepted.attribute] = accepted
    return {person: list(found.values()) for person, found in latest.items()}


def open_of_persons(conn: Connection, persons: Sequence[UUID]) -> list[tuple[UUID, Accepted]]:
    """Read every correction that counts for these persons."""
    found = cast("list[Any]", conn.execute(OPEN).fetchall())
    if not found:
        return []
    wanted = set(persons)
    links = dict(cast("list[Any]", conn.execute(PERSONS, ([row[1] for row in found],)).fetchall()))
    return [
        (links[record], Accepted(number, attribute, value, typed, controller, at))
        for number, record, attribute, value, typed, controller, at in found
        if links.get(record) in wanted
    ]


def says(value: object, right: object) -> bool:
    """Tell whether a system says a value: the very one, or it written in capitals, as some systems hold every name."""
    if not (isinstance(value, str) and isinstance(right, str)):
        return value == right
    return value == right or value == right.upper() or value.upper() == right


def weighed_with(accepted: Accepted, said: Sequence[Candidate]) -> list[Candidate]:
    """Mark each source's candidate by what a steward found: right, or not to be released; add the value if it was typed.

    Where all sources say it by now, the decision no longer changes anything, and nothing is marked.
    """
    if said and all(says(one.value, accepted.value) for one in said):
        return list(said)
    marked = [_marked(one, accepted.value) for one in said]
    if accepted.typed:
        typed = Candidate(accepted.value, STEWARD, accepted.id, accepted.controller, accepted.at, None, accepted=True)
        marked.append(typed)
    return marked


def _marked(one: Candidate, right: object) -> Candidate:
    if one.value == right:
        return replace(one, accepted=True)
    return one if says(one.value, right) else replace(one, doubt=FOUND_WRONG)
