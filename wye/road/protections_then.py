"""Fetch what protected a person beyond their own flags at an instant: as wye.road.protections does now."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wye.identity.guarded_then import relations_guarded_then
from wye.sharing.restriction_rows import EVERYONE, PARTY, stood
from wye.store.database import Connection
from wye.store.protections import Protections


def protections_then(conn: Connection, person: UUID, records: Sequence[UUID], at: datetime) -> Protections:
    """Give what staff had restricted, and which relations had a safe-address flag, by the records that were theirs then."""
    found = stood(conn, person, records, at)
    return Protections(
        any(against == EVERYONE for against, _ in found),
        frozenset(name for against, name in found if against == PARTY and name is not None),
        relations_guarded_then(conn, person, records, at),
    )
