"""Keep the rules that mark which exemptions may apply, one to a file. None decides: a second person does."""

from wye.road.report.exemptions.health import HEALTH
from wye.road.report.exemptions.police_matter import POLICE_MATTER
from wye.road.report.exemptions.rule import Rule, Told
from wye.road.report.exemptions.serious_harm import SERIOUS_HARM
from wye.road.report.exemptions.social_work import SOCIAL_WORK
from wye.road.report.exemptions.statutory_bar import STATUTORY_BAR
from wye.road.report.exemptions.third_parties import THIRD_PARTIES
from wye.vocabulary import Exemption

RULES: tuple[Rule, ...] = (SERIOUS_HARM, THIRD_PARTIES, POLICE_MATTER, HEALTH, SOCIAL_WORK, STATUTORY_BAR)
WHY = {rule.exemption: rule.why for rule in RULES}


def marks(told: Told) -> tuple[Exemption, ...]:
    """Give every exemption that may apply to telling this, in the order of the rules."""
    return tuple(rule.exemption for rule in RULES if rule.may_apply(told))
