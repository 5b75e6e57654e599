"""A correction goes to revenues as one line of one list, once, and is closed when a later export says it, in capitals."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from canonical_people import person, store
from county_hub import hub_on_database

from connectors.civica_revenues import CivicaRevenues
from connectors.civica_revenues.counterpart.sshd import Sshd
from wye.errors import UsageError
from wye.road.correct import Typed, correct, withdraw
from wye.road.handing import hand
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.propose import propose
from wye.store.ids import uuid7

pytestmark = pytest.mark.services
REVENUES = "corrections-revenues"
MARY = {"given_name": "Mary", "birth_date": "1950-03-07", "sex": "F", "postcode": "AR1 1AA", "lines": "10 Mill Lane"}
CAPITALS = MARY | {"given_name": "MARY", "case_number": "4711"}
AGREED = ("accepted", "the system says the accepted value now")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    sshd = Sshd(tmp_path_factory.mktemp("sshd"))
    sshd.start()
    yield sshd
    sshd.stop()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def hub(database_url: str, tmp_path: Path, server: Sshd, inbox: Path) -> Iterator[Hub]:
    """A hub that reaches revenues' inbox by real SFTP."""
    revenues = CivicaRevenues(
        {
            "host": "127.0.0.1", "port": str(server.port), "username": server.user, "inbox": str(inbox),
            "known_hosts": str(server.known_hosts), "inbox_key": str(server.inbox_key),
        }
    )  # fmt: skip
    with hub_on_database(database_url, tmp_path) as one:
        make = one.make_connector
        yield replace(one, make_connector=lambda name: revenues if name == "civica_revenues" else make(name))


def known_as(hub: Hub, surname: str) -> UUID:
    """One person whom social care calls Ashdown, and revenues otherwise."""
    store(hub.conn, person("frameworki", "1", **MARY, family_name="Ashdown"), hub.at())
    store(hub.conn, person("civica_revenues", "1", **CAPITALS, family_name=surname), hub.at())
    identify(hub)
    persons = hub.conn.execute(
        "SELECT DISTINCT person FROM identity.person_link WHERE superseded_at IS NULL"
    ).fetchall()
    assert len(persons) == 1
    return UUID(str(persons[0][0]))


def share(hub: Hub) -> None:
    propose(hub, hub.agreements[REVENUES])


def lines(inbox: Path) -> list[list[str]]:
    """Read all lines of all lists, without the proposals' ids and the headings."""
    found = [csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")) for path in sorted(inbox.iterdir())]
    return [line[1:] for rows in found for line in list(rows)[1:]]


def states(hub: Hub) -> list[tuple[object, ...]]:
    return hub.conn.execute("SELECT state, why FROM exchange.proposal WHERE system = 'civica_revenues'").fetchall()


def test_proposal_is_one_line_however_often_it_is_handed_on_and_closed_by_an_export_in_capitals(
    hub: Hub, inbox: Path
) -> None:
    who = known_as(hub, "ASHDON")
    correct(hub, who, "family_name", "frameworki", "birth certificate seen by the registrar")

    share(hub)
    share(hub)
    hub.conn.execute("UPDATE exchange.handed_on SET written_at = NULL")  # as if it broke off right after writing
    share(hub)

    asked = "look, and change it if you agree"
    assert lines(inbox) == [[asked, "4711", "Surname", "Ashdown", hub.at().date().isoformat()]]
    assert len(list(inbox.iterdir())) == 1
    assert states(hub) == [("sent", "waits for the system's answer")]
    assert "registrar" not in next(inbox.iterdir()).read_text("utf-8-sig")

    soon = hub.at() + timedelta(minutes=5)
    hub.at = lambda: soon
    store(hub.conn, person("civica_revenues", "1", **CAPITALS, family_name="ASHDOWN"), soon)
    identify(hub)
    share(hub)

    assert states(hub) == [AGREED]
    assert len(lines(inbox)) == 1
    assert hub.conn.execute("SELECT ending FROM identity.correction").fetchall() == [("agreed",)]


def test_name_that_revenues_hold_in_capitals_is_not_proposed(hub: Hub, inbox: Path) -> None:
    who = known_as(hub, "ASHDOWN")
    store(hub.conn, person("crm", "1", **MARY, family_name="Ashdon"), hub.at())
    identify(hub)

    correct(hub, who, "family_name", "frameworki", "birth certificate")
    share(hub)

    assert states(hub) == []
    assert lines(inbox) == []


def test_proposal_that_is_taken_back_is_told_as_a_line_without_a_value(hub: Hub, inbox: Path) -> None:
    done = correct(hub, known_as(hub, "ASHDON"), "family_name", Typed("Quill", "certificate 12"), "seen")
    share(hub)

    withdraw(hub, done.correction, "the certificate was of a sister")

    assert sorted(lines(inbox)) == [
        ["look, and change it if you agree", "4711", "Surname", "Quill", hub.at().date().isoformat()],
        ["taken back: leave it as it is", "", "", "", ""],
    ]


def test_number_of_health_or_education_is_written_to_revenues_by_nothing(hub: Hub) -> None:
    for field in ("nhs_number", "upn"):
        with pytest.raises(UsageError, match=f"`{field}` may not be written to `civica_revenues`"):
            hand(hub, "civica_revenues", "proposals", {uuid7(): {"field": field, "value": "9990000018"}})
