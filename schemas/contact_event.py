"""Describe one time that a person and a service were in touch."""

from typing import ClassVar

from schemas.base import Canonical, described, needed
from schemas.classification import Classification as C


class ContactEvent(Canonical):
    """Be one contact (SSD `ssd_contacts`; a Dataverse incident)."""

    entity: ClassVar[str] = "contact_event"

    occurred_at: str = needed("When, as an instant in UTC (ISO 8601).", C.PERSONAL)
    channel: str | None = described("phone, web, email, letter, visit or face-to-face.", C.PERSONAL)
    topic: str | None = described("What it was about, in a few words.", C.FREE_TEXT)
    reference: str | None = described("The service's own reference of the case.", C.PERSONAL)
    status: str | None = described("open or closed.", C.PERSONAL)
