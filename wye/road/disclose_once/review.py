"""Review a decision on a one-off disclosure: another account than the decider's, within 24 hours."""

from typing import Literal
from uuid import UUID

from wye.errors import UsageError
from wye.reason import says_nothing
from wye.road.admit import admit_work
from wye.road.disclose_once import entries, rows
from wye.road.disclose_once.decide import seal_for
from wye.road.disclose_once.read import read_request
from wye.road.hub import Hub
from wye.store.ids import uuid7

Finding = Literal["right", "wrong"]
MANY = 1000


def review(hub: Hub, number: UUID, finding: Finding, reason: str) -> None:
    """Say whether a decision was right; raises UsageError to the account that decided, or without a reason.

    That it was wrong undoes nothing by itself: what went is called back by `wye feeds recall`.
    """
    if says_nothing(reason):
        raise UsageError("a review needs its reasons, by `--reason`: what you looked at, and what is to follow")
    admit_work(hub, read_request(hub, number).persons, "disclose review")
    at = hub.at()
    with hub.conn.transaction():
        rows.hold_still(hub.conn, number)
        request = read_request(hub, number)
        decided = rows.decision_of(hub.conn, number)
        if decided is None:
            raise UsageError(f"request `{number}` is not decided yet; `wye disclose decide` decides")
        if decided.decided_by == hub.actor:
            raise UsageError(f"`{hub.actor}` decided on this: another account reviews it")
        value = uuid7()
        ciphertext = seal_for(hub, value, request.persons, reason.strip().encode())
        rows.insert_review(
            hub.conn, rows.ReviewRow(value, decided.id, decided.decided_by, finding, hub.actor, at, ciphertext)
        )
        entries.note(hub, request, number, at, "disclose review", finding)
