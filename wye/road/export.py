"""Export the log on the record: who took it out, for what, and whether what links entries of a person went along."""

from datetime import datetime
from pathlib import Path

from wye.audit.append import append
from wye.audit.event import Event
from wye.audit.export import Exported, export
from wye.keys.provider import KeyProvider
from wye.store.database import Connection
from wye.vocabulary import EventKind


def export_on_record(
    conn: Connection, keys: KeyProvider, folder: Path, *, public: bool, actor: str, purpose: str, at: datetime
) -> Exported:
    """Append the entry, then export: without the entry no file is written. An export that fails keeps its entry.

    Raises what wye.audit.export.export raises.
    """
    outcome = "public" if public else "with ciphertexts and tokens"
    append(conn, keys, [Event(kind=EventKind.EXPORT, at=at, actor=actor, outcome=outcome, purpose=purpose)], at)
    return export(conn, folder, public=public)
