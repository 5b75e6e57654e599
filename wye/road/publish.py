"""Publish open data: count the people of an agreement, hide what is small, write the tables once for a period, on the record.

Everybody is decided by the same policy, facts and consents as for a feed; what the decision would release of a person is what
they are counted by, and goes nowhere else. INVARIANT: an agreement has one release a period, whatever its version, and the
entry of it is written before its files have their names: a second count of nearly the same people is never published.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid5

from wye.agreements.aggregates import Aggregates
from wye.agreements.days import day_of
from wye.agreements.in_force import InForce
from wye.agreements.words import Frequency
from wye.audit.append import append
from wye.audit.event import Event
from wye.audit.search import search
from wye.batch import in_hand
from wye.errors import UsageError
from wye.road.decide import Decider
from wye.road.gather import gather
from wye.road.hub import Hub
from wye.road.opt_out_answer import Answer, answer_to
from wye.road.publication import files_of
from wye.road.share import in_force
from wye.sharing.cells import Person
from wye.sharing.release import Release, categories_of, release
from wye.sharing.subjects import considered_persons
from wye.vocabulary import EventKind

PURPOSE = "agreements publish"
NAMESPACE = UUID("7e0a2d51-6c0b-5a3e-9d1f-6a4c4b8f2e19")
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('wye publication ' || %s, 0))"


@dataclass(frozen=True, slots=True)
class Published:
    """Tell what was made: exact totals are for the record, tables for everybody."""

    agreement: str
    version: str
    period: str
    release: Release
    files: dict[str, bytes]


def publish(hub: Hub, agreement: str, folder: Path | None, say: Callable[[str], None]) -> Published:
    """Make the release of the period that runs now; without a folder only show what it would be, on the record too.

    Raises AgreementRefused if it is not in force, UsageError if it is no open data, if its period has a release, if too few
    people are counted, or if the national data opt-out applies and no answer of its check is in date and can be opened.
    """
    standing = in_force(hub, agreement)
    said = standing.agreement.aggregates
    if said is None:
        raise UsageError(f"agreement `{agreement}` is no open data: only tables are published")
    at = hub.at()
    answer = _answer(hub, standing, at)
    period = period_of(day_of(at), standing.agreement.frequency)
    with hub.conn.transaction():
        hub.conn.execute(ONE_AT_A_TIME, (agreement,))
        if folder is not None:
            _refuse_second(hub, standing, period, at)
        people, looked_at = _people(hub, standing, said, at, answer, say)
        made = release(people, said)
        files = files_of(standing, made, period, day_of(at))
        kind = EventKind.CONSULTATION if folder is None else EventKind.PUBLICATION
        _enter(
            hub,
            standing,
            kind,
            period,
            Published(agreement, standing.agreement.version, period, made, files),
            at,
            looked_at,
        )
        if folder is not None:
            _lay_beside(folder, files)
    if folder is not None:
        for name in files:
            (folder / f"{name}.new").replace(folder / name)
    return Published(agreement, standing.agreement.version, period, made, files)


def period_of(day: date, frequency: Frequency) -> str:
    """Name the month or the quarter of a day: `2026-11` or `2026-Q4`."""
    if frequency is Frequency.MONTHLY:
        return f"{day:%Y-%m}"
    return f"{day.year}-Q{(day.month + 2) // 3}"


def id_of(agreement: str, period: str) -> UUID:
    """Name the one release of a period, by which its entry is found."""
    return uuid5(NAMESPACE, f"{agreement} {period}")


def _answer(hub: Hub, standing: InForce, at: datetime) -> Answer | None:
    """Read once what the national check answered, where it is asked; refuse to count while nobody could be in the count."""
    answer = answer_to(hub, standing.agreement)
    if answer is None:
        return None
    name = standing.agreement.id
    if answer.until is None or answer.until <= at:
        raise UsageError(
            f"the national data opt-out applies to `{name}`, and no answer that is in date says who may be counted:"
            f" `wye consent opt-out ask {name} --out FOLDER`"
        )
    if answer.cleared is None:
        raise UsageError(
            f"the national data opt-out applies to `{name}`, and the numbers of its last answer cannot be opened any more:"
            f" `wye consent opt-out ask {name} --out FOLDER`"
        )
    return answer


def _refuse_second(hub: Hub, standing: InForce, period: str, at: datetime) -> None:
    name = standing.agreement.id
    found = search(hub.conn, hub.keys, message=id_of(name, period), searcher=hub.actor, purpose=PURPOSE, at=at)
    if any(each.event is None or each.event.kind is EventKind.PUBLICATION for each in found):
        raise UsageError(
            f"`{name}` was published for {period} already, and two counts of nearly the same people would give a person"
            " away by their difference; the files of that release are the ones to use"
        )


def _people(
    hub: Hub, standing: InForce, said: Aggregates, at: datetime, answer: Answer | None, say: Callable[[str], None]
) -> tuple[list[Person], int]:
    """Give the categories of everybody who is counted, and how many were looked at."""
    decider = Decider(hub, standing)
    dimensions = sorted({name for table in said.tables for name in table.by})
    subjects = considered_persons(hub.conn, standing.agreement, at)
    found: list[Person] = []
    for start in range(0, len(subjects), hub.settings.batch_rows):
        batch = subjects[start : start + hub.settings.batch_rows]
        with in_hand():
            for facts in gather(hub, batch, at, standing.agreement, answer):
                decision = decider.policy.decide(decider.request, facts, at)
                person = categories_of(decision, facts, dimensions)
                if person is not None:
                    found.append(person)
        say(f"{start + len(batch):,} of {len(subjects):,} people decided")
    return found, len(subjects)


def _enter(
    hub: Hub, standing: InForce, kind: EventKind, period: str, made: Published, at: datetime, looked_at: int
) -> None:
    """Put the release, or the look at so many people, on the record: it is about nobody by name."""
    agreement = standing.agreement
    digest = hashlib.sha256(b"".join(made.files[name] for name in sorted(made.files))).hexdigest()
    told = Event(
        kind=kind,
        at=at,
        actor=hub.actor,
        agreement=agreement.id,
        version=agreement.version,
        recipient=agreement.recipient if kind is EventKind.PUBLICATION else None,
        message=id_of(agreement.id, period) if kind is EventKind.PUBLICATION else None,
        purpose=PURPOSE,
        counts={
            "people": looked_at,
            "numbers told": made.release.told,
            "numbers hidden, small": made.release.hidden_small,
            "numbers hidden beside": made.release.hidden_beside,
        },
        detail={"period": period, "files_sha256": digest},
    )
    append(hub.conn, hub.keys, [told], at)


def _lay_beside(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files under another name, so that none is there without its entry; raises UsageError if it cannot."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"`{folder}` is a file; name a folder for the tables")
    folder.mkdir(parents=True, exist_ok=True)
    if taken := [name for name in files if (folder / name).exists()]:
        raise UsageError(f"`{folder / taken[0]}` is there already: a release is never written over")
    for name, content in files.items():
        (folder / f"{name}.new").write_bytes(content)
