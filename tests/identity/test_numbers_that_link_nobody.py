"""A number that may not be used to link leaves every weight exactly as it is without it: features, keys, doubts, links."""

from collections.abc import Iterator

import pytest
from canonical_people import AT, later, link_state, partition, person, store

from wye.identity.identify import identify
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services
NUMBERS = {
    "pupil number": ("upn", "H801200001001"),
    "national insurance number": ("nino", "AB123456C"),
    "NHS number told by neither health nor care": ("nhs_number", "9990000018"),
}
ALIKE = {"family_name": "Ashdown", "given_name": "Mary", "birth_date": "1950-03-07", "sex": "F"}
SOURCES = ("crm", "civica_revenues")


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as one:
        yield one


def weighed(conn: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Tell all that linking made of the records: what is compared, by which keys, with which weights."""
    asked = {
        "features": "SELECT * FROM identity.feature ORDER BY record",
        "keys": "SELECT key, record FROM identity.block ORDER BY key, record",
        "doubts": "SELECT record_a, record_b, weight FROM identity.doubt ORDER BY record_a, record_b",
    }
    return {what: conn.execute(query).fetchall() for what, query in asked.items()}


def two(conn: Connection, one: dict[str, object], other: dict[str, object], number: dict[str, object]) -> None:
    """Have two systems tell of a person each, both with the number, and link."""
    first, second = SOURCES
    store(
        conn,
        person(first, "1", **one, **number) + person(second, "2", **other, **number),
        AT if not number else later(1),
    )
    identify(conn, later(2), afresh=True)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("other", "doubts", "persons"),
    [
        ({**ALIKE, "birth_date": "1950-03-08"}, 1, 2),
        ({**ALIKE, "birth_date": "1950-07-03"}, 0, 1),
        ({**ALIKE, "given_name": "Marie"}, 0, 2),
    ],
    ids=["doubtful", "joined", "apart"],
)
def test_equal_number_leaves_a_pair_as_it_is_to_the_last_digit_of_its_weight(
    conn: Connection, number: str, other: dict[str, object], doubts: int, persons: int
) -> None:
    field, value = NUMBERS[number]
    two(conn, ALIKE, other, {})
    without, linked = weighed(conn), link_state(conn)
    assert (len(without["doubts"]), len(partition(conn))) == (doubts, persons)

    two(conn, ALIKE, other, {field: value})

    assert weighed(conn) == without
    assert link_state(conn) == linked
    told = conn.execute(
        "SELECT count(*) FROM canonical.row WHERE superseded_at IS NULL AND body ->> %s = %s", (field, value)
    ).fetchone()
    assert told == (2,)


@pytest.mark.parametrize("number", NUMBERS)
def test_equal_number_alone_brings_nobody_together(conn: Connection, number: str) -> None:
    field, value = NUMBERS[number]

    two(conn, {"family_name": "Ashdown"}, {"family_name": "Quillfeather"}, {field: value})

    found = weighed(conn)
    assert found["doubts"] == []
    assert len(partition(conn)) == len(found["features"]) == 2
    keys = [key for key, _ in found["keys"]]
    assert len(keys) == len(set(keys)), "no key is shared: the two are never even compared"


def test_number_that_may_be_compared_does_change_the_weight(conn: Connection) -> None:
    one, other = {**ALIKE}, {**ALIKE, "birth_date": "1950-07-03"}
    told = {"nhs_number": "9990000018"}
    store(conn, person("frameworki", "1", **one) + person("nhs_fhir", "2", **other))
    identify(conn, later(2), afresh=True)
    without = weighed(conn)

    store(conn, person("frameworki", "1", **one, **told) + person("nhs_fhir", "2", **other, **told), later(1))
    identify(conn, later(3), afresh=True)

    assert weighed(conn) != without
    assert len(partition(conn)) == 1
