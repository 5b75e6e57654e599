"""Say one-off disclosures at a terminal: to whoever decides, reviews, or looks through the list."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wye.errors import EnvironmentFault

if TYPE_CHECKING:
    from wye.road.disclose_once.decide import Decided, Noted
    from wye.road.disclose_once.read import Opened
    from wye.road.disclose_once.rows import Listed
    from wye.sharing.one_off import Weighed


def weighed_data(one: "Weighed") -> dict[str, object]:
    """Tell what one person's record would tell, by names of fields: no value is in it."""
    return {
        "forbidden": list(one.forbidden),
        "stands": [{"protection": each.protection.value, "why": each.text} for each in one.stands],
        "held": sorted({each.name for each in one.facts}),
        "left_out": [{"field": name, "why": why} for name, why in one.left_out],
    }


def noted_words(noted: "Noted") -> Iterator[str]:
    """Say what was noted and what stands against it."""
    yield f"noted as request {noted.id}; nothing is shared yet"
    for place, one in enumerate(noted.weighed, start=1):
        yield f"person {place}:"
        yield from (f"  FORBIDDEN: {why}" for why in one.forbidden)
        yield from (f"  stands: {each.text} ({each.protection})" for each in one.stands)
        yield f"  held: {', '.join(sorted({each.name for each in one.facts})) or 'nothing'}"
        yield from (f"  left out: {name}: {why}" for name, why in one.left_out)
    yield f"decide with: wye disclose decide {noted.id} share|withhold --reason WHY"


def decided_words(done: "Decided", *, shown: bool) -> Iterator[str]:
    """Say what was decided; if `shown`, with what is handed over."""
    from wye.road.disclose_once.package import text

    if done.package is not None and shown:
        yield text(done.package)
        yield ""
    yield from (f"left out, person {place}: {name}: {why}" for place, name, why in done.left_out)
    what = "shared" if done.word == "share" else "not shared"
    yield f"{what}; another account reviews request {done.id} by {done.review_due:%Y-%m-%d %H:%M} UTC"


def listed_words(found: Sequence["Listed"], at: datetime) -> Iterator[str]:
    """Say a list of requests, a line each."""
    for one in found:
        decided = f"{one.word} by {one.decided_by}" if one.word else "undecided"
        state = ""
        if one.finding is not None:
            state = f"; reviewed by {one.reviewed_by}: {one.finding}"
        elif one.review_due is not None:
            late = "REVIEW OVERDUE since" if one.overdue(at) else "review due by"
            state = f"; {late} {one.review_due:%Y-%m-%d %H:%M} UTC"
        urgent = " emergency" if one.emergency else ""
        yield f"{one.id}  {one.noted_at:%Y-%m-%d %H:%M}{urgent} noted by {one.noted_by}; {decided}{state}"


def opened_data(opened: "Opened") -> dict[str, object]:
    """Tell a request with what came of it."""
    from wye.road.disclose_once.package import data
    from wye.road.disclose_once.request import caution

    request, said = opened.request, opened.decision
    return {
        "request": str(opened.id),
        "noted_by": opened.noted_by,
        "noted_at": opened.noted_at.isoformat(),
        "emergency": opened.emergency,
        "to": request.recipient,
        "asked_by": request.asked_by,
        "need": request.need,
        "power": request.power.name,
        "power_caution": caution(request.power),
        "purpose": request.purpose.value,
        "persons": [
            {"person": str(who), "fields": list(names)}
            for who, names in zip(request.persons, request.fields, strict=True)
        ],
        "decision": None
        if said is None
        else {
            "word": said.row.word,
            "by": said.row.decided_by,
            "at": said.row.decided_at.isoformat(),
            "reasons": said.reasons,
            "overrides": dict(said.overrides),
            "review_due": said.row.review_due.isoformat(),
        },
        "reviews": [
            {"finding": row.finding, "by": row.reviewed_by, "at": row.reviewed_at.isoformat(), "reasons": why}
            for row, why in opened.reviews
        ],
        "handed_over": None if opened.package is None else data(opened.package),
    }


def opened_words(opened: "Opened") -> Iterator[str]:
    """Say that in lines."""
    from wye.road.disclose_once.package import text
    from wye.road.disclose_once.request import caution

    request, said = opened.request, opened.decision
    yield f"request {opened.id}, noted by {opened.noted_by} at {opened.noted_at:%Y-%m-%d %H:%M} UTC"
    if opened.emergency:
        yield "shared at once, as an emergency"
    yield f"to {request.recipient} ({request.kind}), asked by {request.asked_by}"
    yield f"need: {request.need}"
    yield f"power: {request.power.name}, for {request.purpose}"
    if (warning := caution(request.power)) is not None:
        yield f"NOTE: {warning}"
    for place, (who, names) in enumerate(zip(request.persons, request.fields, strict=True), start=1):
        yield f"person {place}: {who}: {', '.join(names)}"
    if said is None:
        yield "undecided"
        return
    yield f"decided by {said.row.decided_by}: {said.row.word}: {said.reasons}"
    yield from (f"  overrode {name}: {why}" for name, why in said.overrides.items())
    for row, why in opened.reviews:
        yield f"reviewed by {row.reviewed_by}: {row.finding}: {why}"
    if not opened.reviews:
        yield f"review due by {said.row.review_due:%Y-%m-%d %H:%M} UTC"
    if opened.package is not None:
        yield ""
        yield text(opened.package)


def write_new(path: Path, content: bytes) -> None:
    """Write a new file that the account alone may read; raises EnvironmentFault."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise EnvironmentFault(
            f"it cannot be written to `{path}`: {(error.strerror or '').lower()}; the decision stands, and"
            " `wye disclose show --values` shows what it hands over"
        ) from None
