"""Versions of the model: one is in force by somebody's word, all records are weighed by it, and nobody flaps."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from uuid import UUID

import psycopg
import pytest
from canonical_people import AT, changed, later, partition, person, store

from wye.identity import model, model_rows
from wye.identity.identify import identify
from wye.identity.preview import preview
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services

MARY = {"given_name": "Mary", "family_name": "Ashdown", "birth_date": "1950-03-07"}


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


def lighter(bits: float) -> model.Parameters:
    """The shipped model with every pair weighing so much less: fewer true pairs to each record."""
    shipped = model.shipped()
    return shipped | {"per_record": shipped["per_record"] * 2**-bits}


def put_in_force(conn: Connection, parameters: model.Parameters, hours: int) -> UUID:
    version = model_rows.keep(conn, parameters, later(hours))
    model_rows.use(conn, version, "sam", "a test", later(hours))
    return version


def weight(conn: Connection) -> float:
    """What the two Maries of `two_maries` weigh by the shipped model."""
    from wye.identity.explaining import explain

    (a, b) = sorted(row[0] for row in conn.execute("SELECT record FROM identity.feature").fetchall())
    return explain(conn, [(a, b)])[a, b].weight


def two_maries(conn: Connection) -> float:
    store(
        conn,
        [*person("frameworki", "1", **MARY, postcode="AR1 1AA"), *person("crm", "1", **MARY, postcode="AR9 9AA")],
    )
    identify(conn, AT)
    return weight(conn)


def test_shipped_model_is_in_force_until_somebody_says_otherwise(conn):
    kept = model_rows.keep(conn, lighter(1), AT)

    assert model_rows.in_force(conn) is model.shipped()
    assert [(one.id, one.state) for one in model_rows.versions(conn)] == [(kept, "candidate")]

    model_rows.use(conn, kept, "sam", "measured better", later(1))
    other = put_in_force(conn, lighter(2), 2)

    assert model_rows.in_force(conn) == lighter(2)
    told = {one.id: (one.state, one.put_in_force_by, one.reason) for one in model_rows.versions(conn)}
    assert told == {kept: ("retired", "sam", "measured better"), other: ("in force", "sam", "a test")}

    model_rows.use(conn, None, "sam", "back to the shipped one", later(3))
    assert model_rows.in_force(conn) is model.shipped()
    assert {one.state for one in model_rows.versions(conn)} == {"retired"}


def test_version_of_another_release_is_not_weighed_by(conn):
    older = {**model.shipped(), "comparisons": {"given_name": {"same": [0.9, 0.01]}}}
    put_in_force(conn, older, 1)

    assert not model.fits(older)
    assert model_rows.in_force(conn) is model.shipped()


@pytest.mark.parametrize("statement", ["UPDATE identity.model_use SET reason = 'x'", "DELETE FROM identity.model"])
def test_what_was_in_force_cannot_be_rewritten(conn, statement):
    put_in_force(conn, lighter(1), 1)

    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        conn.execute(statement)


def test_another_version_makes_every_record_due_once(conn):
    two_maries(conn)
    assert identify(conn, later(1)).looked_at == 0

    put_in_force(conn, lighter(40), 2)
    seen = identify(conn, later(2))

    assert seen.looked_at == 2
    assert len(partition(conn)) == 2
    assert set(seen.changed_persons)
    assert identify(conn, later(3)).looked_at == 0


def test_tie_between_fracture_and_join_holds_who_is_together_and_joins_nobody(conn):
    weighs = two_maries(conn)
    assert weighs >= model.JOIN
    assert len(partition(conn)) == 1

    put_in_force(conn, lighter(weighs - model.JOIN + 1), 1)
    identify(conn, later(1))
    assert len(partition(conn)) == 1

    put_in_force(conn, lighter(weighs - model.FRACTURE + 0.5), 2)
    identify(conn, later(2))
    assert len(partition(conn)) == 2

    put_in_force(conn, lighter(weighs - model.JOIN + 1), 3)
    identify(conn, later(3))
    assert len(partition(conn)) == 2

    model_rows.use(conn, None, "sam", "back", later(4))
    identify(conn, later(4))
    assert len(partition(conn)) == 1


def test_word_of_a_human_holds_whatever_the_model(conn):
    from wye.identity.merge import merge

    store(conn, [*person("frameworki", "1", **MARY), *person("crm", "1", given_name="Zoe", family_name="Corve")])
    identify(conn, AT)
    kept, other = (row[0] for row in conn.execute("SELECT person FROM identity.person_link ORDER BY record").fetchall())
    merge(conn, kept, other, "seen together", "sam", later(1))

    put_in_force(conn, lighter(60), 2)
    ahead = preview(conn, lighter(60))
    identify(conn, later(2))

    assert (ahead.made, ahead.broken) == (0, 0)
    assert len(partition(conn)) == 1


@pytest.mark.parametrize("bits", [-6.0, 0.0, 3.0, 9.0, 30.0])
def test_preview_counts_what_identify_then_does(conn, bits):
    people = [
        *person("frameworki", "1", **MARY, postcode="AR1 1AA", lines="10 Mill Lane"),
        *person("crm", "1", **MARY, postcode="AR1 1AA", lines="10 Mill Lane", phone="07700900123"),
        *person("police", "1", **{**MARY, "given_name": "Mry"}, postcode="AR9 9AA"),
        *person("frameworki", "2", given_name="John", family_name="Corve", birth_date="1981-11-20", postcode="AR2 2BB"),
        *person("crm", "2", given_name="J", family_name="Corve", postcode="AR2 2BB", lines="1 Mill Lane"),
        *person("civica_revenues", "2", given_name="Jon", family_name="Corve", postcode="AR2 2BB", lines="1 Mill Lane"),
        *person("crm", "3", given_name="Ann", family_name="Duxbury", birth_date="1990-05-05", email="a@example.org"),
        *person("police", "3", given_name="Ann", family_name="Beech", birth_date="1990-05-05", postcode="AR2 2BB"),
    ]
    store(conn, people)
    identify(conn, AT)
    before = pairs(conn)

    ahead = preview(conn, lighter(bits))
    put_in_force(conn, lighter(bits), 1)
    identify(conn, later(1))

    after = pairs(conn)
    assert (ahead.made, ahead.broken) == (len(after - before), len(before - after))
    assert (ahead.links, ahead.people_then) == (len(before), len(partition(conn)))
    waiting = conn.execute("SELECT count(*) FROM identity.doubt WHERE decided_at IS NULL").fetchall()
    assert ahead.doubtful == waiting[0][0]


def pairs(conn: Connection) -> set[tuple[UUID, UUID]]:
    """Pairs of records that are of one person."""
    return {pair for group in partition(conn) for pair in combinations(sorted(group), 2)}


def test_models_that_differ_in_nothing_leave_everybody_alone(conn):
    two_maries(conn)
    events = conn.execute("SELECT count(*) FROM identity.person_link").fetchall()
    put_in_force(conn, lighter(0), 1)

    changed(conn, [row[0] for row in conn.execute("SELECT record FROM identity.feature").fetchall()], later(1))
    identify(conn, later(1))

    assert conn.execute("SELECT count(*) FROM identity.person_link").fetchall() == events
    assert Counter(len(group) for group in partition(conn)) == {2: 1}
