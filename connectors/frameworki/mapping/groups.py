"""Map DM_SERVICE_USER_GROUPS: which service knows the person, and which warnings stand on the record."""

from collections.abc import Iterable

from connectors.frameworki.mapping.held import day, needed_text, person
from schemas.flag import Flag
from schemas.involvement import Involvement
from wye.ports import BadInput, Canonical, SourceRow

SERVICES = {"ADULT_SOCIAL_CARE": "adult-social-care", "CHILDRENS_SOCIAL_CARE": "childrens-social-care"}
FLAGS = {
    "SAFE_ADDRESS": "safe-address",
    "FORMER_IDENTITY_SEALED": "former-identity-sealed",
    "RISK_TO_STAFF": "risk-to-staff",
}


def map_group(row: SourceRow) -> Iterable[Canonical]:
    """Return an Involvement or a Flag; raises BadInput for a group not known, since it might be a warning."""
    subject = person(row)
    group = needed_text(row, "FULL_GROUP_TYPE").upper()
    first, last = day(row, "START_DATE"), day(row, "END_DATE")
    if group in SERVICES:
        yield Involvement(subject=subject, service=SERVICES[group], from_date=first, to_date=last)
    elif group in FLAGS:
        yield Flag(subject=subject, kind=FLAGS[group], from_date=first, to_date=last)
    else:
        known = ", ".join([*SERVICES, *FLAGS])
        raise BadInput(f"column `FULL_GROUP_TYPE` holds a group that is not known: known are {known}")
