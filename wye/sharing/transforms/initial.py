"""Shorten a name to its first letter: enough to tell a slip in a reference, too little to name a person."""

from datetime import date
from uuid import UUID

from wye.sharing.transforms.transform import plain
from wye.vocabulary import Transform


def initial(value: object, person: UUID, day: date) -> object:  # noqa: ARG001  one shape for all
    """Give the first letter in capitals; raises ValueError if the value does not begin with one."""
    if not isinstance(value, str) or not value.strip() or not value.strip()[0].isalpha():
        raise ValueError("a name that does not begin with a letter")
    return value.strip()[0].upper()


INITIAL = plain(Transform.INITIAL, "The first letter of a name, in capitals.", initial)
