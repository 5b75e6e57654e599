"""Assigning persons: the older stays, a human's link holds, and doing it twice changes nothing."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from wye.identity.assign import Changes, Group, Link, assign

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
OLD, NEW = UUID(int=100), UUID(int=200)


def record(n: int) -> UUID:
    return UUID(int=n)


def group(*numbers: int) -> Group:
    return Group(tuple(record(n) for n in sorted(numbers)), {}, {})


def link(person: UUID, kind: str = "auto") -> Link:
    return Link(person, kind, SINCE + timedelta(days=person.int))


def minting():
    numbers = count(1000)
    return lambda: UUID(int=next(numbers))


def after(changes: Changes, links: dict[UUID, Link]) -> dict[UUID, Link]:
    return links | {move.record: link(move.after, move.kind) for move in changes.moves}


def test_new_records_in_one_group_get_one_new_person():
    changes = assign([group(1, 2)], {}, minting())

    assert len(changes.new) == 1
    assert {move.after for move in changes.moves} == set(changes.new)
    assert changes.events == ()


def test_two_persons_found_to_be_one_become_the_older():
    changes = assign([group(1, 2, 3)], {record(1): link(NEW), record(2): link(OLD)}, minting())

    assert {(move.record, move.after) for move in changes.moves} == {(record(1), OLD), (record(3), OLD)}
    assert [(event.kind, event.kept, event.other, event.records) for event in changes.events] == [
        ("merge", OLD, NEW, (record(1),))
    ]


def test_person_that_falls_apart_stays_with_most_records():
    links = {record(n): link(OLD) for n in (1, 2, 3)}

    changes = assign([group(1), group(2, 3)], links, minting())

    (move,) = changes.moves
    assert move.record == record(1)
    assert [(event.kind, event.kept, event.other) for event in changes.events] == [("unmerge", OLD, move.after)]


def test_verified_link_keeps_its_person_although_another_is_older():
    links = {record(1): link(NEW, "verified"), record(2): link(OLD)}

    changes = assign([group(1, 2)], links, minting())

    assert [(move.record, move.after) for move in changes.moves] == [(record(2), NEW)]


def test_record_that_left_its_source_follows_its_person():
    links = {record(1): link(NEW), record(2): link(OLD), record(9): link(NEW)}

    changes = assign([group(1, 2)], links, minting())

    assert {(move.record, move.after) for move in changes.moves} == {(record(1), OLD), (record(9), OLD)}


@given(
    st.lists(st.integers(0, 4), min_size=8, max_size=8),
    st.dictionaries(st.integers(0, 7), st.tuples(st.integers(1, 4), st.sampled_from(["auto", "system"])), max_size=8),
)
def test_assign_of_anything_gives_each_group_its_own_person_and_again_changes_nothing(labels, held):
    groups = [group(*(n for n in range(8) if labels[n] == label)) for label in sorted(set(labels))]
    links = {record(n): link(UUID(int=100 * person), kind) for n, (person, kind) in held.items()}

    done = after(assign(groups, links, minting()), links)

    persons = [{done[one].person for one in each.records} for each in groups]
    assert all(len(each) == 1 for each in persons)
    assert len(set.union(*persons)) == len(groups)
    assert assign(groups, done, minting()) == Changes((), (), ())
