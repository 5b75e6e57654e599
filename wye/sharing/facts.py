"""Hold what a decision may look at. None means that a fact was not fetched, and unknown withholds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from wye.agreements.days import day_of, start_of
from wye.agreements.model import Agreement
from wye.sharing.lasting import lasts, next_day
from wye.sharing.shared_address import guards, next_guard
from wye.store.consents import HeldConsent
from wye.store.known import PersonKnown
from wye.store.opt_outs import OptOutAnswer
from wye.store.pending import PendingProtection
from wye.store.protections import Protections
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
    """A restricted-record flag is held, or staff restricted the record against everyone."""
    restricted_against: frozenset[str] | None
    """The parties against whom staff restricted the record: nothing of it goes to them."""
    sealed_identity: bool | None
    """A former identity is sealed (gender recognition, adoption)."""
    safe_address: bool | None
    """A safe-address flag is held: the person's own, or of a relation at the same address."""
    onward: OnwardParties | None
    unread: tuple[PendingProtection, ...] | None
    """Waiting versions that may say more of protections than could be read, oldest first."""
    changes_at: datetime | None = None
    """The next instant at which a flag begins or ends."""
    break_glass: datetime | None = None
    """Until when (exclusive) whoever asks may look without a relationship; none: they broke no glass, or nobody looked that up."""
    opt_out: OptOutAnswer | None = None
    """What the national check of opt-outs answered for the agreement that is decided under; looked up where it applies."""


def facts_of(
    known: PersonKnown,
    held: Iterable[HeldConsent] | None,
    onward: OnwardParties | None,
    pending: Iterable[PendingProtection] | None,
    at: datetime,
    protections: Protections | None = None,
) -> Facts:
    """Gather the facts about a person at an instant, from what the stores gave; `held` as wye.consent keeps it.

    What was not fetched is unknown, unless the person's own flags answer it already.

    A protection that a waiting version states counts beside those in force: it can only withhold. None is lifted by one.
    """
    waiting = None if pending is None else tuple(pending)
    stated = [one for each in waiting or () for one in _stated(each) if isinstance(one, HeldConsent)]
    day = day_of(at)
    text = day.isoformat()
    flags = _flags(known, waiting or ())
    kinds = flagged(known, waiting or (), day)
    changes = [change for flag in flags if (change := next_day("flag", flag, text)) is not None]
    homes = [address.values for address in known.rows.get("address", ())]
    relations = () if protections is None else protections.relations
    changes += [change for one in relations if (change := next_guard(one, text)) is not None]
    near = any(guards(one, homes, text) for one in relations)
    answers = None if held is None else (*held, *stated)
    return Facts(
        known=known,
        consents=None if answers is None else tuple(one for one in answers if one.kind != ConsentKind.OBJECTION),
        objections=None if answers is None else tuple(one for one in answers if one.kind == ConsentKind.OBJECTION),
        restricted="restricted-record" in kinds or (None if protections is None else protections.restricted),
        restricted_against=None if protections is None else protections.against,
        sealed_identity="former-identity-sealed" in kinds,
        safe_address="safe-address" in kinds or (None if protections is None else near),
        onward=onward,
        unread=None if waiting is None else tuple(each for each in waiting if each.unread),
        changes_at=start_of(min(changes)) if changes else None,
    )


def flagged(known: PersonKnown, pending: Iterable[PendingProtection], day: date) -> frozenset[str]:
    """Name the kinds of a person's own flags that last on a day, those that a waiting version states among them."""
    text = day.isoformat()
    return frozenset(str(flag.get("kind")) for flag in _flags(known, pending) if lasts("flag", flag, text))


def _flags(known: PersonKnown, pending: Iterable[PendingProtection]) -> list[Mapping[str, object]]:
    stated = [one for each in pending for one in _stated(each) if not isinstance(one, HeldConsent)]
    return [*(flag.values for flag in known.rows.get("flag", ())), *stated]


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
