"""Looks that nobody's work explains are found and told in words; whom they were at, and what was seen, is not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from county_hub import bring_in
from crm_people import EMPTY
from crm_rows import contact, guid
from known_people import put_row
from logins import logins_of

from wye import bootstrap
from wye.audit.search import search
from wye.cli.main import run
from wye.errors import UsageError
from wye.identity.review import person_of
from wye.keys.rows import delete_wraps_of_holder
from wye.local.cluster import Cluster
from wye.local.places import Logins
from wye.ports import SourceRow, record_id
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.people import look, merge
from wye.road.people_history import look_at_household
from wye.road.snooping.accounts import Account, declare, end, listed, register
from wye.road.snooping.look import Common, Look
from wye.road.snooping.report import Suspicions, snooping
from wye.road.snooping.rules import judge
from wye.settings import Settings
from wye.store.database import Connection, connect
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SINCE, UNTIL = AT - timedelta(days=1), AT + timedelta(days=1)
STAFF, NAMESAKE, LODGER, SISTER, STRANGER, CLIENT, OTHERS_CLIENT, FORMER_CLIENT, GUARDED = range(1, 10)
MARKS = ("Quillfeather", "Marigold", "ZZ9 9ZZ", "Corve")
ACCOUNT, WORKER, TEAM = "mquill", "Quillfeather, M (SW)", "Locality team 3"


def people() -> list[dict[str, object]]:
    home = {"address1_line1": "9 Corve Row", "address1_postalcode": "ZZ9 9ZZ"}
    return [
        contact(STAFF, firstname="Marigold", lastname="Quillfeather", birthdate="1981-02-03", **home),
        contact(NAMESAKE, firstname="Marigold", lastname="Quillfeather", birthdate="1955-07-08"),
        contact(LODGER, firstname="Basil", lastname="Underhay", birthdate="1977-07-07", **home),
        contact(SISTER, firstname="Tamsin", lastname="Orchard", birthdate="1984-04-04"),
        contact(STRANGER, firstname="Idris", lastname="Farlow", birthdate="1960-01-01"),
        contact(CLIENT, firstname="Hester", lastname="Duxbury", birthdate="1940-09-09"),
        contact(OTHERS_CLIENT, firstname="Cicely", lastname="Hopesay", birthdate="1938-03-03"),
        contact(FORMER_CLIENT, firstname="Edwin", lastname="Garnstone", birthdate="1933-11-12"),
        contact(GUARDED, firstname="Joan", lastname="Easthope", birthdate="1990-10-10", **home),
    ]  # fmt: skip


def record_of(number: int) -> UUID:
    return record_id("crm", "contacts", guid(number))


@dataclass
class Town:
    """A hub with nine people of one source, and the auditor's own connection to it."""

    hub: Hub
    auditor: Connection
    owner: Connection
    logins: Logins

    def person(self, number: int) -> UUID:
        return person_of(self.owner, record_of(number))

    def look(self, number: int, account: str = ACCOUNT) -> None:
        look(replace(self.hub, actor=account), self.person(number))

    def declare(self, name: str = ACCOUNT, number: int | None = STAFF, **known: tuple[str, ...]) -> None:
        said = Account(name, self.person(number) if number else None, known.get("workers", ()), known.get("teams", ()))
        declare(self.auditor, self.hub.keys, said, "form 12", actor="ann.auditor", at=AT)

    def find(self, since: datetime = SINCE, until: datetime = UNTIL) -> Suspicions:
        return snooping(
            self.auditor, self.hub.keys, since=since, until=until, actor="ann.auditor", purpose="review 4", at=AT
        )

    def codes(self) -> list[list[str]]:
        return [[reason.code for reason in one.reasons] for one in self.find().found]


@pytest.fixture
def town(cluster: Cluster, database_url: str, tmp_path: Path) -> Iterator[Town]:
    logins = logins_of(cluster, database_url)
    settings = Settings(
        home=tmp_path, database_url=logins.application, sequencer_database_url=logins.sequencer,
        auditor_database_url=logins.auditor, amqp_url="amqp://nobody@127.0.0.1:1/none",
        agreements=ROOT / "sharing_agreements",
    )  # fmt: skip
    with bootstrap.open_hub(settings) as hub, connect(logins.auditor) as auditor, connect(database_url) as owner:
        hub.at = lambda: AT
        rows = [dict.fromkeys(EMPTY) | row for row in people()]
        bring_in(hub, {("crm", "contacts"): [SourceRow(str(row["contactid"]), row, AT) for row in rows]})
        identify(hub)
        put_row(
            owner,
            record_of(SISTER),
            "relationship",
            "frameworki",
            {"other": str(record_of(STAFF)), "kind": "sibling"},
            AT,
        )
        put_row(
            owner,
            record_of(CLIENT),
            "involvement",
            "frameworki",
            {"service": "adult-social-care", "worker": WORKER, "from_date": "2026-01-01"},
            AT,
        )
        put_row(
            owner,
            record_of(OTHERS_CLIENT),
            "involvement",
            "frameworki",
            {"service": "adult-social-care", "team": TEAM},
            AT,
        )
        put_row(
            owner,
            record_of(FORMER_CLIENT),
            "involvement",
            "frameworki",
            {"service": "adult-social-care", "worker": WORKER, "to_date": "2026-11-19"},
            AT,
        )
        put_row(owner, record_of(GUARDED), "flag", "frameworki", {"kind": "safe-address"}, AT)
        yield Town(hub, auditor, owner, logins)  # fmt: skip


@pytest.mark.parametrize(
    ("whom", "codes"),
    [
        (STAFF, ["own-record", "no-relationship"]),
        (NAMESAKE, ["namesake", "no-relationship"]),
        (LODGER, ["same-address", "no-relationship"]),
        (SISTER, ["relation", "no-relationship"]),
        (STRANGER, ["no-relationship"]),
        (FORMER_CLIENT, ["no-relationship"]),
        (GUARDED, ["protected", "no-relationship"]),
    ],
)
def test_look_is_suspected_for_its_reasons(town: Town, whom: int, codes: list[str]) -> None:
    town.declare(workers=(WORKER,), teams=(TEAM,))

    town.look(whom)

    assert town.codes() == [codes]


@pytest.mark.parametrize("whom", [CLIENT, OTHERS_CLIENT])
def test_look_at_somebody_whom_a_source_names_with_worker_or_team_is_not_suspected(town: Town, whom: int) -> None:
    town.declare(workers=(WORKER,), teams=(TEAM,))

    town.look(whom)

    assert (town.codes(), town.find().looks) == ([], 1)


def test_account_without_a_person_is_judged_by_work_and_name(town: Town) -> None:
    town.declare(number=None, workers=("Idris Farlow",))

    town.look(STRANGER)
    town.look(LODGER)

    assert town.codes() == [["namesake", "no-relationship"], ["no-relationship"]]


def test_household_of_a_client_is_shown_with_reason(town: Town) -> None:
    put_row(
        town.owner, record_of(CLIENT), "relationship", "crm", {"other": str(record_of(STRANGER)), "kind": "partner"}, AT
    )
    town.declare(workers=(WORKER,))

    shown = look_at_household(replace(town.hub, actor=ACCOUNT), town.person(CLIENT)).shown

    assert len(shown) == 2
    assert town.codes() == []


def test_look_that_a_queue_brought_is_not_suspected_for_want_of_a_relationship(town: Town) -> None:
    town.declare()
    merge(replace(town.hub, actor=ACCOUNT), town.person(STRANGER), town.person(OTHERS_CLIENT), "same card")
    merge(replace(town.hub, actor=ACCOUNT), town.person(SISTER), town.person(FORMER_CLIENT), "same card")

    assert set(map(tuple, town.codes())) == {("relation",)}


def test_person_merged_since_is_followed(town: Town) -> None:
    town.declare()
    town.look(STRANGER)
    assert town.codes() == [["no-relationship"]]

    merge(replace(town.hub, actor="sam.steward"), town.person(STAFF), town.person(STRANGER), "one person")

    assert town.codes()[0] == ["own-record", "no-relationship"]


def test_report_tells_accounts_that_are_not_declared_and_judges_nothing_of_them(town: Town) -> None:
    town.declare()
    town.look(STAFF, account="somebody.else")

    found = town.find()

    assert found.found == ()
    assert (found.looks, found.undeclared["somebody.else"]) == (0, 1)
    assert ACCOUNT not in found.undeclared


def test_looks_outside_the_time_are_left_out(town: Town) -> None:
    town.declare()
    town.look(STAFF)

    assert town.find(since=AT + timedelta(hours=1)).looks == 0
    assert town.find().looks == 1


def test_what_was_destroyed_is_counted_and_not_judged(town: Town) -> None:
    town.declare()
    town.look(STRANGER)
    delete_wraps_of_holder(town.owner, town.person(STRANGER))

    found = town.find()

    assert (found.looks, found.unread, found.found) == (0, 1, ())


def test_report_is_an_entry_and_so_is_each_person_whose_account_was_judged(town: Town) -> None:
    town.declare()
    town.look(STAFF)
    auditor = Account("ann.auditor", town.person(STAFF), (), ())
    declare(town.auditor, town.hub.keys, auditor, "form 13", actor="sam.steward", at=AT)

    town.find()
    again = town.find()

    assert [one.look.account for one in again.found] == ["ann.auditor", ACCOUNT], "what the report writes is no look"
    found = search(town.auditor, town.hub.keys, person=town.person(STAFF), searcher="t", purpose="t", at=AT)
    told = [(each.event.kind, each.event.actor, each.event.purpose) for each in found if each.event]
    report = (EventKind.CONSULTATION, "ann.auditor", "audit snooping: review 4")
    assert told[0] == (EventKind.ALTERATION, "ann.auditor", "audit accounts")
    assert told.count(report) == 2
    every = search(town.auditor, town.hub.keys, actor="ann.auditor", searcher="t", purpose="t", at=AT)
    totals = [each.event.counts for each in every if each.event and each.event.counts]
    assert totals == [{"accounts": 2, "looks": 2, "suspicious": 2}] * 2


def test_report_whose_entry_cannot_be_written_tells_nothing(town: Town) -> None:
    town.declare()
    town.owner.execute("REVOKE INSERT ON audit.entry FROM wye_auditor")

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        town.find()


def test_nobody_says_whose_their_own_account_is(town: Town) -> None:
    with pytest.raises(UsageError, match="your own account"):
        declare(town.auditor, town.hub.keys, Account("ann.auditor", None, (), ()), "x", actor="ann.auditor", at=AT)
    town.declare()
    with pytest.raises(UsageError, match="your own account"):
        end(town.auditor, town.hub.keys, ACCOUNT, "x", actor=ACCOUNT, at=AT)
    with pytest.raises(psycopg.errors.CheckViolation, match="said_by_another"):
        town.owner.execute("INSERT INTO audit.account VALUES (gen_random_uuid(), 'a', 'ended', 'a', now(), '')")


def test_account_is_declared_anew_ended_and_lost(town: Town) -> None:
    town.declare(workers=("A",))
    town.declare(workers=("B",))
    (known,) = register(town.auditor, town.hub.keys).accounts
    assert (known.person, known.workers) == (town.person(STAFF), ("B",))
    delete_wraps_of_holder(town.owner, town.person(STAFF))
    assert register(town.auditor, town.hub.keys).lost == (ACCOUNT,)
    town.look(STRANGER)
    assert ACCOUNT in town.find().undeclared, "whose declaration is gone is not judged, and that is told"

    end(town.auditor, town.hub.keys, ACCOUNT, "left", actor="ann.auditor", at=AT)

    assert listed(town.auditor) == []
    with pytest.raises(UsageError, match="no account `mquill` is declared"):
        end(town.auditor, town.hub.keys, ACCOUNT, "left", actor="ann.auditor", at=AT)


def test_declaration_of_nobody_and_without_a_reason_is_refused(town: Town) -> None:
    with pytest.raises(UsageError, match="no person"):
        declare(town.auditor, town.hub.keys, Account("a", UUID(int=5), (), ()), "x", actor="b", at=AT)
    with pytest.raises(UsageError, match="give a reason"):
        declare(town.auditor, town.hub.keys, Account("a", None, (), ()), " ", actor="b", at=AT)


def test_application_reads_no_declaration_and_compares_nobody(town: Town) -> None:
    town.declare()
    for url in (town.logins.application, town.logins.sequencer):
        with connect(url) as conn:
            for statement in ("SELECT FROM audit.account", "SELECT audit.compare_people('[]')"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        town.auditor.execute("SELECT audit.persons_now(gen_random_uuid())")
    stored = b"".join(bytes(row[0]) for row in town.owner.execute("SELECT ciphertext FROM audit.account"))
    assert str(town.person(STAFF)).encode() not in stored
    assert town.person(STAFF).bytes not in stored


def test_command_tells_neither_whom_nor_what(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "HOME": town.hub.settings.home,
        "DATABASE_URL": town.logins.application,
        "AUDITOR_DATABASE_URL": town.logins.auditor,
    }.items():
        monkeypatch.setenv(f"WYE_{name}", str(value))
    words = [
        "audit",
        "accounts",
        "declare",
        ACCOUNT,
        "--person",
        str(town.person(STAFF)),
        "--worker",
        WORKER,
        "--reason",
        "form 12",
    ]
    assert run(words) == 0
    assert run(["audit", "accounts", "list"]) == 0
    town.look(LODGER)
    town.look(STAFF)

    capsys.readouterr()
    code = run(["audit", "snooping", "--since", "2026-11-19", "--json"])
    told = capsys.readouterr()
    text_code = run(["audit", "snooping", "--since", "2026-11-19"])
    text = capsys.readouterr().out
    none = run(["audit", "snooping", "--since", "2026-11-19", "--until", "2026-11-20"])

    found = json.loads(told.out)
    assert (code, text_code, none) == (1, 1, 0)
    assert [[each["code"] for each in one["reasons"]] for one in found["suspicious"]] == [
        ["same-address", "no-relationship"],
        ["own-record", "no-relationship"],
    ]
    assert {"account", "at", "index", "entry", "message", "purpose", "reasons"} == set(found["suspicious"][0])
    assert "the account's own person was looked at" in text
    for value in (*MARKS, str(town.person(LODGER)), str(town.person(STAFF)), WORKER):
        assert value not in told.out + told.err + text
    assert run(["audit", "snooping", "--since", "2026-11-20", "--until", "2026-11-19"]) == 2


def test_nothing_is_judged_of_whom_nothing_is_known() -> None:
    who = Look(UUID(int=1), 0, AT, "a", EventKind.CONSULTATION, "people show", UUID(int=2), None)
    nothing = Common(*[False] * 7)

    assert judge(who, nothing) == ()
    assert [each.code for each in judge(who, replace(nothing, known=True))] == ["no-relationship"]
    assert judge(replace(who, purpose="quality quarantine show"), replace(nothing, known=True)) == ()
