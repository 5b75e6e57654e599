"""Map DM_CIN_REFERRALS: requests for care, and safeguarding concerns about children and adults."""

from collections.abc import Iterable

from connectors.frameworki.mapping.held import code, day, person, text
from schemas.referral import Referral
from wye.ports import BadInput, Canonical, SourceRow

KINDS = {"CIN": "safeguarding-child", "S42": "safeguarding-adult", "CARE": "care"}
"""REFERRAL_TYPE: child in need (Children Act 1989 s17, s47), section 42 enquiry (Care Act 2014), request for care."""

REASONS = {
    reason.upper(): reason
    for reason in ("neglect", "physical", "sexual", "emotional", "financial", "self-neglect", "care-needs")
} | {"SELF_NEGLECT": "self-neglect", "CARE_NEEDS": "care-needs"}


def map_referral(row: SourceRow) -> Iterable[Canonical]:
    """Return the Referral. One that ended without action counts as such, even if it was closed as well."""
    kind = code(row, "REFERRAL_TYPE", KINDS)
    if kind is None:
        raise BadInput("column `REFERRAL_TYPE` is empty: right is CIN, S42 or CARE")
    no_action, closed = day(row, "NFA_DATE"), day(row, "CLOSURE_DATE")
    yield Referral(
        subject=person(row),
        kind=kind,
        received_on=day(row, "REFERRAL_DATE"),
        referred_by=text(row, "SOURCE_OF_REFERRAL"),
        reason=code(row, "REASON", REASONS),
        status="no-further-action" if no_action else "closed" if closed else "open",
        closed_on=closed or no_action,
    )
