"""Hold what a version that waits may say of protections, in the shape that intake writes and sharing reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PendingProtection:
    """Hold one waiting version of a row that may carry a protection. Most sensitive class: safe-address."""

    record: UUID
    source: str
    stream: str
    since: datetime
    cause: str
    """quarantined, held (with its whole batch) or unmapped (checking or mapping it broke)."""
    unread: bool
    """Not all that it says of protections could be read."""
    stated: tuple[tuple[str, Mapping[str, object]], ...]
    """What could be read: (entity, fields) of flags, refusals and objections. They count as if they were in force."""

    def words(self) -> str:
        """Say in a sentence what waits and where; names no value."""
        where = {
            "quarantined": "waits in quarantine",
            "held": "waits in a held batch",
            "unmapped": "could not be checked or mapped",
        }[self.cause]
        return (
            f"a newer version of a protection (`{self.source}.{self.stream}`) {where}"
            f" since {self.since.isoformat(timespec='minutes')}:"
            f" {'not all of it can be read' if self.unread else 'what it states counts already'}"
        )
