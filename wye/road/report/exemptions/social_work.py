"""Mark social-work data: what a council's social workers recorded of their work with the person."""

from wye.road.report.exemptions.rule import Rule, Told
from wye.vocabulary import Exemption

SOCIAL_WORK_ENTITIES = frozenset({"referral", "involvement", "care_package"})


def may_apply(told: Told) -> bool:
    """Look at what the field is; one that the catalogue does not know may be social-work data."""
    return told.facts is None or told.entity in SOCIAL_WORK_ENTITIES


SOCIAL_WORK = Rule(Exemption.SOCIAL_WORK, "it is social-work data", may_apply)
