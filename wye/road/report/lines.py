"""Make the lines of a report from entries of the trail: pure."""

from collections import defaultdict
from collections.abc import Sequence

from wye.audit.event import Event, never_sent
from wye.audit.search import FoundEntry
from wye.road.report.draft_body import NOT_RECORDED, Line, OneOff, Sent
from wye.road.report.exemptions import marks
from wye.road.report.exemptions.rule import Told
from wye.road.report.texts import Texts
from wye.vocabulary import EventKind, Exemption, MessageKind, PartyKind

DATA_SUBJECT = "data-subject"
"""The recipient of what was told to the person: named in the trail, and no recipient of a report."""

Key = tuple[str, str | None, str | None, str | None, tuple[Exemption, ...], OneOff | None]


def lines_of(entries: Sequence[FoundEntry], texts: Texts) -> tuple[Line, ...]:
    """Group the disclosures by recipient, version, purpose and marks, in the order of their first.

    A refusal and a withdrawal disclose nothing, nor does what was never sent; looks of staff are no disclosure and are never named. A disclosure of
    fields with different marks is a part of several lines, so that no more than must be is withheld.
    """
    clauses = frozenset(clause for each in entries if each.event is not None for clause in each.event.reasons)
    unsent = never_sent(each.event for each in entries if each.event is not None)
    found: dict[Key, list[Sent]] = defaultdict(list)
    for each in sorted(entries, key=lambda one: (one.staged_at, one.id)):
        event = each.event
        if event is None or each.id in unsent or not discloses(event):
            continue
        recipient, one_off = event.recipient or "not recorded", _one_off(event)
        parts: dict[tuple[Exemption, ...], list[str]] = defaultdict(list)
        for field in event.fields or (NOT_RECORDED,):
            told = Told(
                field,
                texts.kind(recipient) if one_off is None else texts.kind(recipient) or PartyKind(one_off.kind),
                texts.source_kinds(event.agreement, event.version, field)
                if one_off is None
                else texts.kinds_of(one_off.sources),
                clauses,
            )
            parts[marks(told)].append(field)
        for marked, fields in parts.items():
            key = (recipient, event.agreement, event.version, event.purpose, marked, one_off)
            found[key].append(Sent(each.id, event.at, event.message, tuple(fields)))
    return tuple(
        Line(number, recipient, agreement, version, purpose, marked, tuple(sent), one_off)
        for number, ((recipient, agreement, version, purpose, marked, one_off), sent) in enumerate(
            found.items(), start=1
        )
    )


def discloses(event: Event) -> bool:
    """Say whether an event disclosed something about the person to somebody else."""
    return (
        event.kind in {EventKind.DISCLOSURE, EventKind.ONE_OFF_DISCLOSURE}
        and event.outcome != MessageKind.WITHDRAW.value
        and event.recipient != DATA_SUBJECT
    )


def _one_off(event: Event) -> OneOff | None:
    if event.kind is not EventKind.ONE_OFF_DISCLOSURE:
        return None
    detail = event.detail
    return OneOff(detail.get("power", "not recorded"), detail["kind"], tuple(detail.get("sources", "").split()))
