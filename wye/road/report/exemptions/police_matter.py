"""Mark what went to the police or came from them: a live matter may be behind it, and telling may warn somebody."""

from schemas.classification import Classification
from wye.road.report.exemptions.rule import Rule, Told
from wye.vocabulary import Exemption, PartyKind


def may_apply(told: Told) -> bool:
    """Look at both ends, and at the class of the field; an end that no text tells of may be the police."""
    if told.recipient is None or told.sources is None:
        return True
    return (
        told.recipient is PartyKind.POLICE or PartyKind.POLICE in told.sources or told.classed(Classification.CRIMINAL)
    )


POLICE_MATTER = Rule(
    Exemption.CRIME_AND_TAX, "recipient or source is the police, or no text tells which it is", may_apply
)
