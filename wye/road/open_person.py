"""Open a person to somebody who looks: what one agreement lets their role see, if a relationship entitles them. On the record.

Who looks is the signed-in account, and what they are is in the settings. Which relationship they have is read from what systems
tell of who works with the person. Without one there is a window, while it is open, that they opened in an emergency.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from wye.agreements.days import day_of
from wye.agreements.model import Agreement
from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.identity.link_rows import records_of
from wye.road.admit import admit
from wye.road.break_glass import rows
from wye.road.break_glass.rows import Opening
from wye.road.decide import Decider
from wye.road.flows import with_flows
from wye.road.gather import gather
from wye.road.hub import Hub
from wye.road.share import in_force
from wye.settings import AccountSettings
from wye.sharing.decision import Decision, Request
from wye.sharing.facts import Facts
from wye.sharing.relationships import relationships
from wye.vocabulary import EventKind, Outcome

PURPOSE = "people open"


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold what somebody may see of a person. Most sensitive class: whatever is released."""

    person: UUID
    agreement: Agreement
    role: str
    relationship: str | None
    """By which a system entitles them; none if no system does."""
    window: Opening | None
    """The window by which they look; none if a relationship entitles them, or nothing does."""
    decision: Decision


@dataclass(frozen=True, slots=True)
class Looker:
    """Hold who asks to look at whom, and what may be looked at. Raises UsageError if they may not even ask."""

    decider: Decider
    role: str
    relationship: str | None
    trained_on: date | None
    facts: Facts

    def decide(self, until: datetime | None, at: datetime) -> Decision:
        """Decide what they may see; `until` is the end of a window of theirs."""
        agreement = self.decider.agreement
        request = Request(
            agreement.id, agreement.recipient, agreement.purpose.code.value, self.role,
            relationship=self.relationship, trained_on=self.trained_on,
        )  # fmt: skip
        return self.decider.policy.decide(request, replace(self.facts, break_glass=until), at)


def looker(hub: Hub, person: UUID, agreement: str, at: datetime) -> Looker:
    """Find what an account is to a person; raises UsageError or AgreementRefused."""
    admit(hub, [person], PURPOSE)
    account = hub.settings.accounts.get(hub.actor)
    if account is None:
        raise UsageError(
            f"account `{hub.actor}` has no role: whoever operates Wye sets `WYE_ACCOUNTS__{hub.actor.upper()}__ROLE`"
        )
    if not records_of(hub.conn, person):
        raise UsageError(f"nobody is known as `{person}`; `wye people find` tells a person's id")
    decider = Decider(hub, in_force(hub, agreement))
    (facts,) = gather(hub, [person], at, decider.agreement)
    return Looker(
        decider, account.role, _relationship(decider.agreement, account, facts, at), account.trained_on, facts
    )


def open_person(hub: Hub, person: UUID, agreement: str) -> Seen:
    """Show what the account may see; raises UsageError or AgreementRefused. That it was withheld is on the record too."""
    at = hub.at()
    one = looker(hub, person, agreement, at)
    with hub.conn.transaction():
        window = rows.standing(hub.conn, person, hub.actor, agreement, at) if one.relationship is None else None
        seen = Seen(
            person, one.decider.agreement, one.role, one.relationship, window,
            one.decide(None if window is None else window.until, at),
        )  # fmt: skip
        append(hub.conn, hub.keys, with_flows(hub.conn, [looked(hub, seen, at)]), at)
    return seen


def looked(hub: Hub, seen: Seen, at: datetime) -> Event:
    """Make the entry of a look; one within a window names it."""
    decision = seen.decision
    detail = {"role": seen.role}
    if seen.relationship is not None:
        detail["relationship"] = seen.relationship
    if seen.window is not None:
        detail["break_glass"] = str(seen.window.id)
    return Event(
        kind=EventKind.CONSULTATION if decision.outcome is Outcome.RELEASE else EventKind.REFUSAL,
        at=at,
        actor=hub.actor,
        person=seen.person,
        agreement=seen.agreement.id,
        version=seen.agreement.version,
        outcome=decision.outcome.value,
        purpose=PURPOSE,
        reasons=decision.clauses,
        fields=tuple(sorted(decision.released)),
        detail=detail,
    )


def _relationship(agreement: Agreement, account: AccountSettings, facts: Facts, at: datetime) -> str | None:
    """Name the first relationship of the agreement's that a system tells of."""
    if agreement.relationship is None:
        return None
    has = relationships(facts.known, account.workers, account.teams, day_of(at).isoformat())
    return next((each.value for each in agreement.relationship.any_of if each in has), None)
