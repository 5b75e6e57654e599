"""The order in which records arrive changes nothing: on one footing, the same records give the same people and doubts.

What a test can explain: which person keeps its id, and two things that look at the past on purpose: names are counted
at some number of records (footing.py), and a tie between FRACTURE and JOIN holds who is already together (model.py).
"""

from collections.abc import Iterator, Sequence
from random import Random
from uuid import UUID

import pytest
from canonical_people import AT, CanonicalRow, gone, later, partition, person, store

from wye.identity import footing, model, nearby
from wye.identity import identify as steps
from wye.identity.identify import identify
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services

SOURCES = ("frameworki", "crm", "nhs_fhir", "police")
Rows = dict[UUID, list[CanonicalRow]]


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _without_a_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no tie hold who is already together: that one has its own test."""
    monkeypatch.setattr(model, "holds", lambda weight: weight >= model.JOIN)


def crowded(count: int, seed: int) -> Rows:
    """Records that share much: twins, namesakes, moves, mistyped numbers; some share a telephone with a crowd."""
    rng = Random(seed)  # noqa: S311  made up people
    made: Rows = {}
    for key in range(count):
        rows = person(rng.choice(SOURCES), str(key), **said(rng))
        made[rows[0].record] = rows
    return made


def said(rng: Random) -> dict[str, object]:
    """What one record says; names are few, so that nearly everybody is somebody's doubtful match."""
    facts: dict[str, object] = {
        "given_name": rng.choice(("Mary", "Marry", "Molly", "Joan", "M", "Ann", "Edith", "Gwen", "Zara")),
        "family_name": rng.choice(("Ashdown", "Ashdowne", "Beech", "Corve", "Duxbury", "Easthope", "Farlow")),
        "birth_date": rng.choice(("1950-03-07", "1950-07-03", "1950-03-08", "1981-11-20", "1983-01-01", "1931-05-06")),
        "sex": "F",
        "nhs_number": rng.choice((*[None] * 6, "9990000018", "9990000026", "9990000034")),
        "postcode": rng.choice(("AR1 1AA", "AR2 2BB", "AR3 3CC")),
        "lines": rng.choice(("10 Mill Lane", "12 Mill Lane")),
        "sealed": rng.random() < 0.02,
    }
    if rng.random() < 0.6:
        facts["phone"] = rng.choice(("07700900123", "07700900456", "07700900789"))
    return {name: value for name, value in facts.items() if value is not None}


def doubtful(conn: Connection) -> set[tuple[UUID, UUID, float]]:
    """The pairs that wait for a human, with their weights."""
    found = conn.execute("SELECT record_a, record_b, round(weight::numeric, 6)::float FROM identity.doubt").fetchall()
    return {(a, b, weight) for a, b, weight in found}  # type: ignore[misc]  # rows are untyped


def state(conn: Connection) -> tuple[set[frozenset[UUID]], set[tuple[UUID, UUID, float]]]:
    """Who is one person, of the records that are there, and who may be."""
    there = {record for (record,) in conn.execute("SELECT record FROM identity.feature").fetchall()}
    return {group & there for group in partition(conn)} - {frozenset()}, doubtful(conn)


def at_once(conn: Connection, records: Rows) -> tuple[object, object]:
    store(conn, [row for rows in records.values() for row in rows])
    identify(conn, AT)
    return state(conn)


def empty(conn: Connection, *, footing_too: bool) -> None:
    """Forget everybody; the footing may stay, as if the same names had been counted before."""
    conn.execute(
        "TRUNCATE canonical.row, canonical.changed, identity.person, identity.person_link, identity.event,"
        " identity.doubt, identity.golden, identity.feature, identity.block, identity.sealing CASCADE"
    )
    if footing_too:
        conn.execute("TRUNCATE identity.footing, identity.frequency")
    else:
        conn.execute("UPDATE identity.footing SET features = 0")


def arrive(conn: Connection, records: Rows, rng: Random, sizes: Sequence[int]) -> None:
    """Let records come in some order, in batches, some of them wrong; then right what was wrong, one by one, and take
    away what was never to stay.
    """
    coming = dict(records)
    wrong = rng.sample(sorted(records), len(records) // 5)
    for record in wrong:
        rows = records[record]
        coming[record] = [CanonicalRow(record, "person", record, rows[0].source, rows[0].stream, said(rng))]
    passing = {rows[0].record: rows for n in range(4) for rows in [person("crm", f"passing-{n}", **said(rng))]}
    waiting = list((coming | passing).items())
    rng.shuffle(waiting)
    hour = 0
    while waiting:
        hour += 1
        size = rng.choice(sizes)
        batch, waiting = waiting[:size], waiting[size:]
        store(conn, [row for _, rows in batch for row in rows], later(hour))
        identify(conn, later(hour))
    last = [*wrong, *passing]
    rng.shuffle(last)
    for record in last:
        hour += 1
        if record in passing:
            gone(conn, record, later(hour))
        else:
            store(conn, records[record], later(hour))
        identify(conn, later(hour))


@pytest.mark.parametrize(
    ("seed", "sizes", "many", "by_hand"),
    [(1, (1, 2, 5), 2.0, 150), (12, (1, 4), 2.0, 150), (2, (1, 3, 12), 0.1, 150), (3, (2, 5), 2.0, 0)],
    ids=["few by few", "one or four", "in batches", "in columns"],
)
def test_any_order_gives_the_same_people_and_doubts_on_the_same_footing(conn, monkeypatch, seed, sizes, many, by_hand):
    monkeypatch.setattr(nearby, "KEYS_BY_HAND", by_hand)
    monkeypatch.setattr(nearby, "PAIRS_BY_HAND", 2 * by_hand)
    monkeypatch.setattr(footing, "MANY", many)
    monkeypatch.setattr(model, "CROWD", 5)  # so that keys become crowded, and cease to be, on the way
    records = crowded(36, seed)
    expected = at_once(conn, records)
    monkeypatch.setattr(footing, "fits", lambda *_: True)
    empty(conn, footing_too=False)

    arrive(conn, records, Random(seed), sizes)  # noqa: S311  any order

    assert state(conn) == expected
    assert any(len(group) > 1 for group in expected[0])
    assert expected[1]


def test_names_counted_on_the_way_are_all_that_another_order_can_change(conn):
    records = crowded(40, 99)
    expected = at_once(conn, records)
    empty(conn, footing_too=True)

    arrive(conn, records, Random(5), (4, 20))  # noqa: S311  any order
    identify(conn, later(900), afresh=True)

    assert state(conn) == expected


def test_record_that_changes_only_reads_what_is_near(conn, monkeypatch):
    records = crowded(45, 7)
    at_once(conn, records)
    far = person("crm", "far", given_name="Zebedee", family_name="Quill", birth_date="1999-09-09")
    store(conn, far, later(1))
    identify(conn, later(1))
    read: list[int] = []
    some = steps.feature_rows.some
    monkeypatch.setattr(steps.feature_rows, "some", lambda c, asked: read.append(len(found := some(c, asked))) or found)
    monkeypatch.setattr(steps.feature_rows, "features", None)

    store(conn, person("crm", "far", given_name="Zeb", family_name="Quill", birth_date="1999-09-09"), later(2))
    identify(conn, later(2))

    assert sum(read) == 1


def test_key_that_becomes_too_common_takes_its_pairs_along_and_brings_them_back(conn, monkeypatch):
    monkeypatch.setattr(model, "CROWD", 3)
    monkeypatch.setattr(footing, "fits", lambda *_: True)
    monkeypatch.setattr(footing, "MANY", 2.0)
    phone = {"phone": "07700900123"}
    # Nothing but the telephone and the initials brings the first two together.
    store(conn, person("crm", "1", given_name="Zebedee", family_name="Quill", birth_date="1950-03-07", **phone))
    store(conn, person("frameworki", "2", given_name="Zebedee", family_name="Quill", postcode="AR9 9ZZ", **phone))
    store(conn, person("crm", "3", given_name="Zara", family_name="Quorn", **phone))
    identify(conn, AT)
    few = state(conn)

    store(conn, person("crm", "4", given_name="Zoe", family_name="Quantock", **phone))
    identify(conn, later(1))
    many = state(conn)
    gone(conn, person("crm", "4")[0].record, later(2))
    identify(conn, later(2))

    assert few[1] or any(len(group) > 1 for group in few[0])
    assert not many[1]
    assert all(len(group) == 1 for group in many[0])
    assert state(conn) == few
