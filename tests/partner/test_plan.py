"""Test what a batch changes, against a naive reference, without broker or database."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from wye.partner.attributes import Attributes
from wye.partner.envelope_reader import FeedMessage, body_hash
from wye.partner.plan import Opened, plan
from wye.partner.receipt import Refusal
from wye.vocabulary import MessageKind


def _message(subject: str, sequence: int, kind: str = "put", body: bytes = b"{}", number: int | None = None) -> Opened:
    identity = UUID(int=(number if number is not None else sequence) + 1000 * ord(subject[0]))
    attributes = Attributes(identity, "/x", MessageKind(kind), "2026-11-02T09:00:00Z", subject, "care", "1", sequence)
    message = FeedMessage(attributes, "00", "application/json", body, signed=False)
    return Opened(message, {}, b"", body_hash(body))


def _sequences(messages: list[Opened]) -> list[tuple[str, int]]:
    return [(m.message.attributes.subject, m.message.attributes.sequence) for m in messages]


def test_plan_gap_holds_back_its_subject_and_nobody_else():
    done = plan({"b": 4}, set(), [_message("a", 2), _message("b", 5), _message("a", 3)])

    assert _sequences(done.applied) == [("b", 5)]
    assert _sequences(done.waiting) == [("a", 2), ("a", 3)]
    assert done.positions == {"b": 5}


def test_plan_void_closes_the_gap_and_changes_nothing_held():
    done = plan({}, set(), [_message("a", 2), _message("a", 1, "void")])

    assert _sequences(done.applied) == [("a", 1), ("a", 2)]
    assert done.positions == {"a": 2}
    assert _sequences([m for m in done.held.values() if m]) == [("a", 2)]


def test_plan_withdraw_lets_go_and_a_later_put_holds_again():
    gone = plan({"a": 1}, set(), [_message("a", 2, "withdraw", b"")])
    back = plan({"a": 1}, set(), [_message("a", 2, "withdraw", b""), _message("a", 3)])

    assert gone.held == {("care", "a"): None}
    assert _sequences([m for m in back.held.values() if m]) == [("a", 3)]


def test_plan_message_seen_before_is_receipted_and_changes_nothing():
    message = _message("a", 1)

    done = plan({"a": 1}, {message.message.attributes.id}, [message])

    assert done.again == [message.message.attributes.id]
    assert not done.applied
    assert not done.held


def test_plan_older_number_under_another_id_is_refused_as_stale():
    done = plan({"a": 5}, set(), [_message("a", 3, number=77)])

    assert [reason for _, reason in done.refused] == [Refusal.STALE]
    assert not done.held


def test_plan_unreadable_body_is_refused_and_its_number_is_closed():
    done = plan({}, set(), [_message("a", 1, body=b"{"), _message("b", 1, body=b'"\0"'), _message("a", 2)])

    assert [reason for _, reason in done.refused] == [Refusal.UNREADABLE, Refusal.UNREADABLE]
    assert _sequences(done.applied) == [("a", 2)]
    assert done.positions == {"a": 2, "b": 1}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 6)), max_size=40), st.integers(1, 7))
def test_plan_any_order_and_repeats_in_any_batches_end_as_if_in_order(arrivals, size):
    known: set[UUID] = set()
    positions: dict[str, int] = {}
    held: dict[tuple[str, str], Opened | None] = {}
    waiting: list[Opened] = []
    applied: list[tuple[str, int]] = []
    for start in range(0, len(arrivals), size):
        batch = [_message(s, n) for s, n in arrivals[start : start + size]]
        done = plan(positions, known, batch + waiting)
        known |= {m.message.attributes.id for m in done.applied}
        positions |= done.positions
        held |= done.held
        waiting = done.waiting
        applied += _sequences(done.applied)

    assert len(applied) == len(set(applied))
    for subject in "abc":
        got = {n for s, n in arrivals if s == subject}
        reach = next(n for n in range(8) if n + 1 not in got)
        assert [n for s, n in applied if s == subject] == list(range(1, reach + 1))
        current = held.get(("care", subject))
        assert (current.message.attributes.sequence if current else 0) == reach
    assert set(_sequences(waiting)) == set(arrivals) - set(applied)
