"""Turn instants into days and back, in the time that law and people use: Europe/London."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def day_of(at: datetime) -> date:
    """Give the day in London at an instant; a naive instant is refused."""
    if at.tzinfo is None:
        raise ValueError("an instant without a zone")
    return at.astimezone(LONDON).date()


def start_of(day: date) -> datetime:
    """Give the instant, in UTC, at which a day begins in London."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Give the instant, in UTC, at which a day has ended in London: dates are inclusive."""
    return start_of(day + timedelta(days=1))
