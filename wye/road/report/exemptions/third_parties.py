"""Mark what may tell of somebody else: relations, households, and words that somebody wrote freely."""

from schemas.classification import Classification
from wye.road.report.exemptions.rule import Rule, Told
from wye.vocabulary import Exemption

HOUSEHOLD = frozenset({"liability.role"})
"""Fields that place the person in a household."""


def may_apply(told: Told) -> bool:
    """Look at what the field is."""
    return told.entity == "relationship" or told.field in HOUSEHOLD or told.classed(Classification.FREE_TEXT)


THIRD_PARTIES = Rule(Exemption.THIRD_PARTIES, "it is about relations or a household, or is free text", may_apply)
