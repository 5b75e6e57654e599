"""Release a value as it is held."""

from datetime import date
from uuid import UUID

from wye.sharing.transforms.transform import plain
from wye.vocabulary import Transform


def as_is(value: object, person: UUID, day: date) -> object:  # noqa: ARG001  one shape for all
    """Give the value unchanged."""
    return value


AS_IS = plain(Transform.AS_IS, "The value as it is held.", as_is)
