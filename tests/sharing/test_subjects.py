"""Who an agreement is about: SQL and facts agree, on generated people."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import generated_facts
import known_people
import pytest

from wye.agreements.in_force import read_agreement
from wye.agreements.model import Agreement
from wye.sharing.policy import compile_policy
from wye.sharing.subjects import born_by, considered, considered_persons, is_subject
from wye.store.database import Connection, connect
from wye.store.known import Candidate, KnownRow, PersonKnown

AGREEMENTS = Path(__file__).parents[2] / "sharing_agreements"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
PEOPLE = 400


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as connection:
        yield connection


def limited(agreement: Agreement, low: int | None, high: int | None) -> Agreement:
    subjects = agreement.subjects.model_copy(update={"minimum_age": low, "maximum_age": high})
    return agreement.model_copy(update={"subjects": subjects})


def test_sql_and_facts_choose_the_same_people(conn: Connection) -> None:
    random = Random(7)  # noqa: S311  cases, not secrets
    with conn.transaction():
        people = {}
        for _ in range(PEOPLE):
            plain = generated_facts.facts(random, AT)
            plain = {**plain, "restricted": False, "sealed_identity": False, "consents": []}
            people[known_people.put_person(conn, plain, AT)] = generated_facts.engine_facts(plain)
    agreements = [read_agreement(path.parent).agreement for path in sorted(AGREEMENTS.glob("*/agreement.yaml"))]
    agreements += [limited(agreements[0], low, high) for low, high in ((None, 17), (18, 19), (22, 22), (85, 130))]
    chosen = []

    for agreement in agreements:
        policy = compile_policy(agreement)
        for at in (AT, datetime(2026, 2, 28, 12, tzinfo=UTC), datetime(2026, 11, 20, 23, 59, tzinfo=UTC)):
            by_sql = set(considered_persons(conn, agreement, at))
            decisions = {person: policy.decide(policy.request(), facts, at) for person, facts in people.items()}
            by_facts = {person for person, decision in decisions.items() if decision.considered}

            assert not [decision for decision in decisions.values() if decision.alarms]
            assert by_sql == by_facts
            assert considered(conn, agreement, at) == len(by_facts)
            chosen.append(len(by_facts))
    assert max(chosen) > PEOPLE // 3
    assert min(chosen[: -3 * 4]) > PEOPLE // 20
    assert min(chosen) < PEOPLE - max(chosen)


@pytest.mark.parametrize(
    ("born", "ages", "chosen"),
    [
        ("2008-11-21", (18, None), False),
        ("2008-11-20", (18, None), True),
        ("2008-11-21", (None, 17), True),
        ("2008-11-20", (None, 17), False),
        ("2007-11-21", (18, 18), True),
        ("2007-11-20", (18, 18), False),
        (None, (18, None), False),
        (None, (None, 17), False),
        (None, (None, None), True),
    ],
)
def test_ages_are_limits_that_include_their_year(
    conn: Connection,
    born: str | None,
    ages: tuple[int | None, int | None],
    chosen: bool,  # noqa: FBT001
) -> None:
    row = {"source": "frameworki", "values": {"service": "adult-social-care"}}
    births = [{"value": born, "source": "frameworki"}] if born else []
    person = known_people.put_person(conn, {"person": {"birth_date": births}, "rows": {"involvement": [row]}}, AT)

    agreement = limited(read_agreement(AGREEMENTS / "adult-care-acute").agreement, *ages)

    assert considered_persons(conn, agreement, AT) == ((person,) if chosen else ())
    said = {"birth_date": (Candidate(born, "frameworki", person, "c", AT, None),)} if born else {}
    known = PersonKnown(person, said, {"involvement": (KnownRow(row["values"], "frameworki", person, "c", AT, None),)})
    assert is_subject(agreement.subjects, known, "2026-11-20") is chosen


@pytest.mark.parametrize(
    ("birth", "day", "age", "reached"),
    [
        ("2008-11-20", "2026-11-20", 18, True),
        ("2008-11-21", "2026-11-20", 18, False),
        ("2004-02-29", "2022-02-28", 18, False),
        ("2004-02-29", "2022-03-01", 18, True),
        ("2004-02-29", "2024-02-29", 20, True),
        ("2006-03-01", "2024-02-29", 18, False),
        ("2006-02-28", "2024-02-29", 18, True),
    ],
)
def test_an_age_is_reached_on_the_birthday(birth: str, day: str, age: int, reached: bool) -> None:  # noqa: FBT001
    assert (birth <= born_by(day, age)) is reached
    today, born = date.fromisoformat(day), date.fromisoformat(birth)
    assert (today.year - born.year - ((today.month, today.day) < (born.month, born.day)) >= age) is reached
