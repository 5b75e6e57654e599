"""Hold a second person's word on one line, and check that it may be said: pure."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal

import orjson

from wye.errors import UsageError
from wye.road.report.draft_body import Draft, Line
from wye.vocabulary import Exemption

Word = Literal["release", "withhold"]
OPINION_MONTHS = 6
"""For how long a health professional's opinion may be relied on (Schedule 3 Part 2)."""
OWES_OPINION = frozenset({Exemption.HEALTH, Exemption.SERIOUS_HARM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Be one word on one line. Most sensitive class: personal (a reason may name somebody); stored sealed."""

    line: int
    word: Word
    exemption: Exemption | None
    reason: str
    opinion: str | None = None
    """Where the health professional's opinion is kept."""
    opinion_on: date | None = None
    known_already: bool = False
    """The person knows it already: telling health data then needs no opinion."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Be a verdict with whose it is and when."""

    verdict: Verdict
    by: str
    at: datetime


def check(verdict: Verdict, line: Line, day: date) -> None:
    """Check that a verdict may be said of a line on a day in London; raises UsageError."""
    if not verdict.reason.strip():
        raise UsageError("a decision needs a reason, by `--reason`")
    if verdict.word == "withhold" and verdict.exemption is None:
        raise UsageError("to withhold needs `--exemption`: nothing is withheld without a law")
    if verdict.word == "release" and verdict.exemption is not None:
        raise UsageError("`--exemption` is for withholding; a line that is released stands on none")
    check_opinion(verdict, line, day)


def check_opinion(verdict: Verdict, line: Line, day: date) -> None:
    """Check the opinion owed on health data, at most six months old (Schedule 3 Part 2); raises UsageError."""
    if Exemption.HEALTH not in line.marks and verdict.exemption is not Exemption.HEALTH:
        return
    if verdict.word == "release" and verdict.known_already:
        return
    if verdict.word == "withhold" and verdict.exemption not in OWES_OPINION:
        return
    if not (verdict.opinion or "").strip() or verdict.opinion_on is None:
        ways = "give `--opinion` and `--opinion-on`"
        if verdict.word == "release":
            ways += ", or say `--known-already` if the person knows it"
        raise UsageError(f"line {line.number} is health data and owes a health professional's opinion: {ways}")
    if not months_before(day, OPINION_MONTHS) <= verdict.opinion_on <= day:
        raise UsageError(f"the opinion of {verdict.opinion_on} on line {line.number} is not of the last six months")


def months_before(day: date, months: int) -> date:
    """Go back whole months, to the last day of a shorter one."""
    whole = day.year * 12 + day.month - 1 - months
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def newest(decided: Sequence[Decided]) -> dict[int, Decided]:
    """Give the newest word on each line; `decided` is oldest first."""
    return {each.verdict.line: each for each in decided}


def undecided(draft: Draft, decided: Sequence[Decided]) -> tuple[int, ...]:
    """Number the marked lines on which no second person has said a word."""
    said = newest(decided)
    return tuple(number for number in draft.marked if number not in said)


def released(draft: Draft, decided: Sequence[Decided], day: date) -> tuple[Line, ...]:
    """Give the lines that may be told; raises UsageError while a marked line is undecided, or its opinion is too old."""
    if left := undecided(draft, decided):
        numbers = ", ".join(str(number) for number in left)
        which = f"line {numbers} is" if len(left) == 1 else f"lines {numbers} are"
        raise UsageError(f"{which} marked and undecided; another account decides by `wye audit report decide`")
    said = newest(decided)
    for number, each in said.items():
        if (line := draft.line(number)) is not None:
            check_opinion(each.verdict, line, day)
    return tuple(
        line for line in draft.lines if (one := said.get(line.number)) is None or one.verdict.word == "release"
    )


def write(verdict: Verdict) -> bytes:
    """Write a verdict as the bytes that are sealed."""
    return orjson.dumps(asdict(verdict), option=orjson.OPT_SORT_KEYS)


def read(body: bytes) -> Verdict:
    """Read a verdict back from its opened bytes."""
    held = orjson.loads(body)
    return Verdict(
        line=held["line"],
        word=held["word"],
        exemption=None if held["exemption"] is None else Exemption(held["exemption"]),
        reason=held["reason"],
        opinion=held["opinion"],
        opinion_on=None if held["opinion_on"] is None else date.fromisoformat(held["opinion_on"]),
        known_already=held["known_already"],
    )
