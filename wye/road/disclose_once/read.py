"""Open what is stored of one-off disclosures: whoever shows any of it writes the entry of the look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from wye.errors import UsageError
from wye.keys.rows import unseal_values
from wye.road.admit import admit_work
from wye.road.disclose_once import entries, rows
from wye.road.disclose_once import request as requests
from wye.road.disclose_once.package import Package, Told
from wye.road.disclose_once.request import Request
from wye.road.hub import Hub
from wye.sharing.one_off import Fact


@dataclass(frozen=True, slots=True)
class Said:
    """Hold a decision, opened."""

    row: rows.DecisionRow
    reasons: str
    overrides: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold a request with what came of it. `package` is what was handed over, if its values were asked for."""

    id: UUID
    noted_by: str
    noted_at: datetime
    emergency: bool
    request: Request
    decision: Said | None
    reviews: tuple[tuple[rows.ReviewRow, str], ...]
    """With their reasons, oldest first."""
    package: Package | None


def show(hub: Hub, number: UUID, *, values: bool) -> Opened:
    """Show a request, the decision on it and its reviews; with `values`, what was handed over. On the record first."""
    admit_work(hub, read_request(hub, number).persons, "disclose show")
    at = hub.at()
    with hub.conn.transaction():
        opened = open_request(hub, number, values=values)
        entries.note(hub, opened.request, number, at, "disclose show", "values" if values else "words")
    return opened


def open_request(hub: Hub, number: UUID, *, values: bool) -> Opened:
    """Open all that is stored of a request; raises UsageError if there is none, or nobody can read it any more."""
    row = _row(hub, number)
    request = read_request(hub, number)
    decided = rows.decision_of(hub.conn, number)
    if decided is None:
        return Opened(number, row.noted_by, row.noted_at, row.emergency, request, None, (), None)
    said = orjson.loads(_opened(hub, {decided.id: decided.ciphertext})[decided.id])
    reviews = rows.reviews_of(hub.conn, decided.id)
    words = _opened(hub, {each.id: each.ciphertext for each in reviews})
    return Opened(
        number,
        row.noted_by,
        row.noted_at,
        row.emergency,
        request,
        Said(decided, said["reasons"], said["overrides"]),
        tuple((each, words[each.id].decode()) for each in reviews),
        _package(hub, number, request, decided) if values else None,
    )


def read_request(hub: Hub, number: UUID) -> Request:
    """Open a request; raises UsageError if there is none, or nobody can read it any more."""
    return requests.read(_opened(hub, {number: _row(hub, number).ciphertext})[number])


def given_to(hub: Hub, number: UUID) -> dict[int, tuple[Fact, ...]]:
    """Open what a request's recipient was handed, by the person's place; what was destroyed is not in it."""
    decided = rows.decision_of(hub.conn, number)
    package = _package(hub, number, read_request(hub, number), decided) if decided is not None else None
    return {each.place: each.facts for each in package.told} if package is not None else {}


def _row(hub: Hub, number: UUID) -> rows.RequestRow:
    row = rows.request_of(hub.conn, number)
    if row is None:
        raise UsageError(f"no request `{number}`; `wye disclose list` names them")
    return row


def _package(hub: Hub, number: UUID, request: Request, decided: rows.DecisionRow) -> Package | None:
    given = rows.given_of(hub.conn, decided.id)
    if not given:
        return None
    bodies = unseal_values(hub.conn, hub.keys, {each.id: each.ciphertext for each in given})
    told = tuple(Told(each.place, _facts(bodies[each.id])) for each in given if each.id in bodies)
    return Package(number, request, hub.settings.council, decided.decided_by, decided.decided_at, told)


def _facts(body: bytes) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            each["entity"], each["row"], each["field"], each["value"], each["source"],
            datetime.fromisoformat(each["observed_at"]), UUID(each["record"]),
        )
        for each in orjson.loads(body)
    )  # fmt: skip


def _opened(hub: Hub, sealed: Mapping[UUID, bytes]) -> dict[UUID, bytes]:
    bodies = unseal_values(hub.conn, hub.keys, sealed)
    if len(bodies) != len(sealed):
        raise UsageError("this can no longer be read: what was held about its people was destroyed")
    return bodies
