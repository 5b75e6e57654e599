"""Hold what the national check of opt-outs said of a person for one extract, in the shape that consent finds and sharing reads."""

from datetime import datetime
from typing import NamedTuple


class OptOutAnswer(NamedTuple):
    """Say whether the newest answer names a person. It is held while somebody is decided about, and on no record."""

    until: datetime | None
    """The instant from which it is too old; none: no answer stands."""
    named: bool
    """It names every NHS number that is known of the person: there was no opt-out."""
