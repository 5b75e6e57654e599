"""Describe how two people belong together."""

from typing import ClassVar
from uuid import UUID

from schemas.base import Canonical, Day, described, needed
from schemas.classification import Classification as C


class Relationship(Canonical):
    """Be one tie from the subject to another person (PRSB personal contacts; UK Core RelatedPerson)."""

    entity: ClassVar[str] = "relationship"

    other: UUID = needed("The record of the other person.", C.PERSONAL)
    kind: str = needed(
        "What the other person is to the subject: mother, father, parent, child, partner, sibling, carer, "
        "household-member, other, or duplicate (the same person under another number).",
        C.PERSONAL,
    )
    from_date: Day | None = described("First day of the tie.", C.PERSONAL)
    to_date: Day | None = described("Last day of the tie; empty while it lasts.", C.PERSONAL)
