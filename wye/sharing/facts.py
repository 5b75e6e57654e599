"""Hold what a decision may look at. None means that a fact was not fetched, and unknown withholds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from wye.agreements.days import day_of, start_of
from wye.agreements.model import Agreement
from wye.sharing.lasting import lasts, next_day
from wye.store.consents import HeldConsent
from wye.store.known import PersonKnown
from wye.vocabulary import ConsentKind, Onward

OnwardParties = Mapping[str, frozenset[str]]
"""Per agreement that brings values in: the parties to which they may be passed on."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold the facts about one person at one instant. Most sensitive class: whatever the canonical model holds."""

    known: PersonKnown
    consents: tuple[HeldConsent, ...] | None
    objections: tuple[HeldConsent, ...] | None
    restricted: bool | None
    """A restricted-record flag is held."""
    sealed_identity: bool | None
    """A former identity is sealed (gender recognition, adoption)."""
    safe_address: bool | None
    """A safe-address flag is held."""
    onward: OnwardParties | None
    changes_at: datetime | None = None
    """The next instant at which a flag begins or ends."""


def facts_of(
    known: PersonKnown, held: Iterable[HeldConsent] | None, onward: OnwardParties | None, at: datetime
) -> Facts:
    """Gather the facts about a person at an instant, from what the stores gave; `held` as wye.consent keeps it."""
    day = day_of(at)
    text = day.isoformat()
    flags = known.rows.get("flag", ())
    kinds = {flag.values.get("kind") for flag in flags if lasts("flag", flag.values, text)}
    changes = [change for flag in flags if (change := next_day("flag", flag.values, text)) is not None]
    answers = None if held is None else tuple(held)
    return Facts(
        known=known,
        consents=None if answers is None else tuple(one for one in answers if one.kind != ConsentKind.OBJECTION),
        objections=None if answers is None else tuple(one for one in answers if one.kind == ConsentKind.OBJECTION),
        restricted="restricted-record" in kinds,
        sealed_identity="former-identity-sealed" in kinds,
        safe_address="safe-address" in kinds,
        onward=onward,
        changes_at=start_of(min(changes)) if changes else None,
    )


def onward_parties(agreements: Iterable[Agreement]) -> OnwardParties:
    """Say, per agreement, to which parties its recipient may pass on what it received."""
    return {
        agreement.id: frozenset(agreement.onward.to if agreement.onward.permitted is Onward.NAMED else ())
        for agreement in agreements
    }
