"""Restrictions per person and worker, and what they keep from a duty, as typed: refused, answered by the named human, on record."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from canonical_people import AT
from known_people import put_row
from shredding import MARKED, NEIGHBOUR, as_account, bytes_that_tell, clock, known, let_go, record_of
from signed_in_commands import Wye, hub_of_environment, typed

from schemas.locating import locates
from wye.audit.search import search
from wye.identity.review import person_of
from wye.road import people, shred
from wye.road.correct import CORRECTED
from wye.road.decide import Decider
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.once import once
from wye.road.share import share
from wye.sharing.due import mark_due
from wye.vocabulary import Action, EventKind, Outcome

pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
ACUTE, POLICE = "adult-care-acute", "safeguarding-police"
WHY = ("--reason", "she is a witness")
REFERRAL = {"kind": "safeguarding-adult", "status": "open", "received_on": "2026-11-01", "reason": "domestic"}


OFFICE = "head of safeguarding, Arrowshire Council"


@pytest.fixture
def hub(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("WYE_OFFICES", json.dumps({OFFICE: ["carl", "eve"]}))
    with hub_of_environment(database_url, tmp_path / "home", monkeypatch) as one:
        yield one


@pytest.fixture
def person(hub: Hub) -> UUID:
    """Somebody in adult social care, with a referral, a case and a home."""
    who: UUID = known(hub)
    service = {"service": "adult-social-care", "from_date": "2020-01-01"}
    put_row(hub.conn, record_of(MARKED), "involvement", "frameworki", service, AT)
    put_row(hub.conn, record_of(MARKED), "referral", "frameworki", REFERRAL, AT)
    hub.conn.execute("DELETE FROM sharing.due")
    clock(hub, AT)
    return who


@pytest.fixture
def neighbour(hub: Hub, person: UUID) -> UUID:  # noqa: ARG001  whose daughter she is
    """Her daughter, in adult social care herself."""
    service = {"service": "adult-social-care", "from_date": "2020-01-01"}
    put_row(hub.conn, record_of(NEIGHBOUR), "involvement", "frameworki", service, AT)
    put_row(
        hub.conn, record_of(NEIGHBOUR), "relationship", "crm", {"kind": "mother", "other": str(record_of(MARKED))}, AT
    )
    return person_of(hub.conn, record_of(NEIGHBOUR))


@pytest.fixture
def wye(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wye:
    return typed(capsys, monkeypatch, AT)


def clause(hub: Hub, person: UUID, agreement: str = ACUTE) -> str | None:
    """The clause by which an agreement withholds, or none if it releases."""
    (decided,) = Decider(hub, hub.agreements[agreement]).decide([person], AT)
    return None if decided.decision.outcome is Outcome.RELEASE else decided.decision.clause


def kept_back(hub: Hub, person: UUID) -> set[str]:
    """The fields of addresses and telephones that stay back for a safe address."""
    (decided,) = Decider(hub, hub.agreements[ACUTE]).decide([person], AT)
    return {
        f"{one.entity}.{one.field}"
        for one in decided.decision.fields
        if one.action is Action.WITHHOLD and one.clause == "safe-address"
    }


def due(hub: Hub) -> set[UUID]:
    return {who for (who,) in hub.conn.execute("SELECT person FROM sharing.due").fetchall()}  # type: ignore[misc]


def events(hub: Hub, person: UUID, *purposes: str) -> list[tuple[EventKind, str | None, str]]:
    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
    told = [each.event for each in found if each.event is not None]
    return [(each.kind, each.purpose, each.actor) for each in told if (each.purpose or "").startswith(purposes)]


def test_record_restricted_against_everyone_goes_nowhere_and_is_shown_to_the_named_human_alone(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    assert wye("bert", "people", "show", str(person))[0] == 0

    code, told, _ = wye("anna", "people", "restrict", str(person), "--may-look", "carl", *WHY)

    assert (code, told["against"], told["may_look"]) == (0, "everyone", ["carl"])
    assert due(hub) == {person}
    assert clause(hub, person) == "restricted-record"
    for looked in (("show",), ("history",), ("show", "--as-of", "2026-11-19")):
        code, shown, said = wye("bert", "people", looked[0], str(person), *looked[1:])
        assert (code, shown) == (2, None)
        assert "the record is restricted: ask `carl`" in said
    assert wye("bert", "consent", "show", str(person))[0] == 2
    assert wye("carl", "people", "show", str(person))[0] == 0
    assert events(hub, person, "people show", "people history", "consent show", "people restrict") == [
        (EventKind.CONSULTATION, "people show", "bert"),
        (EventKind.ALTERATION, "people restrict", "anna"),
        (EventKind.REFUSAL, "people show", "bert"),
        (EventKind.REFUSAL, "people history", "bert"),
        (EventKind.REFUSAL, "people show", "bert"),
        (EventKind.REFUSAL, "consent show", "bert"),
        (EventKind.CONSULTATION, "people show", "carl"),
    ]


def test_account_against_which_a_record_is_restricted_does_nothing_with_it_and_all_others_do(
    wye: Wye, hub: Hub, person: UUID, neighbour: UUID
) -> None:
    _, told, _ = wye("anna", "people", "restrict", str(person), "--against", "account:bert", "--reason", "his sister")
    given = (
        "--kind",
        "objection",
        "--scope",
        "share-with-health",
        "--by",
        "her",
        "--capacity",
        "person",
        "--evidence",
        "told",
    )
    asked = (
        "--to", "marches-police", "--asked-by", "Sergeant Fenn, called back", "--need", "she is missing since noon",
        "--power", "Children Act 1989 s47(1)", "--field", "address", "--reason", "she may be there",
    )  # fmt: skip
    tried: list[tuple[str, ...]] = [
        ("people", "show", str(person)), ("people", "household", str(person)), ("consent", "show", str(person)),
        ("people", "merge", str(person), str(neighbour), "--reason", "one"),
        ("people", "different", str(person), str(neighbour), "--reason", "two"),
        ("people", "correct", str(person), "given_name", "--from", "crm", "--reason", "right"),
        ("consent", "withdraw", str(person), *given), ("disclose", "now", str(person), *asked),
        ("people", "restrict", str(person), "--may-look", "dora", "--reason", "so that nobody sees"),
        ("people", "restrictions", str(person)),
        ("people", "unrestrict", told["restriction"], "--reason", "no more"),
    ]  # fmt: skip

    for words in tried:
        code, shown, said = wye("bert", *words)
        assert (code, shown) == (2, None), words
        assert "the record is restricted against `bert`" in said, words

    refused = [kind for kind, _, who in events(hub, person, "people", "consent", "disclose") if who == "bert"]
    assert refused == [EventKind.REFUSAL] * len(tried)
    assert clause(hub, person) is None, "what one worker may not do is no bar to sharing"
    assert wye("carl", "people", "show", str(person))[0] == 0
    assert wye("bert", "people", "show", str(neighbour))[0] == 0
    assert wye("carl", "people", "unrestrict", told["restriction"], "--reason", "he left")[0] == 0
    assert wye("bert", "people", "show", str(person))[0] == 0


def test_party_against_which_a_record_is_restricted_gets_nothing_and_others_do(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    code, _, _ = wye("anna", "people", "restrict", str(person), "--against", "party:arrowshire-hospitals", *WHY)

    assert code == 0
    assert clause(hub, person) == "restricted-record"
    assert clause(hub, person, POLICE) is None
    assert wye("bert", "people", "show", str(person))[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name at least one account"),
        (("--may-look", "anna"), "is your own account"),
        (("--against", "account:bert", "--may-look", "carl"), "against everyone only"),
        (("--against", "party:nobody"), "`nobody` receives nothing"),
        (("--against", "bert"), "`account:NAME` or `party:NAME`"),
        (("--may-look", " "), "name at least one account"),
    ],
)
def test_restriction_that_would_not_hold_is_refused(
    wye: Wye, hub: Hub, person: UUID, words: tuple[str, ...], said: str
) -> None:
    code, _, told = wye("anna", "people", "restrict", str(person), *words, *WHY)

    assert (code, said in told) == (2, True), told
    assert hub.conn.execute("SELECT count(*) FROM sharing.restriction").fetchone() == (0,)


def test_restriction_is_lifted_by_who_set_it_or_may_look_and_what_was_said_is_kept(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    _, told, _ = wye("anna", "people", "restrict", str(person), "--may-look", "carl", *WHY)
    number = told["restriction"]

    code, _, said = wye("bert", "people", "unrestrict", number, "--reason", "let me see")
    assert (code, "`bert` may not look" in said) == (2, True)
    assert clause(hub, person) == "restricted-record"
    assert wye("carl", "people", "unrestrict", number, "--reason", "the trial is over")[0] == 0
    assert clause(hub, person) is None
    assert wye("carl", "people", "unrestrict", number, "--reason", "again")[0] == 2
    _, (shown,), _ = wye("dora", "people", "restrictions", str(person))
    assert (shown["reason"], shown["set_by"], shown["lifted"]["by"]) == ("she is a witness", "anna", "carl")
    assert shown["lifted"]["reason"] == "the trial is over"


def test_flag_of_a_source_keeps_everybody_out_until_another_names_who_may_look(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    put_row(hub.conn, record_of(MARKED), "flag", "frameworki", {"kind": "restricted-record"}, AT)

    code, shown, said = wye("bert", "people", "show", str(person))

    assert (code, shown, "another account names who may look" in said) == (2, None, True)
    assert wye("anna", "people", "restrict", str(person), "--may-look", "bert", *WHY)[0] == 0
    assert wye("bert", "people", "show", str(person))[0] == 0
    assert wye("carl", "people", "show", str(person))[0] == 2


@pytest.mark.parametrize("attribute", CORRECTED)
def test_nothing_that_is_proposed_to_a_system_locates(attribute: str) -> None:
    assert locates("person", attribute) is None, "a new address would travel to where the old one is held"


def test_who_may_look_is_in_every_list_that_stands(wye: Wye, person: UUID) -> None:
    wye("anna", "people", "restrict", str(person), "--may-look", "carl", "--may-look", "dora", *WHY)
    wye("anna", "people", "restrict", str(person), "--may-look", "dora", "--may-look", "emil", *WHY)

    assert [wye(who, "people", "show", str(person))[0] for who in ("carl", "dora", "emil")] == [2, 0, 2]


def test_restriction_goes_along_with_records_that_are_merged_and_parted(
    wye: Wye, hub: Hub, person: UUID, neighbour: UUID
) -> None:
    wye("anna", "people", "restrict", str(person), "--against", "party:arrowshire-hospitals", *WHY)

    merged = people.merge(hub, neighbour, person, "one woman")
    together = clause(hub, merged.persons[0])
    people.unmerge(hub, merged.event, "two women after all")

    assert together == "restricted-record"
    assert clause(hub, person) == "restricted-record"
    assert clause(hub, neighbour) is None


def test_restricted_by_staff_is_in_nobodys_household(wye: Wye, person: UUID, neighbour: UUID) -> None:
    _, before, _ = wye("bert", "people", "household", str(neighbour))
    wye("anna", "people", "restrict", str(person), "--against", "account:zoe", *WHY)

    _, after, _ = wye("bert", "people", "household", str(neighbour))

    assert [each["person"] for each in before["relations"]] == [str(person)]
    assert [each["person"] for each in after["relations"]] == [None]
    assert "Quillfeather" not in json.dumps(after)


def test_reasons_rest_sealed_and_go_with_their_person(wye: Wye, hub: Hub, person: UUID, database_url: str) -> None:
    wye("anna", "people", "restrict", str(person), "--may-look", "carl", "--reason", "Quillfeather hides")
    assert "sharing.restriction" not in bytes_that_tell(database_url)
    hub.conn.execute("DELETE FROM canonical.row WHERE entity IN ('involvement', 'referral')")
    let_go(hub)
    hub.at = lambda: AT.replace(year=2040)
    asked = shred.ask(hub, person, "schedule 4.2")
    hub.conn.execute("DELETE FROM sharing.due")  # no agreement decides in this test

    shred.approve(as_account(hub, "bert"), asked.shred.id)

    for table in ("restriction", "restriction_record", "restriction_lifted"):
        assert hub.conn.execute(f"SELECT count(*) FROM sharing.{table}").fetchone() == (0,)  # noqa: S608


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("restriction", "set_by"), ("restriction_record", "record"), ("restriction_lifted", "lifted_by"),
        ("referred", "office"), ("referred_answer", "word"),
    ],
)  # fmt: skip
def test_rows_cannot_be_changed_or_taken_away(database_url: str, table: str, column: str) -> None:
    for words in (f"UPDATE sharing.{table} SET {column} = {column}", f"DELETE FROM sharing.{table}"):  # noqa: S608
        with psycopg.connect(database_url) as conn, pytest.raises(psycopg.DatabaseError, match="append-only"):
            conn.execute(words)


def questions(hub: Hub) -> int:
    found = hub.conn.execute("SELECT count(*) FROM sharing.referred").fetchone()
    assert found is not None
    return int(str(found[0]))


def decide(hub: Hub, person: UUID) -> None:
    mark_due(hub.conn, [POLICE], [person], "test", hub.at())
    share(hub, POLICE)


def test_duty_that_meets_a_restriction_is_asked_of_the_named_human_once_for_each_referral(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    wye("anna", "people", "restrict", str(person), "--may-look", "carl", *WHY)
    decide(hub, person)
    decide(hub, person)
    assert questions(hub) == 1

    put_row(hub.conn, record_of(MARKED), "contact_point", "frameworki", {"kind": "phone", "value": "+441632960001"}, AT)
    decide(hub, person)
    assert questions(hub) == 1, "a new telephone number is no new duty"
    put_row(hub.conn, record_of(MARKED), "referral", "frameworki", REFERRAL | {"received_on": "2026-11-19"}, AT)
    decide(hub, person)
    assert questions(hub) == 2

    code, listed, _ = wye("bert", "people", "referred", "list")
    assert (code, len(listed), "person" in listed[0]) == (0, 2, False)
    assert listed[0]["office"] == OFFICE
    assert listed[0]["answer_by"] == (AT + timedelta(hours=24)).isoformat()
    number = listed[0]["id"]
    assert wye("bert", "people", "referred", "show", number)[0] == 2
    assert wye("bert", "people", "referred", "withheld", number, "--reason", "not my business")[0] == 2
    assert wye("carl", "people", "referred", "withheld", number, "--reason", "it would reach him")[0] == 0
    assert wye("carl", "people", "referred", "withheld", number, "--reason", "once more")[0] == 2
    _, shown, _ = wye("carl", "people", "referred", "show", number)
    assert (shown["person"], shown["answer"]["word"], shown["answer"]["reason"]) == (
        str(person), "withheld", "it would reach him",
    )  # fmt: skip
    decide(hub, person)
    assert [one["id"] != number for one in wye("bert", "people", "referred", "list")[1]] == [True]
    assert (EventKind.ALTERATION, "people referred answer", "carl") in events(hub, person, "people referred")


def test_named_human_discloses_by_a_one_off_disclosure_of_this_person_to_this_recipient(
    wye: Wye, hub: Hub, person: UUID, neighbour: UUID
) -> None:
    wye("anna", "people", "restrict", str(person), "--may-look", "carl", *WHY)
    decide(hub, person)
    (number,) = [one["id"] for one in wye("carl", "people", "referred", "list")[1]]
    asked = (
        "--asked-by", "Sergeant Fenn, called back", "--need", "she is missing since noon",
        "--power", "Children Act 1989 s47(1)", "--field", "person.family_name", "--reason", "she may be there",
    )  # fmt: skip
    override = ("--override", "restricted-record=the risk is elsewhere")
    _, another, _ = wye("carl", "disclose", "now", str(neighbour), "--to", "marches-police", *asked)
    _, waits, _ = wye("carl", "disclose", "ask", str(person), "--to", "marches-police", *asked[:-2])
    _, right, _ = wye("carl", "disclose", "now", str(person), "--to", "marches-police", *asked, *override)

    for wrong in (another["request"], waits["request"]):
        assert wye("carl", "people", "referred", "disclosed", number, "--one-off", wrong, "--reason", "done")[0] == 2
    code, told, _ = wye(
        "carl", "people", "referred", "disclosed", number, "--one-off", right["request"], "--reason", "done"
    )

    assert (code, told["answer"]) == (0, "disclosed")
    assert wye("carl", "people", "referred", "list")[1] == []


def test_question_is_answered_by_who_holds_the_office_and_may_look_and_by_nobody_else(
    wye: Wye, hub: Hub, person: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    wye("anna", "people", "restrict", str(person), "--may-look", "carl", "--may-look", "dora", *WHY)
    decide(hub, person)
    (number,) = [one["id"] for one in wye("carl", "people", "referred", "list")[1]]
    answer = ("people", "referred", "withheld", number, "--reason", "it would reach him")

    code, _, may_look = wye("dora", *answer)
    assert (code, f"`dora` does not hold the office `{OFFICE}`" in may_look) == (2, True)
    assert wye("eve", *answer)[0] == 2, "the office alone opens no record"
    for held in ({}, {OFFICE: []}, {OFFICE.lower(): ["carl"]}):
        monkeypatch.setenv("WYE_OFFICES", json.dumps(held))
        code, _, nobody = wye("carl", *answer)
        assert (code, f"nobody holds the office `{OFFICE}`" in nobody, "WYE_OFFICES" in nobody) == (2, True, True)
    assert wye("carl", "people", "referred", "show", number)[1]["answer"] is None
    monkeypatch.setenv("WYE_OFFICES", json.dumps({OFFICE: ["carl"]}))
    assert wye("carl", *answer)[0] == 0


def test_one_off_disclosure_that_another_than_the_office_decided_is_no_answer(wye: Wye, hub: Hub, person: UUID) -> None:
    wye("anna", "people", "restrict", str(person), "--may-look", "carl", "--may-look", "dora", *WHY)
    decide(hub, person)
    (number,) = [one["id"] for one in wye("carl", "people", "referred", "list")[1]]
    _, told, _ = wye(
        "dora", "disclose", "now", str(person), "--to", "marches-police", "--asked-by", "Sergeant Fenn, called back",
        "--need", "she is missing since noon", "--power", "Children Act 1989 s47(1)", "--field", "person.family_name",
        "--reason", "she may be there", "--override", "restricted-record=the risk is elsewhere",
    )  # fmt: skip

    code, _, said = wye(
        "carl", "people", "referred", "disclosed", number, "--one-off", told["request"], "--reason", "done"
    )

    assert (code, "`dora` decided" in said) == (2, True)
    assert len(wye("carl", "people", "referred", "list")[1]) == 1


def test_question_that_nobody_answers_is_late_after_a_day_and_alarms(wye: Wye, hub: Hub, person: UUID) -> None:
    wye("anna", "people", "restrict", str(person), "--may-look", "carl", *WHY)
    decide(hub, person)

    def alarms() -> list[str]:
        return [str(one) for one in once(hub, lambda _: None, own_sources=False)["alarms"] if "referred" in str(one)]

    clock(hub, AT + timedelta(hours=24))
    on_time = alarms()
    clock(hub, AT + timedelta(hours=24, seconds=1))
    assert on_time == []
    (late,) = alarms()
    assert late.startswith("1 overdue of 1 restricted records referred (clock: 24 hours), the first was due")
    assert str(person) not in late


def test_address_of_a_relation_stays_back_while_she_is_in_hiding_and_is_decided_again_when_she_goes(
    hub: Hub, person: UUID, neighbour: UUID
) -> None:
    home = {"kind": "home", "lines": "9 Quillfeather Row", "postcode": "ZZ9 9ZZ"}
    put_row(hub.conn, record_of(NEIGHBOUR), "address", "frameworki", home, AT)
    assert kept_back(hub, neighbour) == set()

    put_row(hub.conn, record_of(MARKED), "flag", "frameworki", {"kind": "safe-address"}, AT)
    hub.conn.execute("INSERT INTO canonical.changed VALUES (%s, %s)", (record_of(MARKED), AT))
    identify(hub)

    assert due(hub) == {person, neighbour}
    assert {"address.lines", "address.postcode"} <= kept_back(hub, neighbour)
    assert {"address.lines", "address.postcode"} <= kept_back(hub, person)
    put_row(hub.conn, record_of(MARKED), "flag", "frameworki", {"kind": "safe-address", "to_date": "2026-11-01"}, AT)
    hub.conn.execute(
        "UPDATE canonical.row SET superseded_at = %s WHERE entity = 'flag' AND NOT body ? 'to_date'", (AT,)
    )
    hub.conn.execute("DELETE FROM sharing.due")
    hub.conn.execute("INSERT INTO canonical.changed VALUES (%s, %s)", (record_of(MARKED), AT))
    identify(hub)
    assert due(hub) == {person, neighbour}
    assert kept_back(hub, neighbour) == set()


def test_relation_at_another_address_is_told_of_and_a_neighbour_who_is_none_too(hub: Hub, neighbour: UUID) -> None:
    put_row(hub.conn, record_of(MARKED), "flag", "frameworki", {"kind": "safe-address"}, AT)
    home = {"kind": "home", "lines": "1 Far Lane", "postcode": "AR1 1AA"}
    put_row(hub.conn, record_of(NEIGHBOUR), "address", "frameworki", home, AT)
    apart = kept_back(hub, neighbour)

    put_row(hub.conn, record_of(NEIGHBOUR), "address", "crm", home | {"postcode": "ZZ9 9ZZ"}, AT)
    at_one_place = kept_back(hub, neighbour)
    hub.conn.execute("UPDATE canonical.row SET superseded_at = %s WHERE entity = 'relationship'", (AT,))

    assert apart == set()
    assert "address.lines" in at_one_place
    assert kept_back(hub, neighbour) == set()
