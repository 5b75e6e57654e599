"""Shorten a day of birth to its year."""

from datetime import date
from uuid import UUID

from wye.sharing.transforms.days import day_in
from wye.sharing.transforms.transform import plain
from wye.vocabulary import Transform


def year_of_birth(value: object, person: UUID, day: date) -> object:  # noqa: ARG001  one shape for all
    """Give the year as a number; raises ValueError for what is no day."""
    return day_in(value).year


YEAR_OF_BIRTH = plain(Transform.YEAR_OF_BIRTH, "The year of a day of birth, as a number.", year_of_birth)
