"""Draw released values for people to compare with what is true, show one at a time on the record, keep the verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wye.audit.append import append
from wye.audit.event import Event
from wye.errors import UsageError
from wye.intake.land import decode
from wye.intake.rows import last_landed
from wye.keys.rows import unseal_values
from wye.quality import sample_rows
from wye.quality.sample_rows import Sample
from wye.quality.sampling import NIGHTS, Released, chance, draw_people, draw_value
from wye.quality.score import Interval, wilson
from wye.road import rows
from wye.road.admit import noting_refused, refuse_named
from wye.road.decide import Decider
from wye.road.flows import with_flows
from wye.road.hub import Hub
from wye.road.score import LONDON
from wye.road.share import in_force
from wye.store.ids import uuid7
from wye.vocabulary import Action, EventKind, Outcome

PURPOSE = "accuracy sample"


@dataclass(slots=True)
class Sampled:
    """Tell how many people a recipient holds, and of how many of them a value was drawn."""

    people: int = 0
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """Hold how right an owner's values under an agreement were found to be."""

    owner: str
    agreement: str
    checked: int
    waiting: int
    right: Interval | None
    """With its 95% confidence interval; none while nothing is checked."""


def sample(hub: Hub, agreement: str) -> Sampled:
    """Draw today's sample of one agreement: one released value each of some people whom its recipient holds.

    The same day again draws nothing. Each person counts once, however much is released about them.
    """
    standing = in_force(hub, agreement)
    at = hub.at()
    day = at.astimezone(LONDON).date()
    rng = chance(agreement, day)
    with hub.conn.transaction():
        people = rows.recipient_people(hub.conn, agreement, standing.agreement.recipient)
        chosen = draw_people(people, rng)
        drawn: list[Sample] = []
        for decided in sorted(Decider(hub, standing).decide(chosen, at), key=lambda each: each.person):
            if decided.decision.outcome is not Outcome.RELEASE:
                continue
            released = [
                Released(each.entity, each.field, each.source, each.record)
                for each in decided.decision.fields
                if each.action is Action.RELEASE and each.source is not None and each.record is not None
            ]
            value = draw_value(released, rng)
            if value is not None:
                owner = hub.contract(value.source).owner
                drawn.append(Sample(uuid7(), day, agreement, decided.person, *value, owner, at, None))
        if not sample_rows.begin(hub.conn, agreement, day, len(people), len(drawn)):
            return Sampled(len(people), 0)
        sample_rows.insert(hub.conn, drawn)
        counts = {"people": len(people), "drawn": len(drawn)}
        noted = Event(
            kind=EventKind.CONSULTATION, at=at, actor=hub.actor, agreement=agreement, purpose=PURPOSE, counts=counts
        )
        append(hub.conn, hub.keys, [noted], at)
    return Sampled(len(people), len(drawn))


def look(hub: Hub, number: UUID) -> Mapping[str, object]:
    """Show one sampled value and where its system holds it; the consultation is on the record before it is shown."""
    at = hub.at()
    with noting_refused(hub, PURPOSE), hub.conn.transaction():
        found = _one(hub, number)
        values = sample_rows.values_of(hub.conn, found)
        key = _key(hub, found.record)
        _record(hub, found, at, None)
    return {
        "sample": found.id,
        "agreement": found.agreement,
        "source": found.source,
        "key": key or "no longer held",
        "field": f"{found.entity}.{found.field}",
        "values": values or "no longer held",
        "drawn_at": found.drawn_at,
        "owner": found.owner,
    }


def check(hub: Hub, number: UUID, *, right: bool, reason: str) -> Sample:
    """Keep a steward's verdict; raises UsageError if there is no such sample, no reason, or a verdict already."""
    if not reason.strip():
        raise UsageError("`--reason` is empty: say what the value was compared with")
    at = hub.at()
    verdict = "right" if right else "wrong"
    with noting_refused(hub, PURPOSE), hub.conn.transaction():
        found = _one(hub, number)
        if found.verdict is not None:
            raise UsageError(f"sample `{number}` was judged {found.verdict} already; a verdict stays")
        sample_rows.judge(hub.conn, number, verdict, reason.strip(), hub.actor, at)
        _record(hub, found, at, verdict)
    return found._replace(verdict=verdict)


def waiting(hub: Hub, owner: str | None, limit: int) -> list[Sample]:
    """List what is to be checked: ids and names of fields, no value."""
    return sample_rows.waiting(hub.conn, owner, limit)


def results(hub: Hub, nights: int = NIGHTS) -> list[Result]:
    """Say by owner and agreement how many sampled values of the last nights were right."""
    since = hub.at().astimezone(LONDON).date() - timedelta(days=nights)
    return [
        Result(each.owner, each.agreement, each.checked, each.waiting, wilson(each.right, each.checked))
        for each in sample_rows.judged(hub.conn, since)
    ]


def _one(hub: Hub, number: UUID) -> Sample:
    found = sample_rows.one(hub.conn, number)
    if found is None:
        raise UsageError(f"no sample `{number}`; `wye quality sample list` names those that wait")
    return found


def _key(hub: Hub, record: UUID) -> str | None:
    """Open the system's own key of a record: it rests only in the sealed row."""
    landed = last_landed(hub.conn, [record])
    plain = unseal_values(hub.conn, hub.keys, {row.value: row.sealed for row in landed})
    return next((decode(body).key for body in plain.values()), None)


def _record(hub: Hub, found: Sample, at: datetime, verdict: str | None) -> None:
    refuse_named(hub, [found.person])
    event = Event(
        kind=EventKind.CONSULTATION,
        at=at,
        actor=hub.actor,
        person=found.person,
        agreement=found.agreement,
        purpose=PURPOSE,
        outcome=verdict,
        fields=(f"{found.entity}.{found.field}",),
        detail={"sample": str(found.id), "record": str(found.record)},
    )
    append(hub.conn, hub.keys, with_flows(hub.conn, [event]), at)
