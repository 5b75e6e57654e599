"""Hold what a person is told, and say it in plain words. Nothing of a withheld line is in it, nor that there was one."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from textwrap import fill
from uuid import UUID

from wye.agreements.days import day_of
from wye.road.report.draft_body import Draft, Line, Sent
from wye.road.report.texts import Texts, Words

WIDTH = 100
MAY_BE_WITHHELD = (
    "Some information may have been withheld, where the law allows or requires it (Data Protection Act 2018, Schedules 2"
    " to 4). This sentence stands in every report, whether or not anything was withheld from it."
)
NOTES = (
    MAY_BE_WITHHELD,
    (
        "Members of staff who looked at records in their work are not recipients and are not listed. Requests that were"
        " refused disclosed nothing and are not listed."
    ),
    (
        "Times are counted when a message to the recipient was made ready; one that was never sent is not counted. The names of systems are those from which the"
        " agreement lets the information come; which of them it was is not recorded."
    ),
    (
        "If you think that something is wrong or missing, you may complain to the council (Data Protection Act 2018 section"
        " 164A) and to the Information Commissioner."
    ),
)
NO_LONGER_HELD = "Some older entries were destroyed at the end of their time and can no longer be read."
NOTHING = "There is nothing to list."


@dataclass(frozen=True, slots=True)
class ReleasedLine:
    """Be one line as it is told; numbers run on, so that none is seen to be missing."""

    number: int
    recipient: str
    """The party's id."""
    words: Words
    sent: tuple[Sent, ...]
    """One to an entry, oldest first, with only the fields that are told."""

    @property
    def first(self) -> date:
        """Give the day of the first disclosure, in London."""
        return min(day_of(each.at) for each in self.sent)

    @property
    def last(self) -> date:
        """Give the day of the last."""
        return max(day_of(each.at) for each in self.sent)

    @property
    def times(self) -> int:
        """Count the disclosures."""
        return len(self.sent)


@dataclass(frozen=True, slots=True)
class Released:
    """Hold one report as it is told. Most sensitive class: personal."""

    report: UUID
    person: UUID
    council: str
    council_id: str
    as_of: datetime
    lines: tuple[ReleasedLine, ...]
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """Give its title."""
        return f"Who received information about you from {self.council}"

    @property
    def preface(self) -> str:
        """Say what it is."""
        return (
            f"This is the answer under Article 15(1)(c) of the UK GDPR, from the record of disclosures as it stood on"
            f" {day_of(self.as_of):%d %B %Y}. Reference: {self.report}."
        )


def told(draft: Draft, report: UUID, as_of: datetime, lines: tuple[Line, ...], texts: Texts) -> Released:
    """Make what is told of the lines that may be."""
    return Released(
        report=report,
        person=draft.person,
        council=texts.council_name,
        council_id=texts.council,
        as_of=as_of,
        lines=tuple(
            ReleasedLine(number, line.recipient, texts.words(line), line.sent)
            for number, line in enumerate(_joined(lines), start=1)
        ),
        notes=(*NOTES, NO_LONGER_HELD) if draft.unread else NOTES,
    )


def _joined(lines: tuple[Line, ...]) -> Iterator[Line]:
    """Join what went to one recipient under one version: what was marked apart is not to be seen apart."""
    found: dict[tuple[object, ...], list[Line]] = defaultdict(list)
    for line in lines:
        found[line.recipient, line.agreement, line.version, line.purpose, line.one_off].append(line)
    for alike in found.values():
        parts: dict[UUID, Sent] = {}
        for sent in (each for line in alike for each in line.sent):
            known = parts.get(sent.entry, sent)
            parts[sent.entry] = replace(sent, fields=tuple(sorted({*known.fields, *sent.fields})))
        joined = tuple(sorted(parts.values(), key=lambda each: (each.at, each.entry)))
        yield replace(alike[0], marks=(), sent=joined)


def text(released: Released) -> str:
    """Write the report for a reader."""
    blocks = [released.title, fill(released.preface, WIDTH)]
    blocks += ["\n".join(_line(line)) for line in released.lines] or [NOTHING]
    blocks += [fill(note, WIDTH) for note in released.notes]
    return "\n\n".join(blocks)


def when(times: int, first: date, last: date) -> str:
    """Say first, last and how often."""
    if times == 1:
        return f"once, on {first:%d %B %Y}"
    return f"{times} times, first on {first:%d %B %Y}, last on {last:%d %B %Y}"


def parts(line: ReleasedLine) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give what is told of a line, a heading and its sentences at a time."""
    words = line.words
    yield "When", (when(line.times, line.first, line.last),)
    yield "Why", (words.purpose,)
    yield "Under which law", words.law
    yield "Which information", words.data
    yield "From which systems", words.sources or ("not recorded",)
    yield "Agreement", (words.agreement,)


def _line(line: ReleasedLine) -> Iterator[str]:
    yield f"{line.number}. {line.words.recipient}"
    for heading, sentences in parts(line):
        if len(sentences) == 1:
            yield fill(f"{heading}: {sentences[0]}", WIDTH, initial_indent="   ", subsequent_indent="     ")
        else:
            yield f"   {heading}:"
            yield from (
                fill(f"- {one}", WIDTH, initial_indent="     ", subsequent_indent="       ") for one in sentences
            )
