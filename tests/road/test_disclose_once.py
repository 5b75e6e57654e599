"""`wye disclose`, as typed: asked, decided, handed over, reviewed by another; on the record, and sealed where it rests."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from canonical_people import AT
from county_hub import bring_in
from known_people import put_row
from shredding import GONE, MARKED, NEIGHBOUR, as_account, clock, known, record_of, source_rows, tables_that_tell
from signed_in_commands import Wye, hub_of_environment, typed

from wye.audit.search import search
from wye.identity.review import person_of
from wye.road import shred
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.once import once
from wye.road.report.lines import lines_of
from wye.road.report.texts import read_texts
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
WHY = ("--reason", "the child may be at that address tonight")
ASKED = (
    "--to", "marches-police", "--asked-by", "Sergeant Fenn, called back by the switchboard",
    "--need", "a child is missing since noon", "--power", "Children Act 1989 s47(1)",
)  # fmt: skip
HOME = ("--field", "person.family_name", "--field", "address")


@pytest.fixture
def hub(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_of_environment(database_url, tmp_path / "home", monkeypatch) as one:
        yield one


@pytest.fixture
def person(hub: Hub) -> UUID:
    who: UUID = known(hub)
    return who


@pytest.fixture
def wye(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wye:
    return typed(capsys, monkeypatch)


def flag(hub: Hub, kind: str) -> None:
    put_row(hub.conn, record_of(MARKED), "flag", "frameworki", {"kind": kind}, AT)


def entries(hub: Hub, person: UUID) -> list[Any]:
    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
    return [each.event for each in found if each.event is not None and each.event.actor != "auditor"]


def kinds(hub: Hub, person: UUID) -> list[tuple[EventKind, str | None, str]]:
    return [(event.kind, event.purpose, event.actor) for event in entries(hub, person) if "one_off" in event.detail]


def test_emergency_is_one_command_that_hands_over_and_is_reviewed_by_another(wye: Wye, hub: Hub, person: UUID) -> None:
    code, told, _ = wye("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY)

    assert (code, told["decision"], told["decided_by"]) == (0, "share", "anna")
    facts = {each["field"]: each["value"] for each in told["handed_over"]["persons"][0]["facts"]}
    assert facts["person.family_name"] == "Quillfeather"
    assert facts["address.postcode"] == "ZZ9 9ZZ"
    assert told["handed_over"]["persons"][0]["facts"][0]["source"] == "crm"
    number = told["request"]
    code, _, said = wye("anna", "disclose", "review", number, "right", "--reason", "looked at it again")
    assert (code, "another account reviews" in said) == (2, True)
    assert wye("bert", "disclose", "review", number, "right", "--reason", "necessary and no more")[0] == 0
    code, (listed,), _ = wye("carl", "disclose", "list")
    assert (code, listed["finding"], listed["reviewed_by"], listed["overdue"]) == (0, "right", "bert", False)
    _, shown, _ = wye("carl", "disclose", "show", number, "--values")
    assert shown["handed_over"]["persons"] == told["handed_over"]["persons"]
    assert (shown["decision"]["reasons"], shown["reviews"][0]["reasons"]) == (WHY[1], "necessary and no more")
    assert kinds(hub, person) == [
        (EventKind.CONSULTATION, "disclose ask", "anna"),
        (EventKind.ONE_OFF_DISCLOSURE, "safeguarding", "anna"),
        (EventKind.CONSULTATION, "disclose review", "bert"),
        (EventKind.CONSULTATION, "disclose show", "carl"),
    ]


def test_disclosure_is_found_in_the_trail_without_a_value(wye: Wye, person: UUID) -> None:
    _, told, _ = wye("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY)

    _, found, _ = wye("carl", "audit", "search", "--recipient", "marches-police", "--message", told["request"])

    (event,) = [each["event"] for each in found["found"]]
    assert (event["kind"], event["actor"], event["recipient"]) == ("one-off-disclosure", "anna", "marches-police")
    assert set(event["fields"]) >= {"person.family_name", "address.postcode"}
    assert event["detail"] == {
        "one_off": told["request"], "power": "Children Act 1989 s47(1)", "power_status": "read", "kind": "police",
        "sources": "crm",
    }  # fmt: skip
    assert "Quillfeather" not in json.dumps(found)


def test_person_is_told_of_it_as_of_any_other_disclosure(wye: Wye, hub: Hub, person: UUID) -> None:
    wye("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY)
    found = search(hub.conn, hub.keys, person=person, searcher="carl", purpose="test", at=hub.at())
    texts = read_texts(hub.settings)

    lines = lines_of(found, texts)

    assert {line.recipient for line in lines} == {"marches-police"}
    assert {name for line in lines for name in line.fields} >= {"person.family_name", "address.postcode"}
    words = texts.words(lines[0])
    assert words.recipient == "Marches Police"
    assert words.law == (
        "Children Act 1989 s47(1), a duty: to enquire where there is reasonable cause to suspect significant harm",
    )
    assert words.agreement == "none: a decision on this one disclosure"
    assert words.sources == ("crm",)
    assert all("crime-and-tax" in line.marks for line in lines), "it went to the police"


def test_request_is_decided_by_another_account_and_not_to_share_is_kept_too(wye: Wye, hub: Hub, person: UUID) -> None:
    code, asked, _ = wye("anna", "disclose", "ask", str(person), *ASKED, *HOME)
    assert (code, asked["persons"][0]["forbidden"], asked["persons"][0]["stands"]) == (0, [], [])
    assert "Quillfeather" not in json.dumps(asked)

    code, told, _ = wye("bert", "disclose", "decide", asked["request"], "withhold", "--reason", "they know it already")

    assert (code, told["decision"], "handed_over" in told) == (0, "withhold", False)
    assert (EventKind.REFUSAL, "safeguarding", "bert") in kinds(hub, person)
    code, _, said = wye("bert", "disclose", "decide", asked["request"], "share", *WHY)
    assert (code, "was decided by `bert`" in said) == (2, True)
    _, shown, _ = wye("anna", "disclose", "show", asked["request"])
    assert (shown["decision"]["word"], shown["decision"]["reasons"]) == ("withhold", "they know it already")


def test_protection_is_overridden_only_by_name_with_a_reason_and_that_is_on_the_record(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    flag(hub, "restricted-record")
    flag(hub, "safe-address")
    words = ("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY)

    code, told, said = wye(*words)
    assert (code, told) == (2, None)
    assert "--override restricted-record=WHY" in said
    assert "--override safe-address=WHY" in said
    assert wye(*words, "--override", "restricted-record=a life may depend on it")[0] == 2
    assert wye(*words, "--override", "restricted-record=a life", "--override", "safe-address= ")[0] == 2
    assert kinds(hub, person) == [], "what was refused left nothing"

    both = ("--override", "restricted-record=a life may depend on it", "--override", "safe-address=police protect it")
    code, told, _ = wye(*words, *both)

    assert code == 0
    (event,) = [each for each in entries(hub, person) if each.kind is EventKind.ONE_OFF_DISCLOSURE]
    assert event.reasons == ("one-off", "restricted-record", "safe-address")
    _, shown, _ = wye("bert", "disclose", "show", told["request"])
    assert shown["decision"]["overrides"]["safe-address"] == "police protect it"


def test_sealed_identity_is_shared_by_nobody(wye: Wye, hub: Hub, person: UUID) -> None:
    flag(hub, "former-identity-sealed")
    words = ("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY)

    for more in ((), ("--override", "restricted-record=a life may depend on it")):
        code, told, said = wye(*words, *more)
        assert (code, told) == (2, None)
        assert "nobody can override it" in said
    code, _, said = wye("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY, "--override", "prohibited=a life")
    assert (code, "with one of: restricted-record" in said) == (2, True)
    assert kinds(hub, person) == []


def test_several_people_are_each_told_of_and_each_hold_what_is_theirs(wye: Wye, hub: Hub, person: UUID) -> None:
    neighbour = person_of(hub.conn, record_of(NEIGHBOUR))
    fields = ("--field", "person.family_name", "--field", "2:person.birth_date")

    _, told, _ = wye("anna", "disclose", "now", str(person), str(neighbour), *ASKED, *fields, *WHY)

    first, second = told["handed_over"]["persons"]
    assert [each["field"] for each in first["facts"]] == ["person.family_name"]
    assert {each["field"]: each["value"] for each in second["facts"]} == {
        "person.family_name": "Underhay",
        "person.birth_date": "1977-07-07",
    }
    events = [entries(hub, each) for each in (person, neighbour)]
    assert [[event.fields for event in each if event.kind is EventKind.ONE_OFF_DISCLOSURE] for each in events] == [
        [("person.family_name",)],
        [("person.birth_date", "person.family_name")],
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("--power", "Children Act 2004 s16LA"), "is not in force"),
        (("--power", "Care Act 2014 s45"), "is for disclosing to: safeguarding-board; not to: police"),
        (("--power", "Magna Carta"), "is no power"),
        (("--purpose", "education"), "is for: safeguarding; not for: education"),
        (("--field", "person.shoe_size"), "no such entity or field"),
        (("--to", "northmere-police"), "say what kind of body it is"),
        (("--kind", "nhs-body"), "is of kind police by its agreements"),
        (("--need", " "), "what it is needed for"),
        (("--override", "restricted-record=just in case"), "nothing stands"),
    ],
)
def test_request_that_cannot_stand_is_refused_with_why(
    wye: Wye, hub: Hub, person: UUID, changed: tuple[str, ...], said: str
) -> None:
    code, told, error = wye("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY, *changed)

    assert (code, told) == (2, None)
    assert said in error
    assert kinds(hub, person) == []


def test_unconfirmed_power_says_so_and_is_kept_with_it(wye: Wye, hub: Hub, person: UUID) -> None:
    council = ("--to", "northmere-council", "--kind", "council", "--power", "Children Act 1989 s47(9)-(11)")

    code, told, said = wye("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY, *council)

    assert (code, "UNCONFIRMED" in said) == (0, True)
    _, shown, _ = wye("bert", "disclose", "show", told["request"])
    assert "UNCONFIRMED" in shown["power_caution"]
    (event,) = [each for each in entries(hub, person) if each.kind is EventKind.ONE_OFF_DISCLOSURE]
    assert event.detail["power_status"] == "unconfirmed"


@pytest.mark.usefixtures("hub")
def test_what_is_missing_is_said_all_at_once_without_a_terminal(wye: Wye) -> None:
    code, _, said = wye("anna", "disclose", "now", "--to", "marches-police")

    assert code == 2
    assert all(option in said for option in ("PERSON", "--asked-by", "--need", "--field", "--power"))


def test_file_is_new_and_for_the_account_alone(wye: Wye, person: UUID, tmp_path: Path) -> None:
    file = tmp_path / "handed-over.html"
    words = ("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY, "--file", str(file))

    code, told, _ = wye(*words)

    assert (code, "handed_over" in told) == (0, False)
    assert "Quillfeather" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert wye(*words)[0] == 2


def test_review_that_is_overdue_shows_and_is_over_once_it_is_there(
    wye: Wye, hub: Hub, person: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    _, told, _ = wye("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY)
    assert wye("bert", "disclose", "list", "--overdue")[:2] == (0, [])
    from wye.road.account import clock as real

    at = real()
    monkeypatch.setattr("wye.road.account.clock", lambda: at + timedelta(hours=24, minutes=1))

    code, listed, _ = wye("bert", "disclose", "list", "--overdue")
    assert (code, [each["request"] for each in listed]) == (1, [told["request"]])
    hub.at = lambda: at + timedelta(hours=24, minutes=1)
    hub.source_names, hub.agreements = (), {}
    monkeypatch.setattr(Hub, "renew", lambda _: None)  # only what is left over for people matters here
    (alarm,) = [str(each) for each in once(hub, said.append)["alarms"] if "one-off reviews" in str(each)]
    assert alarm.startswith("1 overdue of 1 one-off reviews (clock: 24 hours)")
    assert (str(person) in alarm, told["request"] in alarm) == (False, False)
    wye("bert", "disclose", "review", told["request"], "wrong", "--reason", "the address was not needed")
    assert wye("bert", "disclose", "list", "--overdue")[:2] == (0, [])


def test_database_itself_refuses_a_review_by_the_decider_and_any_change(wye: Wye, hub: Hub, person: UUID) -> None:
    wye("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY)
    insert = (
        "INSERT INTO sharing.one_off_review SELECT gen_random_uuid(), id, %s, 'right', %s, now(), '' FROM"
        " sharing.one_off_decision"
    )

    with pytest.raises(psycopg.errors.CheckViolation):
        hub.conn.execute(insert, ("anna", "anna"))
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        hub.conn.execute(insert, ("bert", "anna"))
    for table in ("one_off", "one_off_decision", "one_off_given", "one_off_review"):
        for statement in (f"DELETE FROM sharing.{table}", f"UPDATE sharing.{table} SET ciphertext = ''"):  # noqa: S608
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                hub.conn.execute(statement)


def test_what_rests_is_sealed_and_goes_with_the_person(wye: Wye, hub: Hub, person: UUID, database_url: str) -> None:
    _, told, _ = wye("anna", "disclose", "now", str(person), *ASKED, *HOME, *WHY)
    assert not [each for each in tables_that_tell(database_url) if each.startswith("sharing.")]
    clock(hub, GONE)
    bring_in(hub, source_rows(GONE, deleted=True))
    identify(hub)
    hub.at = lambda: AT.replace(year=2040)

    asked = shred.ask(hub, person, "schedule 4.2")
    assert any("one-off disclosures to be reviewed" in each for each in asked.obstacles)
    assert wye("bert", "disclose", "review", told["request"], "right", "--reason", "necessary")[0] == 0
    hub.conn.execute("DELETE FROM sharing.due")  # no agreement decides in this test
    shred.approve(as_account(hub, "bert"), asked.shred.id)

    code, shown, said = wye("carl", "disclose", "show", told["request"])
    assert (code, shown) == (2, None)
    assert "can no longer be read" in said
