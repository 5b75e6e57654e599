"""Say that a value is held, and nothing else: the recipient learns whom to ask."""

from datetime import date
from uuid import UUID

from wye.sharing.transforms.transform import plain
from wye.vocabulary import Transform


def flag_only(value: object, person: UUID, day: date) -> object:  # noqa: ARG001  one shape for all
    """Give true: a value that is not held is never transformed."""
    return value is not None


FLAG_ONLY = plain(Transform.FLAG_ONLY, "`true`, wherever there is a value: whom to ask, and nothing else.", flag_only)
