"""Say by which relationships an account is tied to a person, as the systems tell it: pure.

A system that names a worker of the account as involved now makes them the allocated worker; one that names their team says
that they work in the team that looks after the person. What somebody says of themselves counts for nothing here.
"""

from collections.abc import Sequence

from wye.agreements.words import Relationship
from wye.sharing.lasting import lasts
from wye.store.known import PersonKnown


def relationships(
    known: PersonKnown, workers: Sequence[str], teams: Sequence[str], day: str
) -> frozenset[Relationship]:
    """Read them from the involvements that last on a day (ISO text); names of workers and teams as systems write them."""
    found: set[Relationship] = set()
    for row in known.rows.get("involvement", ()):
        if not lasts("involvement", row.values, day):
            continue
        if row.values.get("worker") in workers:
            found |= {Relationship.ALLOCATED_WORKER, Relationship.CARES_FOR_THE_PERSON}
        if row.values.get("team") in teams:
            found.add(Relationship.CARES_FOR_THE_PERSON)
    return frozenset(found)
