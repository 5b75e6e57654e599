"""Shorten a day of birth to its year."""

from datetime import date


def year_of_birth(value: object) -> object:
    """Give the year as a number; raises ValueError for what is no day."""
    try:
        return date.fromisoformat(str(value)).year
    except ValueError:
        raise ValueError("not a day in ISO form") from None
