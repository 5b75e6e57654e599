"""A sealed former identity: never linked, never queued, never answered with the present one, and never said to be there."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from canonical_people import AT, gone, later, partition, person, store

from wye.errors import UsageError
from wye.identity import footing, history, queue
from wye.identity.identify import IdentifyResult, identify
from wye.identity.link_rows import records_of
from wye.identity.merge import merge, undo, unmerge
from wye.identity.review import person_of, show
from wye.identity.saying import different, same, split
from wye.ports import record_id
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

pytestmark = pytest.mark.services

PRESENT = {
    "given_name": "Mary",
    "family_name": "Ashdown",
    "birth_date": "1950-03-07",
    "nhs_number": "9990000018",
    "postcode": "AR1 1AA",
    "lines": "10 Mill Lane",
    "phone": "07700900123",
    "email": "mary@example.org",
}
FORMER = PRESENT | {"title": "Mr", "middle_names": "Former"}
CARE, CONTACT, STAY = (
    record_id(source, stream, "1")
    for source, stream in (("frameworki", "persons"), ("crm", "contacts"), ("nhs_fhir", "admissions"))
)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


def seal_later(conn: Connection) -> tuple[UUID, IdentifyResult]:
    """Three records of one person, of which the contact's is sealed when all are linked; gives the person."""
    store(
        conn,
        [*person("frameworki", "1", **PRESENT), *person("crm", "1", **FORMER), *person("nhs_fhir", "1", **PRESENT)],
    )
    identify(conn, AT)
    before = person_of(conn, CARE)
    assert set(records_of(conn, before)) == {CARE, CONTACT, STAY}
    store(conn, person("crm", "1", **FORMER, sealed=True), later(1))
    with pytest.raises(UsageError, match="linked to no person"):  # sealed by its source, and not looked at yet
        person_of(conn, CONTACT)
    return before, identify(conn, later(1))


def refusal(speak: object, *words: object) -> str:
    with pytest.raises(UsageError) as refused:
        speak(*words)  # type: ignore[operator]
    return str(refused.value)


def test_sealed_record_equal_in_all_is_neither_joined_nor_queued(conn):
    store(conn, [*person("frameworki", "1", **PRESENT), *person("crm", "1", **PRESENT, sealed=True)])

    result = identify(conn, AT)

    assert partition(conn) == {frozenset({CARE}), frozenset({CONTACT})}
    assert result.doubtful == 0
    assert conn.execute("SELECT count(*) FROM identity.doubt").fetchall() == [(0,)]
    assert show(conn, person_of(conn, CONTACT))["records"][0]["record"] == CONTACT


def test_sealing_parts_at_once_and_the_older_person_stays_with_the_rest(conn):
    before, result = seal_later(conn)

    assert set(records_of(conn, before)) == {CARE, STAY}
    alone = person_of(conn, CONTACT)
    assert records_of(conn, alone) == [CONTACT]
    assert {before, alone} <= set(result.changed_persons)
    assert conn.execute("SELECT count(*) FROM identity.event").fetchall() == [(0,)]


def test_sealing_leaves_no_value_with_the_other_person_now_or_in_history(conn):
    before, _ = seal_later(conn)
    alone = person_of(conn, CONTACT)

    told = str(show(conn, before)) + str(history.changes(conn, before)) + str(history.as_of(conn, before, AT))

    assert "Former" not in told
    assert str(CONTACT) not in told
    assert str(alone) not in told
    about = str(show(conn, alone)) + str(history.changes(conn, alone)) + str(history.as_of(conn, alone, later(2)))
    assert str(before) not in about
    assert str(CARE) not in about


def test_whoever_names_a_sealed_record_or_its_person_hears_what_an_unknown_id_hears(conn):
    before, _ = seal_later(conn)
    alone, unknown = person_of(conn, CONTACT), uuid7()
    attempts = [
        lambda who: merge(conn, before, who, "why", "sam", later(2)),
        lambda who: merge(conn, who, before, "why", "sam", later(2)),
        lambda who: same(conn, CARE, who, "why", "sam", later(2)),
        lambda who: different(conn, who, CARE, "why", "sam", later(2)),
        lambda who: split(conn, who, [CARE], "why", "sam", later(2)),
    ]

    for attempt in attempts:
        heard = {refusal(attempt, who).replace(str(who), "ID") for who in (alone, CONTACT, unknown)}
        assert len(heard) == 1, heard
        assert not {"seal", "former", "link"} & set(heard.pop().lower().split())
    # and the same, whether or not they were ever one
    stranger = person("police", "1", given_name="Zoe", family_name="Beech", birth_date="1961-04-08")
    store(conn, stranger, later(2))
    identify(conn, later(2))
    other = person_of(conn, record_id("police", "notices", "1"))
    assert refusal(merge, conn, other, alone, "why", "sam", later(3)) == refusal(
        merge, conn, before, alone, "why", "sam", later(3)
    )


def test_events_and_persons_of_before_the_seal_answer_as_if_they_had_never_been(conn):
    store(conn, person("frameworki", "1", **PRESENT))
    store(conn, person("crm", "1", given_name="Former", family_name="Cole", birth_date="1961-04-08"))
    identify(conn, AT)
    present, former = person_of(conn, CARE), person_of(conn, CONTACT)
    event = merge(conn, present, former, "one person", "sam", later(1)).event
    assert [each["id"] for each in show(conn, former)["events"]] == [event]

    sealed = person("crm", "1", given_name="Former", family_name="Cole", birth_date="1961-04-08", sealed=True)
    store(conn, sealed, later(2))
    identify(conn, later(2))

    assert show(conn, present)["events"] == show(conn, present)["words"] == []
    unknown = uuid7()
    for asked in (show, history.changes):
        heard = {refusal(asked, conn, each).replace(str(each), "ID") for each in (former, unknown)}
        assert len(heard) == 1
    assert "no person" in refusal(history.as_of, conn, former, later(3))
    for take_back in (unmerge, undo):
        heard = {
            refusal(take_back, conn, each, "why", "sam", later(3)).replace(str(each), "ID") for each in (event, unknown)
        }
        assert len(heard) == 1
    assert person_of(conn, CONTACT) not in (present, former)


def test_sealed_record_that_left_its_source_stays_sealed(conn):
    before, _ = seal_later(conn)
    gone(conn, CONTACT, later(2))
    identify(conn, later(2))

    alone = person_of(conn, CONTACT)

    assert alone != before
    refusal(merge, conn, before, alone, "why", "sam", later(3))
    assert "Former" not in str(history.changes(conn, before))


def test_pair_that_waited_leaves_the_queue_when_one_is_sealed(conn):
    store(
        conn,
        [*person("frameworki", "1", **PRESENT), *person("nhs_fhir", "1", **PRESENT | {"nhs_number": "9990000026"})],
    )
    identify(conn, AT)
    (waiting,) = queue.page(conn, "sam", 10)

    store(conn, person("nhs_fhir", "1", **PRESENT | {"nhs_number": "9990000026"}, sealed=True), later(1))

    assert queue.page(conn, "sam", 10) == []  # before the next run, too
    identify(conn, later(1))
    assert queue.page(conn, "sam", 10) == []
    with pytest.raises(UsageError, match="no pair that waits for you"):
        queue.find(conn, "sam", str(waiting.id))


def test_seal_that_its_source_lifts_lets_the_record_be_linked_again(conn):
    before, _ = seal_later(conn)

    store(conn, person("crm", "1", **FORMER), later(2))
    identify(conn, later(2))

    assert set(records_of(conn, before)) == {CARE, CONTACT, STAY}


@pytest.mark.parametrize("many", [0.0, 100.0], ids=["all looked at", "what is near looked at"])
def test_word_that_a_seal_held_back_counts_again_when_its_source_lifts_it(conn, monkeypatch, many):
    monkeypatch.setattr(footing, "MANY", many)
    other = {"given_name": "Zoe", "family_name": "Beech", "birth_date": "1961-04-08"}
    store(conn, [*person("frameworki", "1", **PRESENT), *person("crm", "1", **other)])
    identify(conn, AT)
    same(conn, CARE, CONTACT, "one passport", "sam", later(1))
    store(conn, person("crm", "1", **other, sealed=True), later(2))
    identify(conn, later(2))
    assert person_of(conn, CARE) != person_of(conn, CONTACT)

    store(conn, person("crm", "1", **other), later(3))
    identify(conn, later(3))

    assert person_of(conn, CARE) == person_of(conn, CONTACT)


def test_all_records_of_a_person_sealed_leaves_each_alone(conn):
    store(conn, [*person("frameworki", "1", **PRESENT), *person("crm", "1", **FORMER)])
    identify(conn, AT)
    before = person_of(conn, CARE)

    store(
        conn, [*person("frameworki", "1", **PRESENT, sealed=True), *person("crm", "1", **FORMER, sealed=True)], later(1)
    )
    identify(conn, later(1))

    assert len({before, person_of(conn, CARE), person_of(conn, CONTACT)}) == 3
    assert records_of(conn, before) == []


def test_record_that_left_its_source_follows_nobody_into_a_seal_whatever_was_said_of_them(conn):
    store(
        conn,
        [*person("frameworki", "1", **PRESENT), *person("crm", "1", **FORMER), *person("nhs_fhir", "1", **PRESENT)],
    )
    identify(conn, AT)
    older = person_of(conn, CARE)
    same(conn, CONTACT, STAY, "why", "steward", later(1))
    gone(conn, STAY, later(2))
    identify(conn, later(2))
    store(conn, person("crm", "1", **FORMER, sealed=True), later(3))

    identify(conn, later(3))

    assert set(records_of(conn, older)) == {CARE, STAY}
    assert partition(conn) == {frozenset({CARE, STAY}), frozenset({CONTACT})}
