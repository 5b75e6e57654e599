"""Who is at a door and who belongs to whom, as sources say it; what is protected appears in nobody else's household."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from canonical_people import AT, CanonicalRow, gone, later, person, store

from wye.errors import UsageError
from wye.identity.door import Door, door_of, is_home
from wye.identity.household import WITHHELD, Household, household
from wye.identity.identify import identify
from wye.identity.merge import merge
from wye.identity.review import person_of
from wye.ports import record_id
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

STREAMS = {"frameworki": "persons", "crm": "contacts", "civica_revenues": "members"}


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


def resident(source: str, key: str, name: str, *beside: tuple[str, dict[str, object]]) -> list[CanonicalRow]:
    """A person as one system has them, born on a day of their own, with rows beside."""
    number = sum(map(ord, name))
    rows = person(
        source, key, given_name=name, family_name="Ashdown", birth_date=f"{1930 + number % 60}-0{1 + number % 9}-11"
    )
    record, stream = rows[0].record, STREAMS[source]
    return rows + [
        CanonicalRow(record, entity, record, source, stream, body, AT, 10 + part)
        for part, (entity, body) in enumerate(beside)
    ]


def home(lines: str = "10 Mill Lane", postcode: str = "AR1 1AA", **more: object) -> tuple[str, dict[str, object]]:
    return "address", {"kind": "home", "lines": lines, "postcode": postcode, **more}


def tie(other: UUID, kind: str, **more: object) -> tuple[str, dict[str, object]]:
    return "relationship", {"other": str(other), "kind": kind, **more}


def record(source: str, key: str) -> UUID:
    return record_id(source, STREAMS[source], key)


def of(conn: Connection, source: str = "frameworki", key: str = "1") -> Household:
    return household(conn, person_of(conn, record(source, key)), later(1))


def names(found: Household) -> set[object]:
    return {one.known_as.get("given_name") for one in found.members}


def put(conn: Connection, *people: list[CanonicalRow]) -> None:
    store(conn, [row for rows in people for row in rows])
    identify(conn, AT)


@pytest.mark.services
def test_household_is_whoever_a_source_puts_behind_the_door(conn: Connection) -> None:
    put(
        conn,
        resident("frameworki", "1", "Mary", home(from_date="2019-05-01")),
        resident("crm", "2", "Walter", home("10, MILL LANE", "AR1 1AA")),
        resident("civica_revenues", "3", "Olive", home("10 Mill Lane", from_date="2020-02-02")),
        resident("crm", "4", "Stanley", home("12 Mill Lane")),
        resident("crm", "5", "Ida", home(to_date="2020-01-01")),
        resident("crm", "6", "Enid", home(kind="correspondence")),
    )

    found = of(conn)

    assert names(found) == {"Walter", "Olive"}
    said = {(word.source, word.says, word.since) for one in found.members for word in one.words}
    assert said == {("crm", "lives here", "2026-11-20"), ("civica_revenues", "lives here", "2020-02-02")}


@pytest.mark.services
def test_two_properties_are_two_doors_though_they_are_written_alike(conn: Connection) -> None:
    put(
        conn,
        resident("frameworki", "1", "Mary", home(uprn="100")),
        resident("crm", "2", "Walter", home(uprn="100", lines="Flat over the shop", postcode="AR9 9ZZ")),
        resident("crm", "3", "Olive", home(uprn="200")),
    )

    assert names(of(conn)) == {"Walter"}


@pytest.mark.services
def test_sources_that_differ_stand_side_by_side(conn: Connection) -> None:
    walter = resident("crm", "2", "Walter", home())
    elsewhere = resident("civica_revenues", "2", "Walt", home("3 High Street", "AR2 2BB", from_date="2026-01-01"))
    put(conn, resident("frameworki", "1", "Mary", home()), walter, elsewhere)
    merge(conn, *(person_of(conn, record(source, "2")) for source in ("crm", "civica_revenues")), "one", "steward", AT)

    (member,) = of(conn).members

    assert [(word.source, word.says) for word in member.words] == [
        ("crm", "lives here"),
        ("civica_revenues", "lives elsewhere"),
    ]


@pytest.mark.services
def test_relations_are_told_from_both_sides_with_source_and_since(conn: Connection) -> None:
    put(
        conn,
        resident(
            "frameworki", "1", "Mary",
            tie(record("frameworki", "2"), "child", from_date="2001-04-05"),
            tie(record("frameworki", "3"), "partner", to_date="2010-01-01"),
        ),
        resident("frameworki", "2", "Walter"),
        resident("frameworki", "3", "Olive"),
        resident("crm", "4", "Ida", tie(record("frameworki", "1"), "carer")),
        resident("crm", "5", "Enid", tie(record("frameworki", "1"), "mother")),
        resident("crm", "6", "Joan", tie(record("frameworki", "1"), "duplicate")),
    )  # fmt: skip

    found = of(conn)

    told = {
        (one.known_as["given_name"], word.source, word.says, word.since)
        for one in found.relations
        for word in one.words
    }
    assert told >= {
        ("Walter", "frameworki", "child", "2001-04-05"),
        ("Ida", "crm", "this person is their carer", "2026-11-20"),
        ("Enid", "crm", "child", "2026-11-20"),
    }
    assert not any(name == "Olive" for name, *_ in told), "what has ended is not told"
    assert not any(says == "duplicate" for *_, says, _since in told)


FLAGS = ["safe-address", "restricted-record", "former-identity-sealed"]


@pytest.mark.services
@pytest.mark.parametrize("kind", FLAGS)
def test_who_is_protected_appears_in_nobody_elses_household(conn: Connection, kind: str) -> None:
    flag = ("flag", {"kind": kind, "from_date": "2027-01-01"})
    put(
        conn,
        resident("frameworki", "1", "Mary", home(), tie(record("frameworki", "2"), "child")),
        resident("frameworki", "2", "Walter", home(), flag),
        resident("crm", "3", "Olive", home()),
    )
    hidden = person_of(conn, record("frameworki", "2"))

    found = of(conn)

    assert names(found) == {"Olive", None}
    assert [one for one in found.members if one.withheld] == [found.members[-1]]
    for one in (found.members[-1], *found.relations):
        assert (one.person, one.known_as, one.words, one.withheld) == (None, {}, (), WITHHELD)
    assert hidden not in found.shown
    assert "Walter" not in str(found)
    assert "child" not in str(found)


@pytest.mark.services
def test_what_was_sealed_stays_hidden_when_its_record_has_left_its_source(conn: Connection) -> None:
    flag = ("flag", {"kind": "former-identity-sealed"})
    put(conn, resident("frameworki", "2", "Walter", flag))
    put(conn, resident("frameworki", "1", "Mary", tie(record("frameworki", "2"), "sibling")))
    gone(conn, record("frameworki", "2"), later(1))
    identify(conn, later(1))

    (relation,) = of(conn).relations

    assert (relation.person, relation.withheld) == (None, WITHHELD)


@pytest.mark.services
def test_who_may_be_protected_by_what_nobody_has_read_yet_is_withheld(conn: Connection) -> None:
    put(conn, resident("frameworki", "1", "Mary", home()), resident("crm", "2", "Walter", home()))
    batch, value = uuid7(), uuid7()
    conn.execute(
        "INSERT INTO intake.batch (batch, source, stream, state, rows_read, landed_at) VALUES (%s, 'crm', 'contacts', 'held', 1, %s)",
        (batch, AT),
    )
    conn.execute(
        "INSERT INTO intake.landed VALUES (%s, %s, %s, false, %s, 'x')", (value, batch, record("crm", "2"), AT)
    )
    conn.execute(
        "INSERT INTO canonical.pending_protection (value, subject, record, source, stream, cause, own, unread, stated, since)"
        " VALUES (%s, %s, %s, 'crm', 'contacts', 'held', true, true, '[]', %s)",
        (value, record("crm", "2"), record("crm", "2"), AT),
    )

    (member,) = of(conn).members

    assert (member.person, member.withheld) == (None, WITHHELD)


@pytest.mark.services
def test_which_protection_it_is_is_not_told(conn: Connection) -> None:
    for number, kind in enumerate(FLAGS):
        put(conn, resident("crm", f"2{number}", f"Walter{number}", home(f"{number} Elm Row"), ("flag", {"kind": kind})))
        put(conn, resident("frameworki", f"1{number}", f"Mary{number}", home(f"{number} Elm Row")))

    told = {str(of(conn, "frameworki", f"1{number}").members) for number in range(len(FLAGS))}

    assert len(told) == 1


@pytest.mark.services
@pytest.mark.parametrize("kind", FLAGS)
def test_the_household_of_who_is_protected_is_not_shown(conn: Connection, kind: str) -> None:
    put(
        conn,
        resident("frameworki", "1", "Mary", home(), ("flag", {"kind": kind})),
        resident("crm", "2", "Walter", home(), tie(record("frameworki", "1"), "mother")),
    )

    found = of(conn)

    assert (found.withheld, found.members, found.relations) == (WITHHELD, (), ())


@pytest.mark.services
def test_a_protection_that_has_ended_withholds_no_longer(conn: Connection) -> None:
    ended = ("flag", {"kind": "safe-address", "to_date": "2026-11-19"})
    put(conn, resident("frameworki", "1", "Mary", home()), resident("crm", "2", "Walter", home(), ended))

    assert names(of(conn)) == {"Walter"}


@pytest.mark.services
def test_nobody_has_no_household(conn: Connection) -> None:
    with pytest.raises(UsageError, match="no person"):
        household(conn, uuid7(), AT)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"uprn": "0012"}, {"uprn": "12"}, True),
        ({"uprn": "12", "postcode": "AR1 1AA", "lines": "1 A"}, {"uprn": "13", "postcode": "AR1 1AA", "lines": "1 A"}, False),
        ({"uprn": "12", "postcode": "ar11aa", "lines": "1 A St"}, {"postcode": "AR1 1AA", "lines": "1, A Street"}, True),
        ({"postcode": "AR1 1AA", "lines": "Flat 2, 10 Mill Lane"}, {"postcode": "AR1 1AA", "lines": "10 Mill Lane"}, False),
        ({"postcode": "AR1 1AA", "lines": "Rose Cottage"}, {"postcode": "AR1 1AA", "lines": "ROSE COTT."}, True),
    ],
)  # fmt: skip
def test_doors_are_compared_by_number_of_property_then_by_words(one, other, same):
    left, right = door_of(one), door_of(other)
    assert isinstance(left, Door)
    assert isinstance(right, Door)
    assert left.same(right) is right.same(left) is same


def test_an_address_that_names_no_door_is_none():
    assert door_of({"town": "Netherby"}) is None
    assert door_of({"postcode": "AR1 1AA"}) is None


def test_a_home_lasts_from_its_first_day_to_its_last():
    ends = {"kind": "home", "from_date": "2026-01-02", "to_date": "2026-02-03"}

    assert [is_home(ends, day) for day in ("2026-01-01", "2026-01-02", "2026-02-03", "2026-02-04")] == [
        False, True, True, False,
    ]  # fmt: skip
