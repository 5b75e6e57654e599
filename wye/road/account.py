"""Say who is at work and what time it is: the two facts that come from outside every rule."""

import os
import pwd
from datetime import UTC, datetime


def signed_in() -> str:
    """Name the account that the operating system vouches for; no flag and no variable says who somebody is."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run under a number that has no name
        return f"uid-{number}"


def clock() -> datetime:
    """Read the clock: aware, UTC."""
    return datetime.now(UTC)
