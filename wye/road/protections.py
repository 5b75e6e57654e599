"""Fetch what protects people beyond their own flags, for a decision; and mark whom it also concerns due."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wye.identity.guarded import relations_guarded, relations_of_guarded
from wye.road.hub import Hub
from wye.sharing.due import mark_due
from wye.sharing.restriction_rows import EVERYONE, PARTY, standing
from wye.store.database import Connection
from wye.store.protections import Protections


def protections_of(conn: Connection, persons: Sequence[UUID]) -> dict[UUID, Protections]:
    """Give what staff restricted about each person, and which of their relations have a safe-address flag."""
    relations = relations_guarded(conn, persons)
    everyone: set[UUID] = set()
    parties: dict[UUID, set[str]] = {}
    for each in standing(conn, persons):
        if each.against == EVERYONE:
            everyone.add(each.person)
        elif each.against == PARTY and each.name is not None:
            parties.setdefault(each.person, set()).add(each.name)
    return {
        person: Protections(person in everyone, frozenset(parties.get(person, ())), relations[person])
        for person in persons
    }


def mark_with_relations(hub: Hub, persons: Sequence[UUID], cause: str, at: datetime) -> int:
    """Mark persons due under every feed, and whoever's address may be one with theirs: what is told of them may change."""
    relations = relations_of_guarded(hub.conn, persons)
    return mark_due(hub.conn, hub.feeds, sorted({*persons, *relations}), cause, at)
