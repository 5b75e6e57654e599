"""Conflicts: twins, fathers and sons, sealed identities and different numbers stay apart; slips do not object."""

from dataclasses import replace
from uuid import UUID

import pytest

from wye.identity.conflict import Traits, birth_dates_differ, conflict, edits, given_names_differ

MARY = Traits("frameworki", "MARY", "MARY", None, "ASHDOWN", "1950-03-07", None, sealed=False)
FIRST, SECOND = "9990000018", "9990000026"


def verdict(other: Traits, base: Traits = MARY, *, marked: bool = False) -> str | None:
    forth, back = conflict(base, other, marked=marked), conflict(other, base, marked=marked)
    assert forth == back
    return forth.verdict if forth else None


@pytest.mark.parametrize(
    "slip",
    [
        {"given": "MARRY", "known_as": "MARRY"},
        {"given": "MAY", "known_as": "MAY"},
        {"given": "M", "known_as": "M"},
        {"given": "MARYANN", "known_as": "MARYANN"},
        {"given": "JOSEPHINE", "known_as": "JOSEPHINE", "middle": "MARY"},
        {"given": "ASHDOWN", "known_as": "ASHDOWN", "family": "MARY"},
        {"birth_date": "1950-07-03"},
        {"birth_date": "1950-03-08"},
        {"birth_date": "1905-03-07"},
        {"birth_date": "2050-03-07"},
        {"birth_date": "1951-01-01"},
        {"birth_date": None},
    ],
)
def test_slip_in_another_system_does_not_object(slip):
    assert verdict(replace(MARY, source="crm", **slip)) is None


def test_twins_of_different_names_are_apart():
    assert verdict(replace(MARY, source="crm", given="JOAN", known_as="JOAN")) == "apart"


def test_twins_of_like_names_in_one_system_are_doubted():
    twins = (replace(MARY, given="JAYDEN", known_as="JAYDEN"), replace(MARY, given="HAYDEN", known_as="HAYDEN"))

    assert verdict(*twins) == "doubt"


def test_father_and_son_of_one_name_are_apart():
    assert verdict(replace(MARY, source="crm", birth_date="1975-03-07")) == "apart"


def test_birth_dates_of_one_decade_that_differ_are_doubted():
    assert verdict(replace(MARY, source="crm", birth_date="1957-11-21")) == "doubt"


def test_different_nhs_numbers_are_doubted_even_when_the_source_marks_a_duplicate():
    left, right = replace(MARY, nhs_number=FIRST), replace(MARY, nhs_number=SECOND)

    assert verdict(left, right) == verdict(left, right, marked=True) == "doubt"


def test_equal_nhs_number_with_another_name_is_doubted_rather_than_apart():
    baby = replace(MARY, nhs_number=FIRST, given="JOAN", known_as="JOAN", source="crm")

    assert verdict(baby, replace(MARY, nhs_number=FIRST)) == "doubt"


def test_equal_nhs_number_outweighs_another_birth_date():
    assert verdict(replace(MARY, nhs_number=FIRST, birth_date="1957-11-21"), replace(MARY, nhs_number=FIRST)) is None


def test_duplicate_marker_outweighs_names_and_dates():
    assert verdict(replace(MARY, given="JOAN", known_as="JOAN", birth_date="1980-01-02"), marked=True) is None


def test_sealed_identity_is_apart_whoever_says_otherwise():
    assert verdict(replace(MARY, sealed=True), marked=True) == "apart"


def test_records_that_humans_gave_to_two_persons_are_doubted():
    one, two = UUID(int=1), UUID(int=2)

    assert verdict(replace(MARY, pinned=one), replace(MARY, pinned=two)) == "doubt"
    assert verdict(replace(MARY, pinned=one), replace(MARY, pinned=one)) is None


def test_record_without_a_given_name_is_doubted_and_without_any_name_is_apart():
    assert verdict(replace(MARY, given=None, known_as=None, source="crm")) == "doubt"
    assert verdict(replace(MARY, given=None, known_as=None, family=None, source="crm")) == "apart"


def test_edits_counts_a_swap_once():
    assert (edits("MARTHA", "MARHTA"), edits("KITTEN", "SITTING"), edits("", "AB")) == (1, 3, 2)


def test_short_names_two_edits_apart_are_two_names():
    emma, ella = replace(MARY, given="EMMA", known_as="EMMA"), replace(MARY, given="ELLA", known_as="ELLA")

    assert given_names_differ(emma, ella)


def test_birth_dates_with_one_part_alike_are_two_dates():
    assert birth_dates_differ("1980-05-12", "1983-05-21")
