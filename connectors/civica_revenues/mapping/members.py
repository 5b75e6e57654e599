"""Map a member of a household that claims housing benefit.

Benefits data: an agreement must name this source for it to leave. Names stay in capitals, as they are held.
"""

from collections.abc import Iterator

from connectors.civica_revenues.mapping.values import address, british_day, iso_day, last_day, needed, text
from schemas.liability import Liability
from schemas.person import Person
from wye.ports import BadInput, Canonical, SourceRow, record_id

SEXES = {"1": "M", "2": "F", "0": "U"}
ROLES = {"1": "claimant", "2": "partner", "3": "household-member", "4": "household-member"}
"""Types 3 (dependant) and 4 (non-dependant) differ for the award, not for who lives there."""


def map_row(row: SourceRow) -> Iterator[Canonical]:
    """Give the person, the benefit claim as a liability, and the address that the claim is for."""
    subject = record_id("civica_revenues", "members", row.key)
    born, died = british_day(row, "birth_date"), iso_day(row, "deceased_date")
    if born and died and died < born:
        raise BadInput("column `deceased_date` is before `birth_date`")
    yield Person(
        subject=subject,
        family_name=needed(row, "surname"),
        given_name=text(row, "forename"),
        title=text(row, "title"),
        birth_date=born,
        death_date=died,
        sex=SEXES.get(text(row, "gender") or ""),
        nino=_nino(row),
        case_number=text(row, "party_ref"),
    )
    first = iso_day(row, "household_from_date") or iso_day(row, "claim_application_date")
    last = british_day(row, "household_to_date")
    yield Liability(
        subject=subject,
        kind="housing-benefit",
        account=needed(row, "claim_id") + (text(row, "claim_check_digit") or ""),
        role=ROLES.get(text(row, "type") or ""),
        from_date=first,
        to_date=iso_day(row, "claim_cancel_date") or last_day(last),
    )
    home = address(row, "household_", "household_post_code", subject, "home", first, last)
    if home is not None:
        yield home


def _nino(row: SourceRow) -> str | None:
    return "".join((text(row, "nino") or "").upper().split()) or None
