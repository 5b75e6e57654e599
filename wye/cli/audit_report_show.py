"""Show a report: to staff with its marks and the words on its lines, to its person as data."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from wye.road.report.desk import Desk, Opened
    from wye.road.report.released import Released


def told(opened: "Opened", desk: "Desk") -> dict[str, object]:
    """Tell a report for staff."""
    from wye.road.report.exemptions import WHY
    from wye.road.report.exemptions.law import LAW
    from wye.road.report.verdict import newest, undecided

    said = newest(opened.decided)
    rows = []
    for line in opened.draft.lines:
        words = desk.texts.words(line)
        one = said.get(line.number)
        rows.append(
            {
                "number": line.number,
                "recipient": words.recipient,
                "agreement": words.agreement,
                "data": words.data,
                "times": len(line.sent),
                "first": line.sent[0].at.isoformat(),
                "last": line.sent[-1].at.isoformat(),
                "marks": [{"exemption": each.value, "why": WHY[each], "law": LAW[each].law} for each in line.marks],
                "decided": None
                if one is None
                else {
                    "word": one.verdict.word,
                    "exemption": one.verdict.exemption.value if one.verdict.exemption else None,
                    "reason": one.verdict.reason,
                    "opinion": one.verdict.opinion,
                    "by": one.by,
                },
            }
        )
    return {
        "report": str(opened.row.id),
        "person": str(opened.draft.person),
        "formerly": [str(each) for each in opened.draft.formerly],
        "reason": opened.draft.reason,
        "drafted_by": opened.row.drafted_by,
        "lines": rows,
        "undecided": list(undecided(opened.draft, opened.decided)),
        "unread": opened.draft.unread,
        "moves": opened.draft.moves,
        "released_at": opened.released_at.isoformat() if opened.released_at else None,
    }


def lines(told: dict[str, object]) -> Iterator[str]:
    """Say that in lines for a terminal."""
    from wye.road.report.released import when

    yield f"report {told['report']} about {told['person']}, drafted by {told['drafted_by']}: {told['reason']}"
    for line in cast("list[dict[str, object]]", told["lines"]):
        first, last = (datetime.fromisoformat(str(line[end])) for end in ("first", "last"))
        yield f"{line['number']}. {line['recipient']}: {when(cast('int', line['times']), first, last)}"
        yield f"   under {line['agreement']}"
        yield from (f"   - {field}" for field in cast("tuple[str, ...]", line["data"]))
        for mark in cast("list[dict[str, str]]", line["marks"]):
            yield f"   MARKED {mark['exemption']}: {mark['why']} ({mark['law']})"
        if (decided := cast("dict[str, str | None] | None", line["decided"])) is not None:
            ground = f" ({decided['exemption']})" if decided["exemption"] else ""
            yield f"   decided by {decided['by']}: {decided['word']}{ground}: {decided['reason']}"
    undecided = cast("list[int]", told["undecided"])
    yield f"undecided: {', '.join(str(each) for each in undecided)}" if undecided else "nothing is undecided"
    if told["moves"]:
        yield (
            f"{told['moves']} merges or unmerges are on the record: what went under another id is found with"
            " `--formerly ID`, and what went while two people were one may be about the other"
        )
    if told["unread"]:
        yield f"{told['unread']} entries can no longer be read"


def released(found: "Released") -> dict[str, object]:
    """Tell a released report as data."""
    return {
        "report": str(found.report),
        "title": found.title,
        "lines": [
            {
                "recipient": line.words.recipient, "first": line.first.isoformat(), "last": line.last.isoformat(),
                "times": line.times, "why": line.words.purpose, "law": line.words.law, "data": line.words.data,
                "systems": line.words.sources, "agreement": line.words.agreement,
            }
            for line in found.lines
        ],
        "notes": found.notes,
    }  # fmt: skip
