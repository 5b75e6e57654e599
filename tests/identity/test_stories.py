"""People of the United Kingdom as systems write them: each story's records are joined, doubted or kept apart."""

from collections.abc import Mapping
from uuid import UUID

import polars as pl
import pytest

from wye.identity import model
from wye.identity.features import GROUP, RAW, UNIT, normalise
from wye.identity.link import link

COUNTY = 26_497
"""Records among which the stories are told: those that the shipped model was learnt from."""


def home(postcode: str, lines: str) -> str:
    return f"{postcode}{UNIT}{lines}"


MILL = home("AR1 1AA", "10 Mill Lane, Nether Arrow")
FAR = home("AR7 4QQ", "3 Station Road, Over Arrow")


def told(*records: Mapping[str, object]) -> tuple[set[frozenset[int]], int]:
    """Link a story's records; gives which are one person, and how many pairs are doubted."""
    rows = [
        dict.fromkeys(RAW) | {"record": str(UUID(int=n)), "source": "frameworki", "sealed": False} | dict(each)
        for n, each in enumerate(records)
    ]
    linked = link(normalise(pl.DataFrame(rows, schema=RAW)), model.shipped())
    groups: dict[int, set[int]] = {}
    for place, person in enumerate(linked.person):
        groups.setdefault(person, set()).add(place)
    return {frozenset(group) for group in groups.values()}, linked.doubtful


def person(
    given: str | None, family: str | None, born: str | None, addresses: str | None = MILL, **more: object
) -> dict[str, object]:
    return {"given_name": given, "family_name": family, "birth_date": born, "addresses": addresses, **more}


CRM, HEALTH, POLICE, REVENUES = ({"source": name} for name in ("crm", "nhs_fhir", "police", "civica_revenues"))
NUMBER, OTHER_NUMBER = "9990000018", "9990000026"

JOINED = {
    "a nickname": [person("Margaret", "Ashdown", "1950-03-07"), person("Peggy", "Ashdown", "1950-03-07") | CRM],
    "a Welsh nickname": [person("Dafydd", "Ashdown", "1950-03-07"), person("Dai", "Ashdown", "1950-03-07") | CRM],
    "diacritics dropped": [person("Zoë", "Wójcik", "1988-05-21"), person("Zoe", "Wojcik", "1988-05-21") | CRM],
    "a hyphen dropped": [person("Ann", "Corve-Beech", "1971-11-02"), person("Ann", "Beech", "1971-11-02") | HEALTH],
    "a hyphen read as a space": [person("Mary-Jane", "Corve", "1971-11-02"), person("Mary Jane", "Corve", "1971-11-02") | CRM],
    "day and month changed about": [person("Ann", "Duxbury", "1971-11-02"), person("Ann", "Duxbury", "1971-02-11") | CRM],
    "a misspelt name": [person("Catherine", "Duxbury", "1971-11-02"), person("Cathrine", "Duxburry", "1971-11-02") | POLICE],
    "names in each other's place": [person("Imran", "Chaudhry", "1971-11-02"), person("Chaudhry", "Imran", "1971-11-02") | CRM],
    "a move": [person("Cordelia", "Duxbury", "1971-11-02"), person("Cordelia", "Duxbury", "1971-11-02", FAR) | HEALTH],
    "a postcode mistyped": [person("Ann", "Duxbury", "1971-11-02"), person("Ann", "Duxbury", "1971-11-02", home("AR1 1AB", "10 Mill Lane, Nether Arrow")) | CRM],
    "a changed surname, the same number": [person("Ann", "Duxbury", "1971-11-02", MILL, nhs_number=NUMBER), person("Ann", "Corve", "1971-11-02", FAR, nhs_number=NUMBER) | HEALTH],
    "a changed surname, the same telephone": [person("Ann", "Duxbury", "1971-11-02", MILL, phones="07700 900123"), person("Ann", "Corve", "1971-11-02", FAR, phones="+447700900123") | CRM],
    "a number that one system has not": [person("Ann", "Duxbury", "1971-11-02", MILL, nhs_number=NUMBER), person("Ann", "Duxbury", "1971-11-02") | CRM],
    "Joan in one place, Beryl in another, Joan Beryl in a third": [
        person("Joan Beryl", "Duxbury", "1971-11-02"), person("Joan", "Duxbury", "1971-11-02") | CRM,
        person("Beryl", "Duxbury", "1971-11-02") | HEALTH,
    ],
}  # fmt: skip
APART = {
    "twins": [person("Jayden", "Corve", "2015-06-01"), person("Kayla", "Corve", "2015-06-01") | CRM],
    "a father and his son of one name": [person("John", "Corve", "1950-06-01"), person("John", "Corve", "1978-06-01") | CRM],
    "a mother and her daughter": [person("Ann", "Corve", "1971-11-02", MILL, phones="07700900123"), person("Zoe", "Corve", "2001-02-03", MILL, phones="07700900123") | CRM],
    "strangers of one common name": [person("John", "Smith", None), person("John", "Smith", None, FAR) | CRM],
    "a record without any name": [person(None, None, "1971-11-02"), person("Ann", "Corve", "1971-11-02") | CRM],
    "a sealed identity": [person("Ann", "Corve", "1971-11-02", MILL, sealed=True), person("Ann", "Corve", "1971-11-02") | CRM],
}  # fmt: skip
DOUBTED = {
    "two NHS numbers": [person("Ann", "Corve", "1971-11-02", MILL, nhs_number=NUMBER), person("Ann", "Corve", "1971-11-02", MILL, nhs_number=OTHER_NUMBER) | HEALTH],
    "twins of like names in one system": [person("Jayden", "Corve", "2015-06-01"), person("Hayden", "Corve", "2015-06-01")],
    "a baby before it was named": [person("Baby", "Corve", "2026-06-01"), person("Ann", "Corve", "2026-06-01") | CRM],
    "birth dates of one decade that differ": [person("Anastasia", "Corve", "1971-11-02", MILL, phones="07700900123"), person("Anastasia", "Corve", "1978-02-21", MILL, phones="07700900123") | CRM],
    "a mother's number on her baby's record": [person("Ann", "Corve", "1991-11-02", MILL, nhs_number=NUMBER), person("Zoe", "Corve", "2026-02-03", MILL, nhs_number=NUMBER) | HEALTH],
}  # fmt: skip


@pytest.mark.parametrize("story", JOINED)
def test_one_person_is_joined(story):
    groups, _ = told(*JOINED[story])

    assert len(groups) == 1


@pytest.mark.parametrize("story", APART)
def test_two_people_stay_apart_unasked(story):
    groups, doubted = told(*APART[story])

    assert (len(groups), doubted) == (2, 0)


@pytest.mark.parametrize("story", DOUBTED)
def test_what_only_a_human_can_tell_waits_for_one(story):
    groups, doubted = told(*DOUBTED[story])

    assert (len(groups), doubted) == (2, 1)


def test_initial_that_may_be_either_of_two_people_is_joined_to_neither():
    groups, _ = told(
        person("John", "Corve", "1950-06-01"),
        person("Jane", "Corve", "1952-09-11") | CRM,
        person("J", "Corve", None) | REVENUES,
    )

    assert len(groups) == 3


def test_many_of_one_name_and_birth_date_are_not_gathered():
    """A dozen namesakes live in a dozen places: beyond chance, so what they share says less."""
    crowd = [
        person("Angela", "Clarke", "1992-12-29", home(f"AR{n} 1AA", f"{n} Mill Lane")) | CRM for n in range(10, 22)
    ]

    groups, _ = told(*crowd)

    assert len(groups) == 12


@pytest.mark.parametrize("source", ["crm", "police", "civica_revenues", "a_source_that_is_not_listed"])
def test_nhs_number_from_where_it_may_not_be_used_ties_nobody(source):
    strangers = (
        person("Ann", "Corve", "1971-11-02", MILL, nhs_number=NUMBER),
        person("Ann", "Duxbury", "1971-11-02", FAR, nhs_number=NUMBER, source=source),
    )

    assert len(told(*strangers)[0]) == 2
    assert len(told(strangers[0], strangers[1] | HEALTH)[0]) == 1


def test_names_told_together_say_less_the_more_people_bear_them():
    pair = [person("Angela", "Clarke", None), person("Angela", "Clarke", None) | CRM]
    others = [person("Angela", "Clarke", None, home(f"AR{n} 1AA", f"{n} Mill Lane")) | CRM for n in range(10, 40)]

    assert len(told(*pair)[0]) == 1
    assert any({0, 1} <= group for group in told(*pair, *others)[0]) is False


def test_mixed_groups_of_letters_do_not_part_lists():
    assert GROUP not in MILL
