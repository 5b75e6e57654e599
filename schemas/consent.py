"""Describe what a person agreed or objected to."""

from typing import ClassVar

from schemas.base import Canonical, Day, described, needed
from schemas.classification import Classification as C


class Consent(Canonical):
    """Be one consent or objection as recorded at a source (UK Core Consent; common-law duty of confidentiality)."""

    entity: ClassVar[str] = "consent"

    kind: str = needed("confidentiality (common law), uk-gdpr or objection.", C.PERSONAL)
    scope: str = needed("What it covers: share-with-health, share-with-police or share-inside-council.", C.PERSONAL)
    given: bool = needed("True if given or objected, false if refused or withdrawn.", C.PERSONAL)
    recorded_on: Day | None = described("Day on which it was recorded.", C.PERSONAL)
    evidence: str | None = described("Where the evidence is, such as the number of a form.", C.PERSONAL)
