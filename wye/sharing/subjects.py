"""Say who an agreement is about: one clause, tested on facts and counted by SQL.

INVARIANT: both compare days as ISO text, so that neither can read a date otherwise than the other. A person without
a known day of birth is no subject of an agreement with an age limit.
"""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from wye.agreements.days import day_of
from wye.agreements.model import Agreement, Subjects
from wye.agreements.periods import LASTING
from wye.sharing.lasting import lasts, next_day
from wye.sharing.rows import subject_persons
from wye.store.database import Connection
from wye.store.known import KnownRow, PersonKnown


def is_subject(subjects: Subjects, known: PersonKnown, day: str) -> bool:
    """Say whether a person is a subject on a day (ISO text)."""
    if next(_making(subjects, known, day), None) is None:
        return False
    if subjects.minimum_age is None and subjects.maximum_age is None:
        return True
    birth = birth_date(known)
    if birth is None:
        return False
    if subjects.minimum_age is not None and birth > born_by(day, subjects.minimum_age):
        return False
    return subjects.maximum_age is None or birth > born_by(day, subjects.maximum_age + 1)


def subject_records(subjects: Subjects, known: PersonKnown, day: str) -> tuple[UUID, ...]:
    """Name the records whose rows make somebody a subject on a day (ISO text), in order: such as each open referral."""
    return tuple(sorted({row.record for row in _making(subjects, known, day)}))


def _making(subjects: Subjects, known: PersonKnown, day: str) -> Iterator[KnownRow]:
    has = subjects.has
    for row in known.rows.get(has.entity, ()):
        lasting = row.source in has.sources and row.values.get(has.field) in has.values
        if lasting and (not has.open or lasts(has.entity, row.values, day)):
            yield row


def considered_persons(conn: Connection, agreement: Agreement, at: datetime) -> tuple[UUID, ...]:
    """Give the subjects of an agreement at an instant, by SQL over what is known now."""
    subjects = agreement.subjects
    day = day_of(at).isoformat()
    return subject_persons(
        conn,
        subjects.has,
        LASTING.get(subjects.has.entity),
        day,
        born_by(day, subjects.minimum_age) if subjects.minimum_age is not None else None,
        born_by(day, subjects.maximum_age + 1) if subjects.maximum_age is not None else None,
    )


def considered(conn: Connection, agreement: Agreement, at: datetime) -> int:
    """Count the subjects of an agreement at an instant."""
    return len(considered_persons(conn, agreement, at))


def next_subject_days(subjects: Subjects, known: PersonKnown, day: str) -> list[date]:
    """Give the next days on which time alone may make somebody a subject, or end that: birthdays, begins and ends."""
    has = subjects.has
    days: list[date] = []
    if has.open:
        rows = known.rows.get(has.entity, ())
        days = [change for row in rows if (change := next_day(has.entity, row.values, day)) is not None]
    birth = birth_date(known)
    if birth is not None:
        ages = [subjects.minimum_age, None if subjects.maximum_age is None else subjects.maximum_age + 1]
        days += [reached for age in ages if age is not None and (reached := _birthday(birth, age)) is not None]
    today = date.fromisoformat(day)
    return [change for change in days if change > today]


def birth_date(known: PersonKnown) -> str | None:
    """Give the best known day of birth, as ISO text."""
    candidates = known.attributes.get("birth_date", ())
    value = candidates[0].value if candidates else None
    return value if isinstance(value, str) else None


def born_by(day: str, age: int) -> str:
    """Give the latest birthday of those who have reached an age on a day; whoever was born on 29 February
    reaches it on 1 March of common years. The text orders rightly even where it is no day of the calendar.
    """
    return f"{int(day[:4]) - age:04d}{day[4:]}"


def _birthday(birth: str, age: int) -> date | None:
    born = date.fromisoformat(birth)
    year = born.year + age
    if year > date.max.year:
        return None
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
