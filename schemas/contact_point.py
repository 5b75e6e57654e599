"""Describe how a person is reached."""

from typing import ClassVar

from schemas.base import Canonical, described, needed
from schemas.classification import Classification as C


class ContactPoint(Canonical):
    """Be one telephone number or e-mail address (FHIR ContactPoint; POLE telephone and email objects)."""

    entity: ClassVar[str] = "contact_point"

    kind: str = needed("phone, mobile or email.", C.NONE)
    value: str = needed("The number with country code (E.164), or the e-mail address in lower case.", C.PERSONAL)
    preferred: bool | None = described("Whether the person prefers this one.", C.PERSONAL)
