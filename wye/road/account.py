"""Say who is at work and what time it is: the two facts that come from outside every rule."""

import getpass
from datetime import UTC, datetime


def signed_in() -> str:
    """Name the account that the operating system vouches for; a typed flag never says who somebody is."""
    return getpass.getuser()


def clock() -> datetime:
    """Read the clock: aware, UTC."""
    return datetime.now(UTC)
