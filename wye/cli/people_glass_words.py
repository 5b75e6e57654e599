"""Say at a terminal what somebody may see of a person, and who looked in an emergency."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wye.road.break_glass.review import Opened
    from wye.road.break_glass.rows import Listed
    from wye.road.open_person import Seen


def seen_data(seen: "Seen") -> dict[str, object]:
    """Tell what is seen, and of every field what was decided: withheld, with the rule, or that nobody holds it."""
    from wye.sharing.explaining import as_data

    window = seen.window
    return {
        "person": str(seen.person), "agreement": seen.agreement.id, "version": seen.agreement.version, "role": seen.role,
        "relationship": seen.relationship, "break_glass": None if window is None else str(window.id),
        "until": None if window is None else window.until.isoformat(), "seen": dict(seen.decision.entities),
        **as_data(seen.decision),
    }  # fmt: skip


def seen_words(seen: "Seen") -> Iterator[str]:
    """Say that in lines: first what is seen, with its sources, then every other field and why it is not."""
    from wye.sharing.explaining import explain

    by = seen.relationship or (
        "an open window" if seen.window is not None else "no relationship that a system tells of"
    )
    yield f"{seen.person} under {seen.agreement.id} {seen.agreement.version}, as {seen.role}, by {by}"
    for entity, rows in seen.decision.entities.items():
        for row in rows:
            yield f"  {entity}"
            yield from (f"    {name}: {_value(value)}" for name, value in row.items())
    yield from explain(seen.decision)


def listed_data(found: "Sequence[Listed]", at: datetime) -> list[dict[str, object]]:
    """Tell a list of openings; nobody who was looked at is in it."""
    return [
        {
            "break_glass": str(one.id), "agreement": one.agreement, "opened_by": one.opened_by,
            "opened_at": one.opened_at.isoformat(), "until": one.until.isoformat(),
            "review_due": one.review_due.isoformat(), "finding": one.finding, "reviewed_by": one.reviewed_by,
            "notice": one.notice, "overdue": one.overdue(at),
        }
        for one in found
    ]  # fmt: skip


def listed_words(found: "Sequence[Listed]", at: datetime) -> Iterator[str]:
    """Say a list of openings, a line each."""
    for one in found:
        state = f"reviewed by {one.reviewed_by}: {one.finding}"
        if one.finding is None:
            late = "REVIEW OVERDUE since" if one.overdue(at) else "review due by"
            state = f"{late} {one.review_due:%Y-%m-%d %H:%M} UTC"
        yield f"{one.id}  {one.opened_at:%Y-%m-%d %H:%M} by {one.opened_by}, {one.agreement}; {state}; notice {one.notice}"


def opened_data(opened: "Opened") -> dict[str, object]:
    """Tell an opening with what came of it."""
    row, notice = opened.row, opened.notice
    return {
        "break_glass": str(row.id), "person": str(row.person), "agreement": row.agreement, "version": row.version,
        "opened_by": row.opened_by, "opened_at": row.opened_at.isoformat(), "until": row.until.isoformat(),
        "relationship": opened.relationship, "reason": opened.reason, "review_due": row.review_due.isoformat(),
        "reviews": [
            {"finding": each.finding, "by": each.reviewed_by, "at": each.reviewed_at.isoformat(), "reasons": why}
            for each, why in opened.reviews
        ],
        "notice": {
            "state": notice.state, "to": list(opened.to), "held_because": list(opened.held_because),
            "said_by": notice.said_by, "said_at": notice.said_at.isoformat() if notice.said_at else None,
        },
    }  # fmt: skip


def opened_words(opened: "Opened") -> Iterator[str]:
    """Say that in lines."""
    row, notice = opened.row, opened.notice
    yield f"{row.opened_by} opened {row.person} under {row.agreement} {row.version}"
    yield f"from {row.opened_at:%Y-%m-%d %H:%M} to {row.until:%Y-%m-%d %H:%M} UTC, as {opened.relationship}: {opened.reason}"
    for each, why in opened.reviews:
        yield f"reviewed by {each.reviewed_by}: {each.finding}: {why}"
    if not opened.reviews:
        yield f"review due by {row.review_due:%Y-%m-%d %H:%M} UTC"
    because = f" ({'; '.join(opened.held_because)})" if opened.held_because else ""
    by = f", by {notice.said_by}" if notice.said_by else ""
    yield f"notice to {', '.join(opened.to)}: {notice.state}{by}{because}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
