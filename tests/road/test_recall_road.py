"""A recall goes the whole road to the example partners: under an agreement in force, and under one that no longer is."""

import pytest
from journey import consume

from wye.demo.stage import Stage
from wye.road.hub import Hub
from wye.road.recall import rows
from wye.road.recall.send import Wanted, recall
from wye.road.receipts import receipts
from wye.road.relay import relay
from wye.road.sequence import sequence
from wye.road.share import share
from wye.vocabulary import RecallGround

pytestmark = pytest.mark.services
FEED = "adult-care-acute"
WHO = ("the person", "request 2026-17")


def holders(hub: Hub) -> list[rows.Held]:
    return rows.held(hub.conn, agreement=FEED)


def answers(hub: Hub, recalled: rows.Held) -> list[str | None]:
    return [line.answer for line in rows.lines(hub.conn) if line.person == recalled.person and line.agreement == FEED]


def test_recall_under_an_agreement_in_force_is_answered_and_what_may_go_follows_only_when_it_is_due(
    stage: Stage, walked: Hub
) -> None:
    first = holders(walked)[0]
    recall(walked, Wanted(person=first.person, agreement=FEED), RecallGround.SENT_IN_ERROR, *WHO)
    sequence(walked)

    share(walked, FEED)
    relay(walked, FEED)
    consume(stage)
    done = receipts(walked)

    assert done.answered == 1
    assert answers(walked, first) == ["deleted"]
    assert first not in holders(walked)
    assert share(walked, FEED).released == 0


def test_recall_under_an_agreement_that_is_no_longer_in_force_is_sent_all_the_same(stage: Stage, walked: Hub) -> None:
    second = holders(walked)[0]
    walked.agreements = {name: one for name, one in walked.agreements.items() if name != FEED}
    walked.refused = {FEED: "suspended"}
    recall(walked, Wanted(person=second.person, agreement=FEED), RecallGround.ERASURE, *WHO)
    sequence(walked)

    receipts(walked)
    consume(stage)
    done = receipts(walked)

    assert done.answered == 1
    assert answers(walked, second) == ["deleted"]
    assert second not in holders(walked)
    assert rows.stranded(walked.conn) == set()
