"""Describe an event that the police recorded about a person."""

from typing import ClassVar

from schemas.base import Canonical, described, needed
from schemas.classification import Classification as C


class Incident(Canonical):
    """Be one police event with the person's part in it (NPCC POLE E_001 to E_006)."""

    entity: ClassVar[str] = "incident"

    kind: str = needed("crime, incident, custody, stop-search, safeguarding or anti-social-behaviour.", C.CRIMINAL)
    role: str = needed(
        "The person's part: victim, witness, subject, vulnerable-child, vulnerable-adult, suspect or involved-party.",
        C.CRIMINAL,
    )
    occurred_at: str | None = described("When, as an instant in UTC (ISO 8601).", C.CRIMINAL)
    category: str | None = described(
        "Kind of harm: neglect, physical, sexual, emotional, financial or domestic.", C.CRIMINAL
    )
    detail: str | None = described("What was recorded, in the officer's words.", C.FREE_TEXT)
    children_present: bool | None = described("Whether children were there.", C.CRIMINAL)
    handling: str | None = described("Handling conditions that the police set on this item.", C.CRIMINAL)
    reference: str = needed("The force's own number of the event.", C.CRIMINAL)
