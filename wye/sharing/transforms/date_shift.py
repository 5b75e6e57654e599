"""Move the days of one person by one span: how long things took is kept, when they were is not.

The span is a whole number of days from 1 to 364, always backwards, so that no shifted day lies ahead and gives the
span away. It comes of the agreement's key and the person alone: the same for every day of theirs under this agreement,
another for the next person and under another agreement. Who watches when messages come can still guess it: what was
sent the day it happened is a day of today. It keeps honest readers from a calendar, and is no anonymity.
"""

import hmac
from datetime import date, timedelta
from uuid import UUID

from wye.sharing.transforms.days import day_in
from wye.sharing.transforms.transform import keyed
from wye.vocabulary import Transform

SPANS = 364


def date_shift(key: bytes, value: object, person: UUID, day: date) -> object:  # noqa: ARG001  one shape for all
    """Give the day so many days earlier, in ISO form; raises ValueError for what is no day."""
    digest = hmac.digest(key, b"date-shift\0" + person.bytes, "sha256")
    try:
        return (day_in(value) - timedelta(days=1 + int.from_bytes(digest[:8]) % SPANS)).isoformat()
    except OverflowError:
        raise ValueError("a day too early to be moved") from None


DATE_SHIFT = keyed(
    Transform.DATE_SHIFT,
    "The day, moved back by 1 to 364 days: by the same span for every day of one person under one agreement, so that"
    " distances are kept.",
    date_shift,
)
