"""Map DM_PERSONAL_RELATIONSHIPS: who somebody is to the person, and which records are the same person."""

from collections.abc import Iterable

from connectors.frameworki.mapping.held import code, day, person
from schemas.relationship import Relationship
from wye.ports import BadInput, Canonical, SourceRow

KINDS = {
    "MOTHER": "mother",
    "FATHER": "father",
    "PARENT": "parent",
    "CHILD": "child",
    "PARTNER": "partner",
    "SIBLING": "sibling",
    "CARER": "carer",
    "HOUSEHOLD": "household-member",
    "OTHER": "other",
    "DUPLICATE": "duplicate",
}
"""FAMILY_CATEGORY says what OTHER_PERSON_ID is to PERSON_ID; DUPLICATE, that PERSON_ID is OTHER_PERSON_ID again."""


def map_relationship(row: SourceRow) -> Iterable[Canonical]:
    """Return the Relationship; raises BadInput for a tie of a person to themselves."""
    subject, other = person(row), person(row, "OTHER_PERSON_ID")
    if subject == other:
        raise BadInput("column `OTHER_PERSON_ID` names the same person as `PERSON_ID`: right is another person")
    kind = code(row, "FAMILY_CATEGORY", KINDS)
    if kind is None:
        raise BadInput("column `FAMILY_CATEGORY` is empty: a tie without a kind means nothing")
    yield Relationship(
        subject=subject, other=other, kind=kind, from_date=day(row, "START_DATE"), to_date=day(row, "END_DATE")
    )
