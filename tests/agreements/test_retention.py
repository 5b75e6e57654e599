from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.agreements.days import later
from wye.agreements.keeping import Retention
from wye.agreements.retention import kept_until
from wye.vocabulary import RetentionStart


@pytest.mark.parametrize(
    ("day", "period", "expected"),
    [
        (date(2020, 2, 29), "P1Y", date(2021, 2, 28)),
        (date(2020, 2, 29), "P4Y", date(2024, 2, 29)),
        (date(2026, 8, 31), "P6M", date(2027, 2, 28)),
        (date(2026, 12, 15), "P1M", date(2027, 1, 15)),
        (date(2026, 11, 30), "P1M", date(2026, 12, 30)),
        (date(2026, 12, 31), "P30D", date(2027, 1, 30)),
        (date(2026, 5, 4), "P0Y", date(2026, 5, 4)),
    ],
)
def test_period_is_added_by_the_calendar(day: date, period: str, expected: date) -> None:
    assert later(day, period) == expected


@pytest.mark.parametrize(
    ("last", "expected"), [(date(2026, 3, 31), date(2032, 3, 31)), (date(2026, 4, 1), date(2033, 3, 31))]
)
def test_financial_year_runs_from_its_last_day(last: date, expected: date) -> None:
    assert kept_until(Retention(period="P6Y", start=RetentionStart.END_OF_FINANCIAL_YEAR), last) == expected


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 100), st.sampled_from("YMD"))
def test_later_is_never_earlier_than_the_days_of_the_shortest_such_period(day: date, number: int, unit: str) -> None:
    least = {"Y": 365, "M": 28, "D": 1}[unit] * number

    assert (later(day, f"P{number}{unit}") - day).days >= least - (1 if unit == "Y" else 0)
