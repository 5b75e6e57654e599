"""Say which agreements lapse soon: their review, their expiry, the end of their confidentiality basis. Pure.

A safeguarding agreement names who is told, and who takes each case by hand if it has lapsed: failing closed has a
counterweight.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from wye.agreements.model import Agreement

STEPS = (0, 1, 7, 30, 60)
"""Days before at which is warned; 0 once it has lapsed."""

What = Literal["review", "expiry", "confidentiality"]
WORDS: dict[What, str] = {
    "review": "is to be reviewed by",
    "expiry": "expires after",
    "confidentiality": "loses its confidentiality basis after",
}


@dataclass(frozen=True, slots=True)
class Lapsing:
    """Hold one warning: what ends, its last day, and which step it has reached."""

    agreement: str
    version: str
    what: What
    day: date
    days_left: int
    step: int
    refer_to: str | None

    def __str__(self) -> str:
        days = f"{abs(self.days_left)} day{'' if abs(self.days_left) == 1 else 's'}"
        when = f"{days} left" if self.days_left >= 0 else f"{days} ago"
        asked = f"; tell {self.refer_to}" if self.refer_to is not None else ""
        return f"{self.agreement} {self.version} {WORDS[self.what]} {self.day} ({when}){asked}"


def lapsing(agreements: Iterable[Agreement], today: date) -> list[Lapsing]:
    """List what lapses within 60 days or has lapsed, the most pressing first."""
    found = [each for agreement in agreements for each in _of(agreement, today)]
    return sorted(found, key=lambda each: (each.days_left, each.agreement, each.what))


def _of(agreement: Agreement, today: date) -> Iterator[Lapsing]:
    ends: tuple[tuple[What, date | None], ...] = (
        ("review", agreement.review_date),
        ("expiry", agreement.expires),
        ("confidentiality", agreement.confidentiality.expires),
    )
    refer_to = agreement.lapse.refer_to if agreement.lapse is not None else None
    for what, day in ends:
        left = (day - today).days if day is not None else STEPS[-1] + 1
        step = next((step for step in STEPS if left <= step and (step > 0 or left < 0)), None)
        if day is not None and step is not None:
            yield Lapsing(agreement.id, agreement.version, what, day, left, step, refer_to)
