"""What a steward found right stands above every source until they agree; contested numbers are golden for nobody."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from canonical_people import AT, later, person, store

from wye.identity import corrections, golden
from wye.identity.contested import REASON
from wye.identity.identify import identify
from wye.identity.known import candidates
from wye.identity.merge import merge
from wye.identity.review import person_of
from wye.ports import record_id
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

pytestmark = pytest.mark.services

CARE, CONTACT = record_id("frameworki", "persons", "1"), record_id("crm", "contacts", "1")
MARY = {"given_name": "Mary", "birth_date": "1950-03-07", "sex": "F", "postcode": "AR1 1AA", "lines": "10 Mill Lane"}


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


@pytest.fixture
def mary(conn: Connection) -> UUID:
    """One person, whose surname two systems spell in two ways."""
    store(conn, [*person("frameworki", "1", **MARY, family_name="Ashdown")])
    store(conn, [*person("crm", "1", **MARY, family_name="Ashdon")])
    identify(conn, AT)
    who = person_of(conn, CARE)
    assert person_of(conn, CONTACT) == who
    return who


def accept(
    conn: Connection, who: UUID, record: UUID, value: str, attribute: str = "family_name", **more: object
) -> UUID:
    number = uuid7()
    held = {
        "id": number, "person": who, "record": record, "attribute": attribute, "value": value, "typed": False,
        "controller": "arrowshire-council", "evidence": None, "reason": "birth certificate", "actor": "steward",
        "at": later(1), **more,
    }  # fmt: skip
    corrections.insert(conn, held)
    golden.write(conn, [who], later(1))
    return number


def now(conn: Connection, who: UUID, attribute: str = "family_name") -> tuple[object, str]:
    found = conn.execute(
        "SELECT value, reason FROM identity.golden WHERE person = %s AND attribute = %s AND superseded_at IS NULL",
        (who, attribute),
    ).fetchone()
    assert found is not None
    return found[0], str(found[1])


def doubts(conn: Connection, who: UUID, attribute: str = "family_name") -> dict[str, str | None]:
    (known,) = candidates(conn, [who])
    return {one.source: one.doubt for one in known.attributes[attribute]}


def ending(conn: Connection, correction: UUID) -> str | None:
    found = conn.execute("SELECT ending FROM identity.correction WHERE id = %s", (correction,)).fetchone()
    return found[0] if found else None  # type: ignore[return-value]  # rows are untyped


def test_accepted_value_is_golden_and_the_other_is_not_to_be_released(conn: Connection, mary: UUID) -> None:
    assert now(conn, mary)[0] == "Ashdown"

    accept(conn, mary, CONTACT, "Ashdon")

    assert now(conn, mary) == ("Ashdon", "a steward found it right")
    assert doubts(conn, mary) == {"crm": None, "frameworki": "a steward found another value right"}


def test_typed_value_is_golden_though_no_source_says_it(conn: Connection, mary: UUID) -> None:
    accept(conn, mary, CARE, "Ashdowne", typed=True, evidence="passport seen on 3 November")

    assert now(conn, mary) == ("Ashdowne", "a steward found it right")
    assert doubts(conn, mary) == {
        "steward": None,
        "frameworki": "a steward found another value right",
        "crm": "a steward found another value right",
    }


def test_correction_ends_when_every_source_agrees_and_not_before(conn: Connection, mary: UUID) -> None:
    correction = accept(conn, mary, CONTACT, "Ashdon")
    store(conn, [*person("frameworki", "1", **MARY, family_name="Ashdan")], later(2))
    identify(conn, later(2))
    assert now(conn, mary) == ("Ashdon", "a steward found it right")
    assert ending(conn, correction) is None

    store(conn, [*person("frameworki", "1", **MARY, family_name="Ashdon")], later(3))
    identify(conn, later(3))

    assert ending(conn, correction) == "agreed"
    assert (
        now(conn, mary)[1]
        == "ranked first of the sources that say anything: social workers check who they work with; a contact centre takes what callers say"
    )
    assert doubts(conn, mary) == {"frameworki": None, "crm": None}
    store(conn, [*person("crm", "1", **MARY, family_name="Ashden")], later(4))
    identify(conn, later(4))
    assert doubts(conn, mary) == {"frameworki": None, "crm": None}, "what has ended counts no more"


def test_withdrawn_correction_leaves_golden_to_the_rules(conn: Connection, mary: UUID) -> None:
    correction = accept(conn, mary, CONTACT, "Ashdon")

    assert corrections.withdraw(conn, correction, "misread", "steward", later(2))
    golden.write(conn, [mary], later(2))

    assert now(conn, mary)[0] == "Ashdown"
    assert not corrections.withdraw(conn, correction, "again", "steward", later(3))
    left = conn.execute(
        "SELECT count(*) FROM canonical.row WHERE entity = 'correction' AND superseded_at IS NULL"
    ).fetchone()
    assert left == (0,)


def test_correction_goes_with_its_record_through_a_merge(conn: Connection, mary: UUID) -> None:
    store(conn, person("frameworki", "2", given_name="Mary", family_name="Quill", birth_date="1971-01-01"))
    identify(conn, later(1))
    other = person_of(conn, record_id("frameworki", "persons", "2"))
    accept(conn, mary, CONTACT, "Ashdon")

    merge(conn, other, mary, "one passport", "steward", later(2))

    assert now(conn, other) == ("Ashdon", "a steward found it right")


def test_correction_is_told_as_a_row_without_its_value(conn: Connection, mary: UUID) -> None:
    accept(conn, mary, CONTACT, "Ashdon")

    (known,) = candidates(conn, [mary])

    (row,) = known.rows["correction"]
    assert row.source == "steward"
    assert row.values == {"attribute": "family_name", "from_date": "2026-11-20"}


def test_two_valid_numbers_in_one_person_are_golden_for_nobody_until_a_human_decides(
    conn: Connection, mary: UUID
) -> None:
    store(conn, [*person("frameworki", "1", **MARY, family_name="Ashdown", nhs_number="9990000018")], later(1))
    stay = person(
        "nhs_fhir", "1", given_name="Mary", family_name="Ashdown", birth_date="1950-03-07", nhs_number="9990000026"
    )
    store(conn, stay, later(1))
    identify(conn, later(1))
    hospital = record_id("nhs_fhir", "admissions", "1")
    assert person_of(conn, hospital) != mary, "linking does not join them; a human did"
    merge(conn, mary, person_of(conn, hospital), "one person, says the ward", "steward", later(2))

    assert now(conn, mary, "nhs_number") == (None, REASON)
    assert set(doubts(conn, mary, "nhs_number").values()) == {REASON}

    accept(conn, mary, hospital, "9990000026", "nhs_number", at=later(3))
    assert now(conn, mary, "nhs_number") == ("9990000026", "a steward found it right")


def test_traced_number_is_golden_though_its_source_ranks_lower(conn: Connection, mary: UUID) -> None:
    traced = person("police", "9", **MARY, family_name="Ashdown", nhs_number="9990000018", nhs_number_status="01")
    store(conn, [*person("frameworki", "1", **MARY, family_name="Ashdown", nhs_number="9990000018")], later(1))
    store(conn, traced, later(1))
    identify(conn, later(1))

    (known,) = candidates(conn, [mary])

    assert [(one.source, one.verified) for one in known.attributes["nhs_number"]] == [
        ("police", True),
        ("frameworki", False),
    ]
    assert "nhs_number_status" not in known.attributes, "how a number was checked is no fact of its own"


def test_system_that_holds_names_in_capitals_says_the_same_and_is_not_doubted(conn: Connection, mary: UUID) -> None:
    store(conn, [*person("civica_revenues", "1", **MARY, family_name="ASHDOWN")])
    identify(conn, later(0))
    accept(conn, mary, CARE, "Ashdown")

    (known,) = candidates(conn, [mary])
    said = {one.source: (one.accepted, bool(one.doubt)) for one in known.attributes["family_name"]}
    assert said == {"frameworki": (True, False), "crm": (False, True), "civica_revenues": (False, False)}
    assert now(conn, mary)[0] == "Ashdown"

    store(conn, [*person("crm", "1", **MARY, family_name="Ashdown")], later(2))
    assert corrections.settle(conn, [mary], later(2)), "all agree, capitals or not"


def test_name_in_other_letters_is_another_name_whatever_its_capitals(conn: Connection, mary: UUID) -> None:
    store(conn, [*person("civica_revenues", "1", **MARY, family_name="ASHDON")])
    identify(conn, later(0))
    accept(conn, mary, CARE, "Ashdown")

    (known,) = candidates(conn, [mary])
    assert {one.source for one in known.attributes["family_name"] if one.doubt} == {"crm", "civica_revenues"}
    store(conn, [*person("crm", "1", **MARY, family_name="Ashdown")], later(2))
    assert not corrections.settle(conn, [mary], later(2))
