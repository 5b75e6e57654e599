"""Map DM_PROF_RELATIONSHIPS: which worker of which service works with the person."""

from collections.abc import Iterable

from connectors.frameworki.mapping.held import code, day, needed_text, person, text
from schemas.involvement import Involvement
from wye.ports import BadInput, Canonical, SourceRow

ROLES = {
    "ALLOCATED_SW": "allocated social worker",
    "OT": "occupational therapist",
    "REL.ALLWORK": "allocated social worker",
    "REL.ALLWORKCF": "allocated social worker",
    "REL.PERSONALADVISOR": "personal advisor",
}
"""PROF_REL_TYPE_CODE is a local list in each Mosaic; these are Arrowshire's codes, old and new."""

CHILDRENS_CODES = frozenset({"REL.ALLWORKCF", "REL.PERSONALADVISOR"})
"""Codes that children's services alone use, whoever holds the record: care leavers are adults."""

SERVICES = {"A": "adult-social-care", "C": "childrens-social-care"}
"""CONTEXT_FLAG of the person, which the reading joins: the service that holds the record."""


def map_involvement(row: SourceRow) -> Iterable[Canonical]:
    """Return the Involvement with the worker's name, which the reading joins from DM_WORKERS."""
    yield Involvement(
        subject=person(row),
        service=_service(row),
        role=code(row, "PROF_REL_TYPE_CODE", ROLES),
        worker=text(row, "WORKER_FULL_NAME"),
        from_date=day(row, "START_DATE"),
        to_date=day(row, "END_DATE"),
    )


def _service(row: SourceRow) -> str:
    # Guessing the service wrongly would share it under the wrong agreement: a record held by both is refused.
    if needed_text(row, "PROF_REL_TYPE_CODE").upper() in CHILDRENS_CODES:
        return SERVICES["C"]
    service = SERVICES.get((text(row, "PERSON_CONTEXT_FLAG") or "").upper())
    if service is None:
        raise BadInput("column `PERSON_CONTEXT_FLAG` does not tell the service: right is A or C")
    return service
