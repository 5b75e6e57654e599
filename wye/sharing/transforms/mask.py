"""Hide all of a number but its end: enough for two people to see that they hold the same one, too little to use it."""

from datetime import date
from uuid import UUID

from wye.sharing.transforms.transform import plain
from wye.vocabulary import Transform

HIDDEN = "****"
"""INVARIANT: as many stars whatever is hidden: its length is not told."""
SHOWN = 3
LEAST = 9
"""At most a third is shown: of what is shorter, nothing."""


def mask(value: object, person: UUID, day: date) -> object:  # noqa: ARG001  one shape for all
    """Give stars and the last three characters; raises ValueError for what is no text."""
    text = "".join(value.split()) if isinstance(value, str) else ""
    if not text:
        raise ValueError("not a text")
    return HIDDEN + (text[-SHOWN:] if len(text) >= LEAST else "")


MASK = plain(
    Transform.MASK, "Four stars and the last three characters; stars alone for what has fewer than nine.", mask
)
