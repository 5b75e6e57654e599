"""Mark everything once a statutory prohibition stopped a disclosure: a former identity may be sealed (adoption, gender)."""

from wye.road.report.exemptions.rule import Rule, Told
from wye.vocabulary import Exemption


def may_apply(told: Told) -> bool:
    """Look at what ever stopped a disclosure."""
    return "prohibited" in told.clauses


STATUTORY_BAR = Rule(
    Exemption.STATUTORY_BAR,
    "a statutory prohibition, such as a sealed former identity, stopped a disclosure",
    may_apply,
)
