"""Read the days that transforms are given."""

from datetime import date


def day_in(value: object) -> date:
    """Give the day of a value in ISO form; raises ValueError, without the value, for what is none."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("not a day in ISO form") from None
