"""Slips: each changes a word as its kind does, and breaks nothing else."""

from random import Random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.county import slips

WORDS = st.text(st.characters(categories=("Ll", "Lu")), min_size=2, max_size=30)
CHANCES = st.integers(0, 2**32).map(Random)


@given(word=WORDS, rng=CHANCES)
def test_keyboard_typo_keeps_the_first_letter_and_about_the_length(word: str, rng: Random):
    slipped = slips.keyboard_typo(rng, word)

    assert slipped[0] == word[0]
    assert abs(len(slipped) - len(word)) <= 1
    assert slipped != word


@given(rng=CHANCES, number=st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_digit_slip_changes_exactly_one_digit(rng: Random, number: str):
    slipped = slips.digit_slip(rng, number)

    assert sum(one != other for one, other in zip(number, slipped, strict=True)) == 1


@pytest.mark.parametrize(
    ("word", "plain"),
    [("Wójcik", "Wojcik"), ("Michał", "Michal"), ("Siân", "Sian"), ("Llŷr", "Llyr"), ("Smith", "Smith")],
)
def test_without_diacritics_is_ascii(word: str, plain: str):
    assert slips.without_diacritics(word) == plain


@given(rng=CHANCES)
def test_phone_formats_all_mean_the_same_number(rng: Random):
    written = slips.phone_format(rng, "07700212345")

    parsed = phonenumbers.parse(written, "GB")
    assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == "+447700212345"


def test_street_abbreviated_shortens_the_last_word_only():
    assert slips.street_abbreviated("Street Lane Road") == "Street Lane Rd"
    assert slips.street_abbreviated("Castle Hill") == "Castle Hill"
