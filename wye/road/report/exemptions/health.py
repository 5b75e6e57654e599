"""Mark health data: telling and withholding alike owe a health professional's opinion."""

from schemas.classification import Classification
from wye.road.report.exemptions.rule import Rule, Told
from wye.vocabulary import Exemption


def may_apply(told: Told) -> bool:
    """Look at the class of the field; free text of a hospital stay is health data too."""
    return told.classed(Classification.HEALTH) or told.entity == "encounter"


HEALTH = Rule(Exemption.HEALTH, "it is health data: a health professional's opinion is owed", may_apply)
