"""Say a decision in plain words: what leaves, what does not, which rule said so. Never a field's value."""

from collections.abc import Iterator

from wye.sharing.decision import Decision, FieldDecision
from wye.vocabulary import Action, Outcome


def explain(decision: Decision) -> Iterator[str]:
    """Give the lines of an explanation: why, and then field by field."""
    reason = decision.reasons[0]
    if not decision.considered:
        yield "not considered: not one of the people whom the agreement is about"
        return
    word = "released" if decision.outcome is Outcome.RELEASE else "waits" if decision.waits else "withheld"
    yield f"{word}: {reason.text} ({reason.clause}; {reason.basis})"
    if reason.refer_to is not None:
        yield f"ask: {reason.refer_to}"
    for alarm in decision.alarms:
        yield f"alarm: {alarm.text} ({alarm.clause})"
    for one in decision.fields:
        yield f"  {one.entity}.{one.field}: {_said(one)}"
    if decision.next_change_at is not None:
        yield f"may change by itself at {decision.next_change_at.isoformat(timespec='minutes')}"


def as_data(decision: Decision) -> dict[str, object]:
    """Give the explanation as plain data, for JSON."""
    return {
        "outcome": decision.outcome.value,
        "considered": decision.considered,
        "reasons": [reason._asdict() for reason in decision.reasons],
        "fields": [one._asdict() for one in decision.fields],
        "next_change_at": decision.next_change_at,
    }


def _said(one: FieldDecision) -> str:
    if one.action is Action.RELEASE:
        return f"released, from {one.source}"
    if one.action is Action.UNKNOWN:
        return "nobody holds it"
    return f"withheld, from {one.source}: {one.reason} ({one.clause})"
