"""Choose which of several recorded answers counts: the newest; of equally new ones, the one that shares less."""

from collections.abc import Iterable
from datetime import date

from wye.store.consents import HeldConsent
from wye.vocabulary import ConsentKind


def newest(held: Iterable[HeldConsent]) -> tuple[HeldConsent, ...]:
    """Keep one answer per kind and scope, in the order of kind and scope.

    An answer without a day counts as older than any with one. On the same day a refusal beats a consent, and an
    objection its withdrawal: we cannot know which came later, so the person's privacy decides.
    """
    kept: dict[tuple[str, str], HeldConsent] = {}
    for one in held:
        key = (one.kind, one.scope)
        if key not in kept or _weight(one) > _weight(kept[key]):
            kept[key] = one
    return tuple(kept[key] for key in sorted(kept))


def _weight(one: HeldConsent) -> tuple[date, bool, str]:
    shares_less = one.given if one.kind == ConsentKind.OBJECTION else not one.given
    return one.recorded_on or date.min, shares_less, str(one.record)
