"""Each row rule, on values that pass and values that fail."""

from datetime import date

import polars as pl
import pytest

from wye.quality.rules import EXAMPLES, RULES

TODAY = date(2026, 11, 1)

CASES: dict[str, tuple[dict[str, object], list[str], list[str]]] = {
    "nhs_number": ({}, ["9434765919", "943 476 5919", "9990000018"], ["9434765918", "0000000000", "12", "A434765919"]),
    "nino": ({}, ["AB123456C", "ab 12 34 56 c", "AB123456"], ["BG123456A", "DA123456A", "AB12345C", "AB123456E"]),
    "postcode": ({}, ["HR1 2AB", "hr12ab", "GIR 0AA"], ["HR1", "HR1 2CB", "1AB 2CD"]),
    "uprn": ({}, ["1", "000123456789"], ["0", "1234567890123", "12A"]),
    "integer": ({}, ["12", "-3", "+4"], ["1.0", "", "x"]),
    "one_of": ({"values": ["Y", "N"]}, ["Y"], ["y", "X"]),
    "pattern": ({"regex": "[A-Z]{2}"}, ["AB"], ["ABC", "xAB", "A"]),
    "max_length": ({"n": 3}, ["abc", "é́"], ["abcd"]),
    "clean_text": ({}, ["Zoë O'Brien-Ng", "two\nlines"], ["a\x00b", "a\ufffd", "bell\x07"]),
    "person_name": ({}, ["Ng", "Baby-Jones", "O'Test"], ["UNKNOWN", "Baby Smith", "test", "R2D2", "---"]),
    "telephone": (
        {},
        ["07700 212345", "+44 (0)1632 212345", "0044 7700212345", "(01632) 212 345", "+353 87 123 4567", "0800 1111", "0330 333 3333"],
        ["07700 900123", "01632 960 123", "020 7946 0123", "07777777777", "01111111111", "01234567890", "123456", "ask mum", ""],
    ),
    "email_address": (
        {},
        ["a.b-c+d@mail.example", "zoë@mail.example", "o'test@example.com", "A_B@Mail.Example", "a%b@mail.example"],
        ["a@b", "a b@mail.example", "a@mail.example, b@mail.example", "a@@mail.example", "none", "", "a@host.local", "a..b@mail.example", "@mail.example"],
    ),
    "upn": ({}, ["B801200005001", "b801 2000 05001", "B80120000500B"], ["A801200005001", "B80120000500", "B8012000050O1", "I801200005001", ""]),
    "upn_authority": ({"also": ["999"]}, ["B801200005001", "A999100012001"], ["E000200005001", "B12"]),
    "date_not_default": ({}, ["1950-01-02", "1950-02-01", "nonsense"], ["1950-01-01", "2001-01-01T00:00:00"]),
    "street_in_full": ({}, ["12 Church Road, Wyeford", "St Owen Place", "3 The Stands"], ["12 Church Rd, Wyeford", "4 Lugg St", "5 Low Ave."]),
    "date_not_future": ({}, ["2026-11-01", "1950-01-01T00:00:00"], ["2026-11-02", "nonsense", "2026-02-30"]),
    "date_not_before": ({"year": 1900, "format": "%d/%m/%Y"}, ["01/01/1900"], ["31/12/1899", "1950-01-01"]),
}  # fmt: skip


def failing(rule: str, arguments: dict[str, object], values: list[str | None]) -> list[bool]:
    frame = pl.DataFrame({"value": pl.Series("value", values, dtype=pl.String)})
    mask = RULES[rule](pl.col("value"), {**arguments, "today": TODAY})
    return frame.select(mask.fill_null(value=False).alias("failing"))["failing"].to_list()


@pytest.mark.parametrize("rule", sorted(CASES))
def test_rule_on_good_and_bad_values_fails_the_bad_only(rule: str) -> None:
    arguments, good, bad = CASES[rule]

    found = failing(rule, arguments, [*good, *bad])

    assert found == [False] * len(good) + [True] * len(bad)


@pytest.mark.parametrize("rule", sorted(CASES))
def test_rule_on_a_missing_value_says_nothing(rule: str) -> None:
    assert failing(rule, CASES[rule][0], [None]) == [False]


def test_not_null_on_missing_and_blank_fails() -> None:
    assert failing("not_null", {}, [None, "  ", "a"]) == [True, True, False]


def test_not_before_column_with_death_before_birth_fails() -> None:
    frame = pl.DataFrame(
        {"born": ["1950-01-01", "1950-01-01", None], "died": ["1949-12-31", "2001-01-01", "2001-01-01"]}
    )

    mask = RULES["not_before_column"](pl.col("died"), {"column": "born"})

    assert frame.select(mask.fill_null(value=False))["died"].to_list() == [True, False, False]


def test_not_before_column_in_two_forms_compares_days() -> None:
    frame = pl.DataFrame({"born": ["01/02/1950", "01/02/1950"], "died": ["1950-01-31", "1950-02-01"]})

    mask = RULES["not_before_column"](pl.col("died"), {"column": "born", "other_format": "%d/%m/%Y"})

    assert frame.select(mask)["died"].to_list() == [True, False]


def test_not_null_when_asks_only_rows_of_its_kind() -> None:
    frame = pl.DataFrame({"nino": [None, None, " ", "AB123456C"], "kind": ["1", "3", "1", "1"]})

    mask = RULES["not_null_when"](pl.col("nino"), {"column": "kind", "values": [1, "2"]})

    assert frame.select(mask.fill_null(value=False).alias("nino"))["nino"].to_list() == [True, False, True, False]


def test_every_rule_is_covered() -> None:
    assert set(RULES) == set(CASES) | {"not_null", "not_before_column", "not_null_when"}


def test_nhs_number_without_its_leading_zero_is_read_as_ten_digits() -> None:
    # 0 9 9 ...: a number whose check digit is right only when the zero is put back
    digits = "023456789"
    check = (11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11) % 11
    assert check < 10

    assert failing("nhs_number", {}, [f"{digits}{check}"[1:]]) == [False]


def test_every_rule_tells_whoever_mends_the_row_what_would_be_right() -> None:
    assert set(EXAMPLES) == set(RULES)
    assert all(text.endswith(".") and len(text) > 20 for text in EXAMPLES.values())
