"""Hold what a decision may look at. None means that a fact was not fetched, and unknown withholds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from wye.agreements.days import day_of, start_of
from wye.agreements.model import Agreement
from wye.sharing.lasting import lasts, next_day
from wye.store.consents import HeldConsent
from wye.store.known import PersonKnown
from wye.store.pending import PendingProtection
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
    unread: tuple[PendingProtection, ...] | None
    """Waiting versions that may say more of protections than could be read, oldest first."""
    changes_at: datetime | None = None
    """The next instant at which a flag begins or ends."""


def facts_of(
    known: PersonKnown,
    held: Iterable[HeldConsent] | None,
    onward: OnwardParties | None,
    pending: Iterable[PendingProtection] | None,
    at: datetime,
) -> Facts:
    """Gather the facts about a person at an instant, from what the stores gave; `held` as wye.consent keeps it.

    A protection that a waiting version states counts beside those in force: it can only withhold. None is lifted by one.
    """
    waiting = None if pending is None else tuple(pending)
    stated = [one for each in waiting or () for one in _stated(each)]
    day = day_of(at)
    text = day.isoformat()
    flags = [flag.values for flag in known.rows.get("flag", ())]
    flags += [one for one in stated if not isinstance(one, HeldConsent)]
    kinds = {flag.get("kind") for flag in flags if lasts("flag", flag, text)}
    changes = [change for flag in flags if (change := next_day("flag", flag, text)) is not None]
    answers = None if held is None else (*held, *(one for one in stated if isinstance(one, HeldConsent)))
    return Facts(
        known=known,
        consents=None if answers is None else tuple(one for one in answers if one.kind != ConsentKind.OBJECTION),
        objections=None if answers is None else tuple(one for one in answers if one.kind == ConsentKind.OBJECTION),
        restricted="restricted-record" in kinds,
        sealed_identity="former-identity-sealed" in kinds,
        safe_address="safe-address" in kinds,
        onward=onward,
        unread=None if waiting is None else tuple(each for each in waiting if each.unread),
        changes_at=start_of(min(changes)) if changes else None,
    )


def _stated(pending: PendingProtection) -> Iterator[Mapping[str, object] | HeldConsent]:
    for entity, values in pending.stated:
        if entity == "flag":
            yield values
        else:
            yield HeldConsent(
                str(values["kind"]), str(values["scope"]), bool(values["given"]), None, pending.record, pending.source
            )


def onward_parties(agreements: Iterable[Agreement]) -> OnwardParties:
    """Say, per agreement, to which parties its recipient may pass on what it received."""
    return {
        agreement.id: frozenset(agreement.onward.to if agreement.onward.permitted is Onward.NAMED else ())
        for agreement in agreements
    }
