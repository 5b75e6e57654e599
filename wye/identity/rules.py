"""List the deterministic rules, strongest first: the first that holds for a pair is its reason."""

from wye.identity.deterministic import duplicate_marker, same_name_birth_postcode, same_nhs_number
from wye.identity.rule import Rule

RULES: tuple[Rule, ...] = (duplicate_marker.RULE, same_nhs_number.RULE, same_name_birth_postcode.RULE)


def rule_case() -> str:
    """Write the rules as one SQL expression: the place of the first that holds, null if none does."""
    whens = "\n".join(f"WHEN {rule.condition} THEN {place}" for place, rule in enumerate(RULES))
    return f"CASE {whens} END"
