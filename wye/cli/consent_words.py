"""Write what people said, for those who look: as data and as lines."""

from datetime import date
from typing import TYPE_CHECKING, Any

from wye.vocabulary import ConsentKind

if TYPE_CHECKING:
    from wye.consent.objecting import Reach
    from wye.road.consents import Shown
    from wye.store.consents import HeldConsent


def held(one: "HeldConsent") -> dict[str, Any]:
    """Write an answer as data."""
    return {
        "id": one.record, "kind": one.kind, "scope": one.scope, "given": one.given, "on": one.recorded_on,
        "source": one.source,
    }  # fmt: skip


def reach_lines(reaches: "tuple[Reach, ...]") -> list[str]:
    """Write what an objection does, an agreement to a line."""
    return [f"  {each.agreement} {each.version}: {each.effect}; {each.why}" for each in reaches]


def shown_data(found: "Shown") -> dict[str, Any]:
    """Write all that a person said as data."""
    return {
        "person": found.person,
        "counting": [held(one) for one in found.counting],
        "by_sources": [held(one) for one in found.by_sources],
        "by_staff": [
            {
                "id": each.row.id, "kind": each.row.kind, "scope": each.row.scope, "given": each.row.given,
                "on": each.row.said_on, "capacity": each.row.capacity, "recorded_by": each.row.recorded_by,
                "recorded_at": each.row.recorded_at, "may_count": each.row.counts, **each.words,
            }
            for each in found.by_staff
        ],
        "objections": {str(word): [each._asdict() for each in reaches] for word, reaches in found.reaches.items()},
        "answers": [
            {
                "id": each.row.id, "objection": each.row.objection, "agreement": each.row.agreement,
                "version": each.row.version, "decided_by": each.row.decided_by, "decided_at": each.row.decided_at,
                "grounds": each.grounds,
            }
            for each in found.answers
        ],
        "upheld": [
            {
                "id": each.row.id, "objection": each.row.objection, "agreement": each.row.agreement,
                "decided_by": each.row.decided_by, "decided_at": each.row.decided_at, "reason": each.reason,
            }
            for each in found.upheld
        ],
    }  # fmt: skip


def shown_lines(found: "Shown") -> list[str]:
    """Write all that a person said, what counts first."""
    lines = ["counts now:" if found.counting else "nothing is recorded: neither a consent nor an objection"]
    lines += [
        f"  {_answer(one.kind, one.given)}  {one.scope}  {_day(one.recorded_on)}  {one.source}"
        for one in found.counting
    ]
    for word, reaches in found.reaches.items():
        lines += [f"objection {word}:", *reach_lines(reaches)]
    for each in found.answers:
        reply = each.row
        lines.append(
            f"  answered under {reply.agreement} {reply.version} by {reply.decided_by}: {each.grounds or 'no longer held'}"
        )
    for one in found.upheld:
        lines.append(f"  upheld under {one.row.agreement} by {one.row.decided_by}: {one.reason or 'no longer held'}")
    if found.by_staff or found.by_sources:
        lines.append("history:")
    for told in found.by_staff:
        row = told.row
        said = told.words
        lines.append(
            f"  {row.said_on}  {_answer(row.kind, row.given)}  {row.scope}  as {row.capacity}"
            f"  recorded by {row.recorded_by}  {row.id}"
        )
        if not row.counts:
            lines.append("    does not count: the records it was said of are two people's now; ask again")
        reference = f"; {said['reference']}" if said.get("reference") else ""
        lines.append(f"    {said['said_by']}{reference}; {said['evidence']}" if said else "    no longer held")
    lines += [
        f"  {_day(one.recorded_on)}  {_answer(one.kind, one.given)}  {one.scope}  from {one.source}  {one.record}"
        for one in found.by_sources
    ]
    return lines


def _answer(kind: str, given: bool) -> str:
    if kind == ConsentKind.OBJECTION:
        return "objected" if given else "objection withdrawn"
    return f"{kind} consent {'given' if given else 'refused or withdrawn'}"


def _day(day: date | None) -> str:
    return "no day" if day is None else day.isoformat()
