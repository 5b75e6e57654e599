"""Each transform, by tables and by laws; what it cannot do it refuses without saying the value."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.sharing.transforms import TRANSFORMS, key_label
from wye.sharing.transforms.age_band import next_band
from wye.vocabulary import Transform

PERSON = UUID(int=1)
TODAY = date(2026, 11, 20)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
DAYS = st.dates(date(1900, 1, 1), date(2030, 1, 1))


def changed(transform: str, value: object, person: UUID = PERSON, day: date = TODAY, key: bytes | None = KEY) -> object:
    return TRANSFORMS[Transform(transform)].bind(key)(value, person, day)


def shifted(day: date, person: UUID = PERSON, key: bytes = KEY) -> date:
    return date.fromisoformat(str(changed("date-shift", day.isoformat(), person, key=key)))


@pytest.mark.parametrize(
    ("transform", "value", "result"),
    [
        ("as-is", "Okafor", "Okafor"),
        ("as-is", 7, 7),
        ("flag-only", "Okafor", True),
        ("flag-only", False, True),
        ("initial", "okafor", "O"),
        ("initial", " Ødegård", "Ø"),
        ("outward-postcode", "AR1 2BC", "AR1"),
        ("outward-postcode", "EC1A 1BB", "EC1A"),
        ("year-of-birth", "1941-03-08", 1941),
        ("mask", "9990000018", "****018"),
        ("mask", "+44 1632 960001", "****001"),
        ("mask", "QQ123456C", "****56C"),
        ("mask", "12345678", "****"),
        ("mask", "1234 5678", "****"),
        ("mask", "7", "****"),
        ("locality", "Netherby", "Netherby"),
        ("locality", " Upper  Arrow ", "Upper Arrow"),
        ("locality", "St. Mary's-on-the-Hill", "St. Mary's-on-the-Hill"),
        ("locality", "Street", "Street"),
        ("age-band", "1986-01-01", "35-39"),
        ("age-band", "1985-12-31", "40-44"),
        ("age-band", "2026-11-20", "0-4"),
        ("age-band", "2025-12-31", "0-4"),
        ("age-band", "1936-01-01", "85-89"),
        ("age-band", "1935-12-31", "90+"),
        ("age-band", "1911-05-05", "90+"),
    ],
)
def test_transform_gives(transform: str, value: object, result: object) -> None:
    assert changed(transform, value) == result


@pytest.mark.parametrize(
    ("transform", "value"),
    [
        ("initial", ""), ("initial", "7b"), ("initial", 7), ("initial", "-"),
        ("outward-postcode", "AR12BC"), ("outward-postcode", "4 Mill Lane"), ("outward-postcode", "AR1 2BC "),
        ("outward-postcode", "ar1 2bc"), ("outward-postcode", None), ("outward-postcode", "AR1 2BC\n"),
        ("year-of-birth", "8 March 1941"), ("year-of-birth", 1941), ("year-of-birth", ""),
        ("age-band", "8 March 1941"), ("age-band", 1941), ("age-band", ""), ("age-band", "2026-11-21"),
        ("mask", 9990000018), ("mask", ""), ("mask", " "), ("mask", None),
        ("locality", "4 Mill Lane"), ("locality", "Mill Lane"), ("locality", "Netherby, AR1 2BC"), ("locality", "AR1"),
        ("locality", "Rose Cottage, Netherby"), ("locality", "Rose COTTAGE"), ("locality", "Mill St."), ("locality", ""),
        ("locality", None), ("locality", "Netherby AR1 2BC"), ("locality", "Mill ¼"), ("locality", "-"), ("locality", "Flat Four\nMill Court"),
        ("keyed-pseudonym", ""), ("keyed-pseudonym", " "), ("keyed-pseudonym", 9990000018), ("keyed-pseudonym", None),
        ("date-shift", "8 March 1941"), ("date-shift", 1941), ("date-shift", ""), ("date-shift", "0001-01-01"),
    ],
)  # fmt: skip
def test_transform_refuses_what_it_cannot_do(transform: str, value: object) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the words are checked below
        changed(transform, value)

    assert str(value) not in str(caught.value) or value in ("", "-", " ")
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@given(DAYS, DAYS, st.dates(date(2031, 1, 1), date(2070, 12, 31)))
def test_age_band_never_tells_two_birthdays_of_one_year_apart(one: date, other: date, day: date) -> None:
    same_year = date(one.year, other.month, min(other.day, 28))

    assert changed("age-band", one.isoformat(), day=day) == changed("age-band", same_year.isoformat(), day=day)
    assert next_band(one, day) == next_band(same_year, day)


@given(DAYS, st.dates(date(2031, 1, 1), date(2070, 12, 31)))
def test_age_band_is_one_that_was_reached_and_changes_exactly_when_it_says(born: date, day: date) -> None:
    def band(on: date) -> object:
        return changed("age-band", born.isoformat(), day=on)

    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    low = int(str(band(day)).split("-")[0].rstrip("+"))
    change = next_band(born, day)

    assert low <= max(age, 0)
    assert age - low <= 5 or low == 90
    if change is None:
        assert band(day) == "90+"
    else:
        assert (change.month, change.day) == (1, 1)
        assert change > day
        assert band(change) != band(day) == band(change - timedelta(days=1))


@given(DAYS, DAYS, st.uuids(), st.binary(min_size=32, max_size=32))
def test_date_shift_keeps_the_distances_of_one_person_and_tells_no_true_day(
    one: date, other: date, person: UUID, key: bytes
) -> None:
    first, second = shifted(one, person, key), shifted(other, person, key)

    assert second - first == other - one
    assert timedelta(days=1) <= one - first <= timedelta(days=364)


def test_date_shift_differs_between_people_and_between_agreements_and_uses_its_whole_span() -> None:
    spans = {(TODAY - shifted(TODAY, UUID(int=number))).days for number in range(4000)}
    apart = [shifted(TODAY, UUID(int=n)) != shifted(TODAY, UUID(int=n), OTHER_KEY) for n in range(200)]

    assert spans == set(range(1, 365))
    assert sum(apart) > 190


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip), st.uuids(), DAYS)
def test_keyed_pseudonym_is_the_same_within_an_agreement_and_another_in_each_other(
    one: str, other: str, person: UUID, day: date
) -> None:
    name = changed("keyed-pseudonym", one)

    assert changed("keyed-pseudonym", one, person, day) == name
    assert (changed("keyed-pseudonym", other) == name) == (one.strip() == other.strip())
    assert changed("keyed-pseudonym", one, key=OTHER_KEY) != name
    assert len(str(name)) == 64


@given(st.text(min_size=1, max_size=40).filter(str.strip))
def test_mask_shows_at_most_a_third_and_not_how_long_the_rest_is(value: str) -> None:
    shown = str(changed("mask", value)).removeprefix("****")

    assert value.replace(" ", "").endswith(shown) or "".join(value.split()).endswith(shown)
    assert len(shown) == (3 if len("".join(value.split())) >= 9 else 0)


@given(st.text(max_size=30))
def test_locality_holds_no_figure_and_no_comma_whatever_a_town_holds(value: str) -> None:
    try:
        place = str(changed("locality", value))
    except ValueError:
        return

    assert not any(letter.isnumeric() or letter in ",;:/\n" for letter in place)


@pytest.mark.parametrize("word", ["keyed-pseudonym", "date-shift"])
@pytest.mark.parametrize("key", [None, b"", b"k" * 31])
def test_keyed_transform_without_its_key_gives_nothing(word: str, key: bytes | None) -> None:
    with pytest.raises(ValueError, match="without the agreement's key"):
        changed(word, "2026-01-01", key=key)


def test_agreements_have_keys_of_their_own() -> None:
    assert key_label("adult-care-acute") != key_label("safeguarding-police")
    assert {word.value for word, rule in TRANSFORMS.items() if rule.keyed} == {"keyed-pseudonym", "date-shift"}
