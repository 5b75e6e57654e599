"""Turn a day of birth into a band of five years of age, as the Office for National Statistics bands people.

The age is the one completed by the end of last year, so every band changes on 1 January. Counted to the very day, the
message that tells of a new band would come on the birthday and give it away. INVARIANT: of the day of birth only its
year matters, so nothing here can tell two birthdays of one year apart; and no age is told that is not yet reached.
"""

from datetime import date
from uuid import UUID

from wye.sharing.transforms.days import day_in
from wye.sharing.transforms.transform import plain
from wye.vocabulary import Transform

WIDTH = 5
OPEN = 90
"""The last band has no end: so few are older that an age would name them."""


def age_band(value: object, person: UUID, day: date) -> object:  # noqa: ARG001  one shape for all
    """Give `40-44`, or `90+`; raises ValueError for what is no day, or a day of birth to come."""
    born = day_in(value)
    if born > day:
        raise ValueError("a day of birth to come")
    low = _age(born, day.year) // WIDTH * WIDTH
    return f"{OPEN}+" if low >= OPEN else f"{low}-{low + WIDTH - 1}"


def next_band(born: date, day: date) -> date | None:
    """Give the next 1 January on which the band is another, or None if it never is."""
    age = _age(born, day.year)
    if age >= OPEN:
        return None
    return date(day.year + WIDTH - age % WIDTH if day.year > born.year else born.year + WIDTH + 1, 1, 1)


def _age(born: date, year: int) -> int:
    return max(0, year - 1 - born.year)


AGE_BAND = plain(
    Transform.AGE_BAND,
    "Five whole years of age, such as `40-44`, and `90+`: the age completed by the end of last year. All bands change"
    " on 1 January, so no message gives a birthday away.",
    age_band,
)
