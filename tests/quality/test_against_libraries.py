"""Our vectorised rules judge as the kept libraries do, on true values, values that just miss, and noise."""

from datetime import UTC, date, datetime
from random import Random

import phonenumbers
import polars as pl
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.gb import nhs
from stdnum.gb import upn as stdnum_upn

from connectors.crm.mapping.phone import e164
from connectors.frameworki import Frameworki
from schemas.person import Person
from wye.ports import BadInput, SourceRow
from wye.quality.rules import RULES
from wye.quality.rules.telephone import NOBODYS

SETTINGS = settings(max_examples=60, deadline=None)
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def failing(rule: str, values: list[str], **arguments: object) -> list[bool]:
    frame = pl.DataFrame({"value": pl.Series("value", values, dtype=pl.String)})
    return frame.select(RULES[rule](pl.col("value"), arguments).alias("failing"))["failing"].to_list()


def missed(rng: Random, value: str, alphabet: str) -> str:
    """Mistype, drop, double or swap one character."""
    at, kind = rng.randrange(len(value)), rng.randrange(4)
    if kind == 0:
        return value[:at] + rng.choice(alphabet) + value[at + 1 :]
    if kind == 1:
        return value[:at] + value[at + 1 :]
    if kind == 2:
        return value[:at] + value[at] + value[at:]
    return value[:at] + value[at : at + 2][::-1] + value[at + 2 :]


def nhs_number(rng: Random) -> str:
    while True:
        nine = "".join(rng.choice(DIGITS) for _ in range(9))
        check = (11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10:
            return f"{nine}{check}"


def repeated(number: str) -> bool:
    return len(set(nhs.compact(number))) == 1


@SETTINGS
@given(rng=st.randoms(use_true_random=False))
def test_nhs_number_judges_as_stdnum_with_repeated_digits_refused(rng: Random) -> None:
    right = [nhs_number(rng) for _ in range(20)]
    values = [*right, *(missed(rng, each, DIGITS + "A -") for each in right), *(digit * 10 for digit in DIGITS)]
    values = [each for each in values if len(nhs.compact(each)) != 9]  # nine are read as ten: the next test

    assert failing("nhs_number", values) == [not nhs.is_valid(each) or repeated(each) for each in values]
    assert not any(failing("nhs_number", [each for each in right if not repeated(each)]))


@SETTINGS
@given(rng=st.randoms(use_true_random=False))
def test_nhs_number_of_nine_digits_is_judged_with_its_zero_restored_and_mapped_so(rng: Random) -> None:
    nine = [nhs_number(rng)[1:] for _ in range(20)]

    found = failing("nhs_number", nine)

    assert found == [not nhs.is_valid("0" + each) or repeated("0" + each) for each in nine]
    for each, wrong in zip(nine, found, strict=True):
        if not wrong and not each.startswith("0"):
            assert mapped_nhs_number(int(each)) == "0" + each


def mapped_nhs_number(held: object) -> str | None:
    values = {
        "PERSON_ID": "1", "LAST_NAME": "Hollowell", "FIRST_NAME": "Ash", "GENDER": "F", "NHS_ID": held,
        "RESTRICTED": "N", "INTERPRETER_REQUIRED": "N",
    }  # fmt: skip
    row = SourceRow("1", values, datetime(2026, 11, 1, tzinfo=UTC))
    (person,) = (each for each in Frameworki({}).map("persons", row) if isinstance(each, Person))
    return person.nhs_number


@SETTINGS
@given(rng=st.randoms(use_true_random=False))
def test_upn_judges_as_stdnum(rng: Random) -> None:
    right = []
    for _ in range(20):
        last = rng.choice(DIGITS + stdnum_upn._alphabet[:23])
        body = f"{rng.choice(sorted(stdnum_upn._la_numbers)):03d}{rng.randrange(10**8):08d}{last}"
        right.append(stdnum_upn.calc_check_digit(body) + body)
    values = [*right, *(missed(rng, each, DIGITS + LETTERS + " ") for each in right)]

    wrong = failing("upn", values)
    unknown = failing("upn_authority", values)

    assert [one or other for one, other in zip(wrong, unknown, strict=True)] == [
        not stdnum_upn.is_valid(each) for each in values
    ]
    assert not any(failing("upn", right))


SHAPES = (
    "{0}{1}",
    "{0} {1}",
    "+44{2}{1}",
    "+44 (0){2} {1}",
    "({0}) {1}",
    "0044{2}{1}",
    "44{2}{1}",
    "{0}-{1}",
    "0{0}{1}",
)


def telephone(rng: Random) -> str:
    code = rng.choice(("07700", "07911", "01632", "01432", "0207", "0800", "0330", "05600", "0900", "07624"))
    rest = "".join(rng.choice(DIGITS) for _ in range(rng.choice((5, 6, 6, 6, 6, 7))))
    return rng.choice(SHAPES).format(code, rest, code[1:])


def library_takes(held: str) -> bool:
    import re

    try:
        number = phonenumbers.parse(held, "GB")
    except phonenumbers.NumberParseException:
        return False
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    nobodys = number.country_code == 44 and re.search(NOBODYS, str(number.national_number)) is not None
    return possible and not nobodys


@SETTINGS
@given(rng=st.randoms(use_true_random=False))
def test_telephone_judges_as_phonenumbers_with_nobodys_numbers_refused(rng: Random) -> None:
    right = [telephone(rng) for _ in range(20)]
    values = [*right, *(missed(rng, each, DIGITS + " +()x") for each in right)]
    values += [
        f"07700 900{rng.randrange(1000):03d}",
        f"01632960{rng.randrange(1000):03d}",
        "0" + rng.choice(DIGITS) * 10,
    ]

    assert failing("telephone", values) == [not library_takes(each) for each in values]


@SETTINGS
@given(held=st.text(alphabet=DIGITS + " +()-.x", max_size=18))
def test_telephone_that_passes_is_one_that_the_mapping_takes(held: str) -> None:
    if failing("telephone", [held]) == [False]:
        assert e164("mobilephone", held).startswith("+")


@pytest.mark.parametrize("held", ["123456", "077009001234", "ask mum"])
def test_telephone_that_the_mapping_refuses_fails(held: str) -> None:
    with pytest.raises(BadInput):
        e164("mobilephone", held)

    assert failing("telephone", [held]) == [True]


PARTS = ("a", "B", "z9", ".", "-", "_", "+", "%", "'", "@", "@", "mail", "example", ".com", ".test", ".local", "ë", " ",
         "--", "xn--", "..", "1", "co", ".uk", "[", '"', "x" * 40)  # fmt: skip


def library_takes_address(held: str) -> bool:
    try:
        validate_email(held.strip(), check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


@SETTINGS
@given(rng=st.randoms(use_true_random=False))
def test_email_address_judges_as_email_validator(rng: Random) -> None:
    values = ["".join(rng.choice(PARTS) for _ in range(rng.randrange(1, 9))) for _ in range(30)]
    right = [
        f"{rng.choice(('ash', 'a.b', 'a-b_c+1'))}@{rng.choice(('mail.example', 'x.co.uk', 'a-b.example'))}"
        for _ in range(10)
    ]
    values += [*right, *(missed(rng, each, "@. -_aé") for each in right)]
    values += [f"a@mail.{word}" for word in ("arpa", "invalid", "local", "localhost", "onion", "test", "Test")]

    assert failing("email_address", values) == [not library_takes_address(each) for each in values]
    assert not any(failing("email_address", right))


def test_rules_on_a_day_that_the_calendar_lacks_fail() -> None:
    values = ["2026-02-30", "2025-02-29", "2024-02-29", "1900-12-31", "2026-11-02"]

    assert failing("date_not_future", values, today=date(2026, 11, 1)) == [True, True, False, False, True]
    assert failing("date_not_before", values, year=1901) == [True, True, False, True, False]
