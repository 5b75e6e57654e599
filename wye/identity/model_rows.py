"""Read and write versions of the linkage model, and which of them was put in force by whom and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString, cast
from uuid import UUID

import orjson

from wye.identity import model
from wye.store.database import Connection
from wye.store.ids import uuid7

State = Literal["candidate", "in force", "retired"]

IN_FORCE: LiteralString = """SELECT m.parameters FROM identity.model_use u LEFT JOIN identity.model m ON m.id = u.model
ORDER BY u.number DESC LIMIT 1"""

# Each version with its newest use; the newest use of all says which is in force.
VERSIONS: LiteralString = """SELECT m.id, m.trained_at, m.records, m.parameters,
 CASE WHEN u.number IS NULL THEN 'candidate' WHEN u.number = (SELECT max(number) FROM identity.model_use) THEN 'in force'
 ELSE 'retired' END, u.actor, u.reason, u.at
FROM identity.model m LEFT JOIN LATERAL (
 SELECT * FROM identity.model_use x WHERE x.model = m.id ORDER BY number DESC LIMIT 1) u ON true
WHERE %(id)s::uuid IS NULL OR m.id = %(id)s ORDER BY m.id"""


@dataclass(frozen=True, slots=True)
class Version:
    """Hold one version: what it was learnt from, whether it is in force, and who last put it in force and why."""

    id: UUID
    trained_at: datetime
    records: int
    parameters: model.Parameters
    state: State
    put_in_force_by: str | None
    reason: str | None
    put_in_force_at: datetime | None


def in_force(conn: Connection) -> model.Parameters:
    """Read the parameters to weigh by: those of the version that somebody chose, or those that come with Wye.

    A version that was learnt for what another release compares cannot serve this one: then it is the shipped one too.
    """
    found = cast("tuple[dict[str, Any] | None] | None", conn.execute(IN_FORCE).fetchone())
    known = found[0] if found else None
    return known if known is not None and model.fits(known) else model.shipped()


def versions(conn: Connection, version: UUID | None = None) -> list[Version]:
    """Read all versions, oldest first, or the one that is asked for."""
    found = conn.execute(VERSIONS, {"id": version}).fetchall()
    return [Version(*row) for row in cast("list[tuple[Any, ...]]", found)]


def shipped_is_in_force(conn: Connection) -> bool:
    """Tell whether it is the model that comes with Wye by which links are weighed."""
    return in_force(conn) is model.shipped()


def keep(conn: Connection, parameters: Mapping[str, Any], at: datetime) -> UUID:
    """Keep a version that was learnt, as a candidate."""
    version = uuid7()
    body = orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS).decode()
    conn.execute("INSERT INTO identity.model VALUES (%s, %s, %s, %s)", (version, at, parameters["records"], body))
    return version


def use(conn: Connection, version: UUID | None, actor: str, reason: str, at: datetime) -> None:
    """Put a version in force, or with none the model that comes with Wye."""
    conn.execute(
        "INSERT INTO identity.model_use (model, actor, reason, at) VALUES (%s, %s, %s, %s)",
        (version, actor, reason, at),
    )
