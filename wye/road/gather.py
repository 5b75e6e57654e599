"""Gather what a decision about people may look at, in a few round trips for all of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from wye.consent.rows import consents_of
from wye.identity.known import candidates
from wye.intake.pending_rows import of_persons
from wye.road.hub import Hub
from wye.road.protections import protections_of
from wye.sharing.facts import Facts, facts_of, onward_parties


def gather(hub: Hub, persons: Sequence[UUID], at: datetime) -> Iterator[Facts]:
    """Give the facts person by person, in order of person: what is known, consents, what waits, what protects them."""
    pending = of_persons(hub.conn, persons)
    held = consents_of(hub.conn, persons)
    protections = protections_of(hub.conn, persons)
    onward = onward_parties(each.agreement for each in hub.agreements.values())
    for known in candidates(hub.conn, persons):
        who = known.person
        yield facts_of(known, held.get(who), onward, pending.get(who), at, protections.get(who))
