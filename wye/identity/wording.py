"""Say in words how two records compare, what each comparison adds, and what objects. Pure.

Without `values` no value of a person is in the words; with them (for who opens the pair, on the record) names are.
"""

from collections.abc import Mapping

from wye.identity.explaining import MISSING, Explained, Part
from wye.identity.model import ELSE

NAMES: Mapping[str, str] = {
    "given_name": "given name",
    "family_name": "family name",
    "birth_date": "birth date",
    "home": "home",
    "phone": "telephone",
    "email": "e-mail address",
    "sex": "sex",
    "nhs_number": "NHS number",
}
LISTS = frozenset({"home", "phone", "email"})
"""What a record may have several of: one in common is enough."""
NICKNAME = "same by nickname"
CERTAIN, SURELY = 99.95, "more than 99.9 %"


def differences(explained: Explained) -> list[str]:
    """Say how each thing compares, without a value."""
    return [f"{name(part.comparison)}: {says(part)}" for part in explained.parts]


def says(part: Part) -> str:
    """Say one comparison's level: the model's own label, or what its absence means."""
    if part.label == MISSING:
        return "not known of both"
    if part.label == ELSE:
        return "none in common" if part.comparison in LISTS else "different"
    return part.label


def nickname(part: Part, left: Mapping[str, object], right: Mapping[str, object]) -> str:
    """Say a comparison with the names that it is about, where one is short for the other."""
    if part.label != NICKNAME:
        return says(part)
    names = [str(side.get("given_name") or "").split(" ")[0] for side in (left, right)]
    short, full = sorted(names, key=len)
    return (
        f"{short} is short for {full}"
        if short and len(short) < len(full)
        else f"{names[0]} and {names[1]} are one name"
    )


def explanation(explained: Explained) -> list[str]:
    """Say what each comparison adds to the weight, the prior first; what says nothing is left out."""
    lines = [f"{_signed(explained.prior)} before anything is compared: few records are of one person"]
    for part in sorted(explained.parts, key=lambda each: -abs(each.weight)):
        if part.label == MISSING:
            continue
        line = f"{_signed(part.weight)} {name(part.comparison)}: {says(part)}"
        if abs(part.rarity) >= 0.05:  # noqa: PLR2004  would be shown as nought
            often = "rare" if part.rarity > 0 else "common"
            line += f" ({_signed(part.rarity)} of it because the name is {often})"
        lines.append(line)
    return [*lines, f"{_signed(explained.weight)} in all: {chance(explained)} by the model that both are one person"]


def chance(explained: Explained) -> str:
    """Say a probability as per cent."""
    percent = explained.probability * 100
    if percent >= CERTAIN:
        return SURELY
    return f"{percent:.1f} %" if percent >= 0.1 else "less than 0.1 %"  # noqa: PLR2004  as it is written


def name(comparison: str) -> str:
    """Name a comparison in words."""
    return NAMES.get(comparison, comparison.replace("_", " "))


def _signed(weight: float) -> str:
    return f"{weight:+.1f}"
