"""Merge and unmerge on real PostgreSQL: undoing restores the links exactly; words bind linking."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from canonical_people import AT, changed, later, link_state, person, store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wye.errors import UsageError
from wye.identity.identify import identify
from wye.identity.merge import merge, records_of, unmerge
from wye.ports import record_id
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

pytestmark = pytest.mark.services


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


def person_with(conn: Connection, kinds: list[str]) -> UUID:
    """A person with one record for each kind of link."""
    made = uuid7()
    conn.execute("INSERT INTO identity.person VALUES (%s, %s)", (made, AT))
    for kind in kinds:
        conn.execute(
            "INSERT INTO identity.person_link VALUES (%s, %s, %s, %s, %s)", (uuid7(), made, kind, f"was {kind}", AT)
        )
    return made


kinds = st.lists(st.sampled_from(["auto", "system", "verified"]), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(kinds, min_size=2, max_size=4), st.data())
def test_merges_undone_in_reverse_restore_the_links_exactly(conn, shape, data):
    persons = [person_with(conn, each) for each in shape]
    states, events = [], []
    for step in range(len(persons) - 1):
        alive = [each for each in persons if records_of(conn, each)]
        kept, other = data.draw(st.permutations(alive))[:2]
        states.append(link_state(conn))
        events.append(merge(conn, kept, other, "same", "steward", later(step)).event)
        assert not records_of(conn, other)
        assert link_state(conn) != states[-1]

    for event, state in zip(reversed(events), reversed(states), strict=True):
        unmerge(conn, event, "two people", "steward", AT)
        assert link_state(conn) == state


def two_maries(conn: Connection) -> tuple[UUID, UUID]:
    mary = {"given_name": "Mary", "family_name": "Ashdown", "birth_date": "1950-03-07"}
    store(
        conn, [*person("frameworki", "1", **mary, postcode="AR1 1AA"), *person("crm", "1", **mary, postcode="AR1 1AA")]
    )
    identify(conn, AT)
    return record_id("frameworki", "persons", "1"), record_id("crm", "contacts", "1")


def test_undone_automatic_merge_is_not_made_again(conn):
    mary = {"given_name": "Mary", "family_name": "Ashdown", "birth_date": "1950-03-07"}
    store(conn, person("frameworki", "1", **mary, postcode="AR1 1AA"))
    identify(conn, AT)
    married = {**mary, "family_name": "Beech"}
    store(conn, person("nhs_fhir", "1", **married, postcode="AR9 9AA", nhs_number="9990000018"), later(1))
    identify(conn, later(1))
    store(conn, person("frameworki", "1", **mary, postcode="AR1 1AA", nhs_number="9990000018"), later(2))
    assert identify(conn, later(2)).merged == 1
    ((event,),) = conn.execute("SELECT id FROM identity.event").fetchall()

    unmerge(conn, event, "two people", "steward", later(3))
    store(conn, person("nhs_fhir", "1", **mary, postcode="AR1 1AA", nhs_number="9990000018"), later(4))
    identify(conn, later(4))

    assert len({row[1] for row in link_state(conn)}) == 2
    assert conn.execute("SELECT count(*) FROM identity.doubt WHERE decided_at IS NULL").fetchall() == [(0,)]


def test_merge_moves_golden_along(conn):
    store(conn, [*person("frameworki", "1", given_name="Mary"), *person("crm", "1", given_name="Zoe", title="Dr")])
    identify(conn, AT)
    kept, other = (row[0] for row in conn.execute("SELECT person FROM identity.person_link ORDER BY record").fetchall())

    event = merge(conn, kept, other, "same", "steward", later(1)).event
    attributes = "SELECT person, attribute FROM identity.golden WHERE superseded_at IS NULL"
    assert {row[0] for row in conn.execute(attributes).fetchall()} == {kept}

    unmerge(conn, event, "two people", "steward", later(2))
    assert {row[0] for row in conn.execute(attributes).fetchall()} == {kept, other}


def test_merge_across_a_sealed_identity_is_refused(conn):
    store(conn, [*person("frameworki", "1", given_name="Mary", sealed=True), *person("crm", "1", given_name="Zoe")])
    identify(conn, AT)
    one, two = (row[0] for row in conn.execute("SELECT person FROM identity.person_link").fetchall())

    with pytest.raises(UsageError) as refused:
        merge(conn, one, two, "same", "steward", later(1))

    assert "seal" not in str(refused.value)


def test_merge_of_one_person_with_itself_or_with_nobody_is_refused(conn):
    one = person_with(conn, ["auto"])

    with pytest.raises(UsageError, match="twice"):
        merge(conn, one, one, "same", "steward", AT)
    with pytest.raises(UsageError, match="no person or record"):
        merge(conn, one, uuid7(), "same", "steward", AT)
    with pytest.raises(UsageError, match="no merge"):
        unmerge(conn, uuid7(), "two people", "steward", AT)


def test_unmerge_twice_is_refused(conn):
    event = merge(conn, person_with(conn, ["auto"]), person_with(conn, ["system"]), "same", "steward", AT).event
    unmerge(conn, event, "two people", "steward", AT)

    with pytest.raises(UsageError, match="nothing left"):
        unmerge(conn, event, "two people", "steward", AT)


def test_records_that_a_human_parted_stay_apart_when_looked_at_again(conn):
    care, contact = two_maries(conn)
    assert len({row[1] for row in link_state(conn)}) == 1
    conn.execute("UPDATE identity.doubt SET decision = 'different', decided_at = %s", (AT,))
    conn.execute(
        "INSERT INTO identity.doubt VALUES (least(%(a)s, %(b)s::uuid), greatest(%(a)s, %(b)s::uuid), 0, %(at)s, %(at)s, 'different')"
        " ON CONFLICT DO NOTHING",
        {"a": care, "b": contact, "at": AT},
    )
    store(
        conn,
        person("crm", "1", given_name="Mary", family_name="Ashdown", birth_date="1950-03-07", postcode="AR1 1AB"),
        later(1),
    )
    changed(conn, [care])

    identify(conn, later(1))

    assert len({row[1] for row in link_state(conn)}) == 2
