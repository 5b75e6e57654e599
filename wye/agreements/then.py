"""Find which agreements were in force at an instant, by the texts that this hub kept when it enforced them.

The gateways are those of this release: what the law said then is not kept.
"""

from collections.abc import Sequence
from datetime import datetime

from wye.agreements.events import AgreementEvent
from wye.agreements.in_force import InForce, Standing, in_force
from wye.agreements.kept import Kept, in_force_at
from wye.agreements.rows import agreements_kept, events_of, kept_texts
from wye.errors import AgreementRefused
from wye.store.database import Connection


def standing_then(conn: Connection, at: datetime) -> Standing:
    """Find what was in force at an instant, and say of every other agreement that was ever enforced why it was not."""
    found: dict[str, InForce] = {}
    refused: dict[str, str] = {}
    for name in agreements_kept(conn):
        texts = [Kept(name, *each) for each in kept_texts(conn, name)]
        try:
            found[name] = _then(texts, events_of(conn, name), at)
        except AgreementRefused as error:
            refused[name] = str(error)
    return Standing(found, refused)


def _then(texts: Sequence[Kept], events: Sequence[AgreementEvent], at: datetime) -> InForce:
    return in_force(in_force_at(texts, events, at).load(), events, at)
