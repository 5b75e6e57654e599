"""Open the hub for a command, with the sign-in of its account on the record."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wye import bootstrap

if TYPE_CHECKING:
    from wye.road.hub import Hub


@contextmanager
def open_hub() -> Iterator["Hub"]:
    """Open the configured hub (wye.bootstrap); the first command of a session writes an entry of its sign-in."""
    from wye.road.sign_in import sign_in

    with bootstrap.open_hub() as hub:
        sign_in(hub.conn, hub.keys, hub.settings, hub.actor, hub.at())
        yield hub
