"""Say until when something is kept: a period (ISO 8601) from the last that is known; pure."""

from datetime import date

from wye.agreements.days import later
from wye.agreements.keeping import Retention
from wye.vocabulary import RetentionStart

YEAR_ENDS = (3, 31)
"""The last day of a council's financial year."""


def kept_until(retention: Retention, last: date) -> date:
    """Give the last day on which it is kept, counted from `last`: never too early, since nothing later is known.

    A start that the hub cannot see (the end of care, the closing of a case) is not before the last thing known of it.
    """
    if retention.start is RetentionStart.END_OF_FINANCIAL_YEAR:
        year = last.year if (last.month, last.day) <= YEAR_ENDS else last.year + 1
        last = date(year, *YEAR_ENDS)
    return later(last, retention.period)
