"""An NHS number that a steward put right is proposed to no system outside health and care, whatever that system holds."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from canonical_people import person, store
from county_hub import hub_on_database

from wye.audit.search import search
from wye.errors import EnvironmentFault
from wye.road.correct import Typed, correct
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.propose import propose
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services
CUSTOMERS = "corrections-customer-services"
RIGHT, WRONG = "9990000018", "9990000026"
SAME = {"given_name": "Mary", "birth_date": "1950-03-07", "sex": "F", "postcode": "AR1 1AA", "lines": "10 Mill Lane"}


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    with hub_on_database(database_url, tmp_path) as one:
        yield one


@pytest.fixture
def who(hub: Hub) -> UUID:
    """One person of whom social care, customer services and revenues hold a wrong NHS number."""
    held = {"family_name": "Ashdown", "nhs_number": WRONG, "case_number": "7", **SAME}
    for source in ("frameworki", "crm", "civica_revenues"):
        store(hub.conn, person(source, "1", **held), hub.at())
    identify(hub)
    persons = hub.conn.execute(
        "SELECT DISTINCT person FROM identity.person_link WHERE superseded_at IS NULL"
    ).fetchall()
    assert len(persons) == 1
    return UUID(str(persons[0][0]))


def proposals(hub: Hub, attribute: str) -> dict[str, tuple[str, str]]:
    """Tell each proposal about an attribute: system -> (state, why)."""
    found = hub.conn.execute("SELECT system, state, why FROM exchange.proposal WHERE attribute = %s", (attribute,))
    return {str(system): (str(state), str(why)) for system, state, why in found}


@pytest.mark.parametrize("also", ["", "family_name"], ids=["alone", "beside a name that does go"])
def test_number_is_withheld_from_a_system_that_may_not_use_it(hub: Hub, who: UUID, also: str) -> None:
    correct(hub, who, "nhs_number", Typed(RIGHT, "traced, note 17"), "digits turned about")
    noted = proposals(hub, "nhs_number")
    assert {system: state for system, (state, _) in noted.items()} == dict.fromkeys(
        ("frameworki", "crm", "civica_revenues"), "withheld"
    )
    if also:
        correct(hub, who, also, Typed("Quillfeather", "certificate 12"), "married")

    with suppress(EnvironmentFault):  # the system does not answer: what may go to it is reserved, and waits
        propose(hub, hub.agreements[CUSTOMERS])

    state, why = proposals(hub, "nhs_number")["crm"]
    assert state == "withheld"
    assert why.startswith("items: the agreement names no `person.nhs_number`" if also else "subjects: ")
    assert proposals(hub, "family_name").get("crm", ("none",))[0] == ("sent" if also else "none")
    assert proposals(hub, "nhs_number")["civica_revenues"] == noted["civica_revenues"]
    reserved = hub.conn.execute("SELECT system, count(*) FROM exchange.handed_on GROUP BY system").fetchall()
    assert reserved == ([("crm", 1)] if also else []), "the name alone"
    found = search(hub.conn, hub.keys, person=who, searcher="auditor", purpose="test", at=hub.at())
    sent = [one.event.fields for one in found if one.event is not None and one.event.kind is EventKind.DISCLOSURE]
    assert sent == ([("person.family_name",)] if also else [])
