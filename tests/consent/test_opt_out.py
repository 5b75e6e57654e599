"""The file of the national data opt-out: who is not named in the answer to this very question is not used."""

import re
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.consent.opt_out import file_name, names, question, read, write
from wye.county.identifiers import nhs_number
from wye.errors import BadInput, UsageError

SOME = [nhs_number(7, index) for index in range(60)]
numbers = st.lists(st.sampled_from(SOME), unique=True)
none_of_these = st.sampled_from([None, "", "0000000000", "1111111111", "9434765918", "94347659190", "x" * 10])


@given(numbers, st.lists(none_of_these), st.randoms())
def test_question_holds_each_number_once_sorted_whatever_the_order(
    asked: list[str], others: list[str | None], random: Random
) -> None:
    held = [*asked, *others, *asked]
    random.shuffle(held)

    assert question(held) == question(asked)
    assert question(held).numbers == tuple(sorted(asked))


@given(numbers)
def test_file_is_a_number_a_comma_and_a_line_feed_and_reads_back(asked: list[str]) -> None:
    written = write(question(asked))

    assert len(written) == 12 * len(asked)
    assert re.fullmatch(rb"([0-9]{10},\n)*", written)
    assert read(written, question(asked)) == set(asked)


@given(numbers, st.data())
def test_answer_gives_just_those_that_it_names_in_any_order(asked: list[str], data: st.DataObject) -> None:
    kept = data.draw(st.permutations([each for each in asked if data.draw(st.booleans())]))
    answer = "".join(f"{each},\n" for each in kept).encode()

    assert read(answer, question(asked)) == set(kept)


@given(numbers, numbers)
def test_only_who_has_a_number_and_each_of_them_cleared_is_named(held: list[str], cleared: list[str]) -> None:
    assert names(frozenset(cleared), [*held, "no number"]) == (bool(held) and set(held) <= set(cleared))
    assert not names(frozenset(cleared), ["", "1111111111"])


@given(numbers, st.sampled_from(SOME), st.sampled_from(["{} {} {}", "{}-{}-{}", " {}{}{}", "{}\u2011{}\u2011{}"]))
def test_number_that_is_held_with_spaces_or_hyphens_is_asked_about_and_has_to_be_named_too(
    others: list[str], number: str, way: str
) -> None:
    written = way.format(number[:3], number[3:6], number[6:])
    first = next(each for each in SOME if each != number)

    assert question([*others, written]) == question([*others, number])
    assert not names(frozenset({first}), [first, written])
    assert names(frozenset({first, number}), [first, written])


@given(numbers, st.sampled_from(SOME))
def test_answer_to_another_question_is_refused_whole_without_telling_a_number(asked: list[str], foreign: str) -> None:
    others = [each for each in asked if each != foreign]
    answer = write(question([*others, foreign]))

    with pytest.raises(BadInput, match="not asked about") as caught:
        read(answer, question(others))
    assert not re.search(r"[0-9]{9}", str(caught.value))


@given(numbers.filter(bool), st.integers(min_value=1, max_value=11))
def test_answer_that_is_cut_off_inside_a_line_is_refused(asked: list[str], cut: int) -> None:
    with pytest.raises(BadInput, match="cut off"):
        read(write(question(asked))[:-cut], question(asked))


@given(numbers.filter(bool), st.data())
def test_answer_with_any_byte_altered_never_uses_more_than_was_asked(asked: list[str], data: st.DataObject) -> None:
    answer = bytearray(write(question(asked)))
    place = data.draw(st.integers(0, len(answer) - 1))
    answer[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(BadInput) as caught:  # one digit altered is no number that was asked about: check digits
        read(bytes(answer), question(asked))
    assert not re.search(r"[0-9]{9}", str(caught.value))


@pytest.mark.parametrize(
    "answer",
    [f"{SOME[0]}\n", f"{SOME[0]},\r\n", f" {SOME[0]},\n", "\n", f"nhs_number,\n{SOME[0]},\n", f"{SOME[0]},Y\n"],
)
def test_answer_in_another_layout_is_refused(answer: str) -> None:
    with pytest.raises(BadInput, match=r"line 1: a line is ten digits"):
        read(answer.encode(), question(SOME))


def test_number_that_stands_twice_is_refused() -> None:
    with pytest.raises(BadInput, match="line 2: a number stands there twice"):
        read(f"{SOME[0]},\n{SOME[0]},\n".encode(), question(SOME))


def test_empty_answer_uses_nobody() -> None:
    assert read(b"", question(SOME)) == frozenset()


def test_file_is_named_by_mailbox_day_and_number_in_the_month() -> None:
    assert file_name("X26OT001", date(2026, 6, 3), 1) == "X26OT001-030626-0001.dat"


@pytest.mark.parametrize(
    ("mailbox", "sequence"), [("x26ot001", 1), ("../X26OT", 1), ("X26OT001", 0), ("X26OT001", 10000)]
)
def test_name_that_the_exchange_would_not_take_is_refused(mailbox: str, sequence: int) -> None:
    with pytest.raises(UsageError):
        file_name(mailbox, date(2026, 6, 3), sequence)
