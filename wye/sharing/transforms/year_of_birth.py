"""Shorten a day of birth to its year."""

from datetime import date


def year_of_birth(value: object) -> object:
    """Give the year as a number; raises ValueError for what is no day."""
    if not isinstance(value, str):
        raise ValueError("not a day")  # noqa: TRY004  every transform refuses with ValueError
    return date.fromisoformat(value).year
