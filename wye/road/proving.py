"""Find the entry that a receipt is about, so that it can be proven to be in the log."""

from datetime import datetime
from uuid import UUID

from wye.audit.search import search
from wye.errors import UsageError
from wye.keys.provider import KeyProvider
from wye.store.database import Connection
from wye.vocabulary import EventKind


def disclosed_by(conn: Connection, keys: KeyProvider, message: UUID, *, actor: str, at: datetime) -> UUID:
    """Give the entry of the disclosure that a message carried; the search for it is an entry. Raises UsageError.

    A receipt is a partner's signed word about one message, by its id.
    """
    found = search(conn, keys, message=message, searcher=actor, purpose="audit prove", at=at)
    told = {EventKind.DISCLOSURE, EventKind.ONE_OFF_DISCLOSURE}
    for each in found:
        if each.event is None or each.event.kind in told:
            return each.id
    raise UsageError(f"no disclosure by message `{message}` is on the record; the id is the one that the receipt names")
