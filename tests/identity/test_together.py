"""When two were one: the stretches that lead without a gap to their parting."""

from datetime import timedelta

from canonical_people import AT, later

from wye.identity.together import Window, unbroken
from wye.store.ids import uuid7

A, B = uuid7(), uuid7()


def test_stretches_under_two_persons_hang_together_up_to_the_parting():
    inner, outer, after = Window(A, later(0), later(2)), Window(B, later(2), later(3)), Window(A, later(3), later(5))

    assert unbroken([after, inner, outer]) == [after, outer, inner]


def test_what_was_parted_before_is_another_story():
    old, new = Window(A, later(0), later(1)), Window(A, later(2), later(4))

    assert unbroken([old, new]) == [new]


def test_stretches_of_several_records_with_one_person_are_one():
    parts = [Window(A, later(1), later(4)), Window(A, later(0), later(4)), Window(A, later(3), later(4))]

    assert unbroken(parts) == [Window(A, later(0), later(4))]
    assert unbroken([]) == []


def test_gap_of_a_microsecond_is_a_gap():
    tick = timedelta(microseconds=1)

    assert unbroken([Window(A, AT, later(1)), Window(B, later(1) + tick, later(2))]) == [
        Window(B, later(1) + tick, later(2))
    ]
