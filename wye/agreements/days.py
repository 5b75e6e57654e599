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


def later(day: date, period: str) -> date:
    """Add a period such as P8Y, P6M or P30D; a day that a month has not becomes its last."""
    number, unit = int(period[1:-1]), period[-1]
    if unit == "D":
        return day + timedelta(days=number)
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "Y" else 1)
    first_of_next = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return min(first_of_next - timedelta(days=1), date(months // 12, months % 12 + 1, 1) + timedelta(days=day.day - 1))
