"""Features: what linking compares is normalised, and nothing that is not allowed is compared."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.gb import nhs

from wye.identity.features import COLUMNS, GROUP, RAW, UNIT, as_number, nhs_number, normalise


def features_of(**raw: object) -> dict[str, object]:
    row = dict.fromkeys(RAW) | {"record": "r", "source": "crm"} | raw
    return normalise(pl.DataFrame([row], schema=RAW)).to_dicts()[0]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Zoë", "ZOE"),
        ("Mary-Jane", "MARYJANE"),
        ("O'Brien", "OBRIEN"),
        ("ŁUKASZ", "LUKASZ"),
        ("B0B", "BOB"),
        ("  anne ", "ANNE"),
        ("Unknown", None),
        ("", None),
        ("?", None),
    ],
)
def test_given_name_in_any_writing_is_one_spelling(written, kept):
    assert features_of(given_name=written)["given"] == kept


def test_given_name_with_a_second_name_parts_into_given_and_middle():
    found = features_of(given_name="Mary Ann", middle_names="Jo")

    assert (found["given"], found["middle"]) == ("MARY", "ANN JO")


def test_nickname_is_known_as_the_full_name():
    assert features_of(given_name="Bob")["known_as"] == features_of(given_name="Robert")["known_as"] == "ROBERT"


@given(st.from_regex(r"\A[0-9]{10}\Z"))
def test_nhs_number_is_kept_exactly_when_the_standard_library_of_numbers_finds_it_valid(digits):
    kept = pl.DataFrame({"n": [digits]}).select(nhs_number(as_number(pl.col("n"))).alias("n"))["n"][0]

    assert (kept == digits) == (nhs.is_valid(digits) and len(set(digits)) > 1)


def test_nhs_number_whose_leading_nought_was_lost_is_padded():
    number = next(f"{n:010}" for n in range(10**8, 2 * 10**8) if nhs.is_valid(f"{n:010}"))

    assert features_of(source="nhs_fhir", nhs_number=str(int(number)))["nhs_number"] == number


def test_national_insurance_number_and_pupil_number_are_never_compared():
    assert not {"nino", "upn"} & (set(COLUMNS) | set(RAW))


def test_facts_in_another_order_make_the_same_features():
    homes = [f"AR1 1AA{UNIT}Flat 2, 10 Mill Lane", f"ar2 2bb{UNIT}Rose Cottage, Nether"]
    forth = features_of(addresses=GROUP.join(homes), phones=GROUP.join(["07700 900123", "+44 7700 900124"]))
    back = features_of(addresses=GROUP.join(reversed(homes)), phones=GROUP.join(["07700900124", "+447700900123"]))

    assert forth == back
    assert forth["homes"] == ["AR11AA:2-10", "AR22BB:ROSE"]
    assert forth["phones"] == ["7700900123", "7700900124"]


def test_placeholder_birth_date_is_none():
    assert features_of(birth_date="1900-01-01")["birth_date"] is None
