"""As of any instant the index answers as it would have then; a sealed former identity is in nobody else's history."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from canonical_people import AT, gone, later, person, store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wye.errors import UsageError
from wye.identity.history import as_of, changes
from wye.identity.identify import identify
from wye.identity.merge import merge, unmerge
from wye.identity.review import person_of
from wye.ports import record_id
from wye.road.people_history import instant_of
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

pytestmark = pytest.mark.services

CARE, CONTACT = record_id("frameworki", "persons", "1"), record_id("crm", "contacts", "1")
MARY = {"given_name": "Mary", "birth_date": "1950-03-07", "postcode": "AR1 1AA", "lines": "10 Mill Lane"}
A_MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


def current(conn: Connection, who: UUID) -> dict[str, object]:
    found = conn.execute(
        "SELECT attribute, value, source, reason FROM identity.golden WHERE person = %s AND superseded_at IS NULL",
        (who,),
    ).fetchall()
    return {str(attribute): (value, source, reason) for attribute, value, source, reason in found}


def links(conn: Connection, who: UUID) -> set[object]:
    found = conn.execute(
        "SELECT record FROM identity.person_link WHERE person = %s AND superseded_at IS NULL", (who,)
    ).fetchall()
    return {record for (record,) in found}


def told(conn: Connection, who: UUID, at: datetime) -> tuple[dict[str, object], set[object]]:
    then = as_of(conn, who, at)
    attributes = {str(one["attribute"]): (one["value"], one["source"], one["reason"]) for one in then.attributes}
    assert len(attributes) == len(then.attributes), "one value of an attribute at a time"
    return attributes, {one["record"] for one in then.records}


changing = st.tuples(
    st.sampled_from(["frameworki", "crm"]),
    st.sampled_from(["Ashdown", "Ashdon", "Ashden"]),
    st.sampled_from([None, "Mrs", "Dr"]),
    st.booleans(),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(changing, min_size=1, max_size=6))
def test_as_of_answers_at_every_instant_as_the_index_stood_then(conn, steps):
    """The naive replay: what stood after each change was written down when it stood."""
    conn.execute("TRUNCATE canonical.row, canonical.changed, identity.feature, identity.person, identity.doubt CASCADE")
    key, made = "1", {"given_name": "Mary", "birth_date": "1950-03-07"}
    store(conn, person("frameworki", key, **made, family_name="Ashdown"), AT)
    identify(conn, AT)
    who = person_of(conn, record_id("frameworki", "persons", key))
    written: list[tuple[datetime, dict[str, object], set[object]]] = [(AT, current(conn, who), links(conn, who))]
    for number, (source, family, title, leaves) in enumerate(steps, 1):
        at = later(number)
        record = record_id(source, {"frameworki": "persons", "crm": "contacts"}[source], key)
        if leaves and source == "crm":
            gone(conn, record, at)
            identify(conn, at)
        else:
            store(conn, person(source, key, **made, family_name=family, title=title), at)
            identify(conn, at)
            if person_of(conn, record) != who:
                merge(conn, who, person_of(conn, record), "one person", "steward", at + A_MOMENT)
        written.append((at + 2 * A_MOMENT, current(conn, who), links(conn, who)))

    for (at, attributes, records), following in zip(written, [*(one[0] for one in written[1:]), None], strict=True):
        for instant in (at, (following or at + timedelta(hours=1)) - timedelta(minutes=1)):
            if instant >= at:
                assert told(conn, who, instant) == (attributes, records)
    assert told(conn, who, later(99)) == (current(conn, who), links(conn, who))


@pytest.fixture
def mary(conn: Connection) -> UUID:
    store(conn, person("frameworki", "1", **MARY, family_name="Ashdown"))
    identify(conn, AT)
    return person_of(conn, CARE)


def test_history_tells_when_from_which_source_and_why(conn: Connection, mary: UUID) -> None:
    store(conn, person("frameworki", "1", **MARY, family_name="Hollow"), later(2))
    identify(conn, later(2))
    gone(conn, CARE, later(4))
    identify(conn, later(4))

    found = changes(conn, mary, "family_name")

    only = "the only source that says anything"
    assert [(one.at, one.value, one.source, one.reason) for one in found] == [
        (AT, "Ashdown", "frameworki", only),
        (later(2), "Hollow", "frameworki", only),
        (later(4), None, None, "no source says it any more"),
    ]
    assert {one.attribute for one in changes(conn, mary)} == {"family_name", "given_name", "birth_date"}
    at_the_change, _ = told(conn, mary, later(2))
    assert at_the_change["family_name"] == ("Hollow", "frameworki", only), "a version counts from its very instant"


def test_nobody_is_known_before_they_were(conn: Connection, mary: UUID) -> None:
    with pytest.raises(UsageError, match="at that instant"):
        as_of(conn, mary, AT - timedelta(seconds=1))
    with pytest.raises(UsageError, match="no person"):
        as_of(conn, uuid7(), AT)


def test_what_was_erased_is_no_longer_held(conn: Connection, mary: UUID) -> None:
    conn.execute("DELETE FROM identity.golden WHERE person = %s", (mary,))
    conn.execute("DELETE FROM canonical.row WHERE subject = %s", (CARE,))

    then = as_of(conn, mary, later(1))

    assert not then.held
    assert not then.attributes


def test_who_left_every_source_is_known_as_they_were(conn: Connection, mary: UUID) -> None:
    gone(conn, CARE, later(2))
    identify(conn, later(2))

    assert as_of(conn, mary, later(1)).attributes
    after = as_of(conn, mary, later(3))
    assert after.held
    assert not after.attributes


@pytest.fixture
def joined(conn: Connection, mary: UUID) -> UUID:
    """Mary, with whom a former identity was one until it was sealed."""
    store(conn, person("crm", "1", **MARY, family_name="Ashdown", title="Mr", sex="M"), later(1))
    identify(conn, later(1))
    if person_of(conn, CONTACT) != mary:
        merge(conn, mary, person_of(conn, CONTACT), "one person", "steward", later(1) + A_MOMENT)
    assert told(conn, mary, later(2))[1] == {CARE, CONTACT}
    store(conn, person("crm", "1", **MARY, family_name="Ashdown", title="Mr", sex="M", sealed=True), later(3))
    identify(conn, later(3))
    assert person_of(conn, CONTACT) != mary
    return mary


def words(conn: Connection, who: UUID) -> str:
    instants = [later(hour) for hour in range(5)] + [later(1) + 2 * A_MOMENT]
    known = [as_of(conn, who, at) for at in instants if at >= AT]
    return f"{known} {changes(conn, who)}"


def test_a_sealed_former_identity_is_nowhere_in_the_history_of_the_other(conn: Connection, joined: UUID) -> None:
    former = person_of(conn, CONTACT)

    told_of = words(conn, joined)

    for name in (str(CONTACT), repr(CONTACT), str(former), "crm", "'Mr'"):
        assert name not in told_of
    assert "sex" not in {one.attribute for one in changes(conn, joined)}
    found = changes(conn, joined, "family_name")
    assert [(one.at, one.value, one.reason) for one in found] == [
        (AT, "Ashdown", "the only source that says anything")
    ], "no gap and no change tells that somebody else was there"


def test_the_history_of_a_sealed_identity_tells_nothing_of_the_other(conn: Connection, joined: UUID) -> None:
    former = person_of(conn, CONTACT)

    then = as_of(conn, former, later(9))

    assert {one["record"] for one in then.records} == {CONTACT}
    assert str(joined) not in f"{then} {changes(conn, former)}"
    assert str(CARE) not in f"{then} {changes(conn, former)}"


def test_a_sealed_identity_that_keeps_its_person_tells_nothing_of_whom_it_shared_it_with(
    conn: Connection, mary: UUID
) -> None:
    store(
        conn,
        person("crm", "1", given_name="Walter", family_name="Quill", birth_date="1971-01-01", title="Mr"),
        later(1),
    )
    identify(conn, later(1))
    walter = person_of(conn, CONTACT)
    joined = merge(conn, mary, walter, "one person", "steward", later(1) + A_MOMENT).event
    unmerge(conn, joined, "two people", "steward", later(2))
    store(conn, person("frameworki", "1", **MARY, family_name="Ashdown", sealed=True), later(3))
    identify(conn, later(3))
    assert person_of(conn, CARE) == mary

    told_of = words(conn, mary)

    for name in (str(CONTACT), repr(CONTACT), str(walter), "crm", "'Mr'", "Quill"):
        assert name not in told_of


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-20", datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 7, 1, 22, 59, 59, 999999, tzinfo=UTC)),
        ("2026-10-25", datetime(2026, 10, 25, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-11-20T09:00:00Z", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-07-01T10:00:00+01:00", datetime(2026, 7, 1, 9, tzinfo=UTC)),
    ],
)
def test_a_date_means_the_end_of_that_day_in_london(text: str, instant: datetime) -> None:
    assert instant_of(text) == instant


@pytest.mark.parametrize("text", ["2026-11-20T09:00:00", "yesterday", "2026-13-01", ""])
def test_an_instant_without_its_zone_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="neither a day"):
        instant_of(text)
