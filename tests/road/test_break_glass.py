"""`wye people open --break-glass`, as typed: a short window without the relationship, on the record, reviewed, told of."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import example_agreements as examples
import psycopg
import pytest
from canonical_people import AT
from known_people import put_row
from shredding import MARKED, bytes_that_tell, clock, known, record_of

from wye import bootstrap
from wye.audit.search import search
from wye.cli.main import run
from wye.errors import UsageError
from wye.road import open_person as opening
from wye.road import shred_rows
from wye.road.health.rows import backlog
from wye.road.hub import Hub
from wye.road.once import once
from wye.road.overdue import owed
from wye.settings import Settings
from wye.store.database import connect
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services
Wye = Callable[..., tuple[int, Any, str]]
ACUTE = ("--agreement", "adult-care-acute")
WHY = ("--relationship", "duty-worker", "--reason", "found unconscious, Quillfeather on the bracelet")
GLASS = (*ACUTE, "--break-glass", *WHY)
SAID = ("--reason", "rang the ward and looked at the notes")
ACCOUNTS = {
    "anna": {"role": "discharge-coordinator"},
    "bert": {"role": "discharge-coordinator", "workers": ["Bea Moss"]},
}


GLASS_CASE = """
  - name: a discharge coordinator breaks the glass
    shows: [relationship]
    at: 2026-11-20T22:00:00Z
    change: {role: discharge-coordinator, break_glass: true}
    expect: {outcome: release, released: [person.family_name, care_package.provider]}
"""


@pytest.fixture(scope="module")
def agreements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples, under the hospital's of which the glass may be broken, signed by all."""
    folder = examples.copied(tmp_path_factory.mktemp("agreements"))
    path = folder / "adult-care-acute" / "agreement.yaml"
    text = path.read_text()
    assert text.count("permitted: false\n") == 1
    path.write_text(text.replace("permitted: false\n", "permitted: true\n"))
    with path.with_name("cases.yaml").open("a") as cases:
        cases.write(GLASS_CASE)
    examples.sign_all(folder)
    return folder


@pytest.fixture
def hub(tmp_path: Path, database_url: str, agreements: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    settings = {
        "home": str(tmp_path / "home"), "database_url": database_url, "amqp_url": "amqp://nobody@127.0.0.1:1/none",
        "agreements": str(agreements), "allow_example_signers": "true", "data_protection_officer": "dpo@arrowshire.example",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(f"WYE_{name.upper()}", value)
    monkeypatch.setenv("WYE_ACCOUNTS", json.dumps(ACCOUNTS))
    with bootstrap.open_hub(Settings()) as one:
        one.actor = "anna"
        yield one


@pytest.fixture
def person(hub: Hub) -> UUID:
    """Somebody in adult social care, of whom the customer system has a home."""
    who: UUID = known(hub)
    put_row(hub.conn, record_of(MARKED), "involvement", "frameworki", {"service": "adult-social-care"}, AT)
    clock(hub, AT)
    return who


@pytest.fixture
def wye(hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wye:
    """Run a command as an account at the hub's instant; gives exit code, parsed result and what was told on stderr."""

    def call(account: str, *words: str) -> tuple[int, Any, str]:
        monkeypatch.setattr("wye.road.account.signed_in", lambda: account)
        monkeypatch.setattr("wye.road.account.clock", hub.at)
        capsys.readouterr()
        code = run([*words, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return call


def later(hub: Hub, **time: int) -> datetime:
    now = hub.at() + timedelta(**time)
    hub.at = lambda: now
    return now


def entries(hub: Hub, person: UUID) -> list[tuple[str, EventKind, str | None, str | None, str | None]]:
    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
    events = [
        each.event for each in found if each.event is not None and (each.event.purpose or "").startswith("people ")
    ]
    return [(e.actor, e.kind, e.purpose, e.outcome, e.detail.get("break_glass")) for e in events]


def test_without_a_relationship_nothing_is_seen_and_a_window_ends_by_itself(wye: Wye, hub: Hub, person: UUID) -> None:
    code, told, _ = wye("anna", "people", "open", str(person), *ACUTE)
    assert (code, told["seen"], told["reasons"][0]["clause"]) == (1, {}, "relationship")

    code, told, said = wye("anna", "people", "open", str(person), *GLASS, "--hours", "2")

    assert (code, told["seen"]["person"][0]["family_name"], told["relationship"]) == (0, "Quillfeather", None)
    assert "another account reviews it within 24 hours" in said
    number = told["break_glass"]
    later(hub, minutes=119)
    code, told, _ = wye("anna", "people", "open", str(person), *ACUTE)
    assert (code, told["break_glass"], told["seen"]["address"][0]["postcode"]) == (0, number, "ZZ9 9ZZ")
    assert wye("carl", "people", "open", str(person), *ACUTE)[0] == 2, "carl has no role"
    assert wye("bert", "people", "open", str(person), *ACUTE)[0] == 1, "the window is anna's"
    later(hub, minutes=1)
    code, told, _ = wye("anna", "people", "open", str(person), *ACUTE)
    assert (code, told["seen"], told["break_glass"]) == (1, {}, None)
    look, refusal = EventKind.CONSULTATION, EventKind.REFUSAL
    assert entries(hub, person) == [
        ("anna", refusal, "people open", "withhold", None),
        ("anna", EventKind.BREAK_GLASS, "people open", "opened", number),
        ("anna", look, "people open", "release", number),
        ("anna", look, "people open", "release", number),
        ("bert", refusal, "people open", "withhold", None),
        ("anna", refusal, "people open", "withhold", None),
    ]


def test_review_is_anothers_and_overdue_alarms(wye: Wye, hub: Hub, person: UUID, database_url: str) -> None:
    _, told, _ = wye("anna", "people", "open", str(person), *GLASS)
    number = told["break_glass"]
    code, _, said = wye("anna", "people", "glass", "review", number, "right", *SAID)
    assert (code, "another account reviews" in said) == (2, True)
    with connect(database_url) as conn, pytest.raises(psycopg.errors.CheckViolation, match="reviewed_by_another"):
        conn.execute(
            "INSERT INTO sharing.break_glass_review SELECT %s, id, opened_by, 'right', opened_by, until, ''"
            " FROM sharing.break_glass",
            (uuid4(),),
        )
    later(hub, hours=25)
    code, (one,), _ = wye("carl", "people", "glass", "list", "--overdue")
    assert (code, one["overdue"], one["opened_by"], str(person) in json.dumps(one)) == (1, True, "anna", False)
    said_late = "1 overdue of 1 break-glass reviews (clock: 24 hours)"
    assert any(str(each).startswith(said_late) for each in once(hub, lambda _: None, own_sources=False)["alarms"])
    assert [(each.what, each.overdue) for each in owed(hub.conn, hub.at())] == [("break-glass reviews", 1)]
    assert "looks in an emergency to be reviewed" in str(shred_obstacles(hub, person))

    assert wye("carl", "people", "glass", "review", number, "wrong", *SAID)[0] == 0

    assert wye("carl", "people", "glass", "list", "--overdue")[:2] == (0, [])
    assert owed(hub.conn, hub.at()) == []
    assert "looks in an emergency to be reviewed" not in str(shred_obstacles(hub, person))
    _, shown, _ = wye("dora", "people", "glass", "show", number)
    assert (shown["relationship"], shown["reason"]) == ("duty-worker", WHY[3])
    assert [(each["finding"], each["by"], each["reasons"]) for each in shown["reviews"]] == [("wrong", "carl", SAID[1])]
    assert [(who, purpose) for who, _, purpose, _, window in entries(hub, person) if window == number][2:] == [
        ("carl", "people glass review"), ("dora", "people glass show"),
    ]  # fmt: skip


def shred_obstacles(hub: Hub, person: UUID) -> list[tuple[str, int]]:
    return shred_rows.open_matters(hub.conn, shred_rows.reach(hub.conn, person), [], [], hub.at())


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--relationship", "duty-worker", "--reason", " "), "`--reason` says nothing"),
        (
            ("--relationship", "curious", "--reason", "an emergency"),
            "`curious` is no relationship; there are: cares-for",
        ),
        (
            ("--relationship", "handles-the-case", "--reason", "an emergency"),
            "entitles nobody under `adult-care-acute`",
        ),
        (("--reason", "an emergency"), "needs `--relationship` and `--reason`"),
        ((*WHY, "--hours", "9"), "from 1 to 8 hours"),
        ((*WHY, "--hours", "0"), "from 1 to 8 hours"),
    ],
)
def test_opening_that_lacks_something_leaves_nothing(
    wye: Wye, hub: Hub, person: UUID, words: tuple[str, ...], why: str
) -> None:
    code, told, said = wye("anna", "people", "open", str(person), *ACUTE, "--break-glass", *words)

    assert (code, told, why in said) == (2, None, True), said
    assert (entries(hub, person), openings(hub)) == ([], 0)


def openings(hub: Hub) -> int:
    found = hub.conn.execute("SELECT count(*) FROM sharing.break_glass").fetchone()
    assert found is not None
    return int(str(found[0]))


def test_agreement_that_does_not_permit_it_lets_nobody(wye: Wye, hub: Hub, person: UUID) -> None:
    police = ("--agreement", "safeguarding-police", "--break-glass", "--relationship", "duty-worker", *SAID)

    code, _, said = wye("anna", "people", "open", str(person), *police)

    assert (code, "`safeguarding-police` lets nobody look without the relationship" in said, openings(hub)) == (
        2,
        True,
        0,
    )


@pytest.mark.parametrize(
    ("kind", "clause"),
    [("former-identity-sealed", "prohibited"), ("safe-address", "items"), ("risk-to-staff", "items")],
)
def test_window_lifts_no_other_rule(wye: Wye, hub: Hub, person: UUID, kind: str, clause: str) -> None:
    put_row(hub.conn, record_of(MARKED), "flag", "frameworki", {"kind": kind}, AT)

    code, told, _ = wye("anna", "people", "open", str(person), *GLASS)

    opened = clause == "items"
    assert (code, told["reasons"][0]["clause"], openings(hub)) == (0 if opened else 1, clause, int(opened))
    assert ("address" in told["seen"]) == (kind == "risk-to-staff")
    if not opened:
        assert entries(hub, person) == [("anna", EventKind.REFUSAL, "people open", "withhold", None)]


def test_restricted_record_is_opened_to_nobody(wye: Wye, hub: Hub, person: UUID) -> None:
    put_row(hub.conn, record_of(MARKED), "flag", "frameworki", {"kind": "restricted-record"}, AT)

    code, told, said = wye("anna", "people", "open", str(person), *GLASS)

    assert (code, told, "the record is restricted" in said, openings(hub)) == (2, None, True, 0)
    assert [(kind, outcome) for _, kind, _, outcome, _ in entries(hub, person)] == [(EventKind.REFUSAL, "withhold")]


def test_whoever_a_system_names_needs_no_window_and_gets_none(wye: Wye, hub: Hub, person: UUID) -> None:
    worker = {"service": "adult-social-care", "worker": "Bea Moss", "to_date": "2026-11-20"}
    put_row(hub.conn, record_of(MARKED), "involvement", "frameworki", worker, AT)

    code, told, _ = wye("bert", "people", "open", str(person), *ACUTE)

    assert (code, told["relationship"], told["break_glass"]) == (0, "cares-for-the-person", None)
    assert wye("anna", "people", "open", str(person), *ACUTE)[0] == 1
    code, _, said = wye("bert", "people", "open", str(person), *GLASS)
    assert (code, "leave `--break-glass` out" in said, openings(hub)) == (2, True, 0)
    later(hub, days=1)
    assert wye("bert", "people", "open", str(person), *ACUTE)[0] == 1, "they worked with the person until yesterday"


def test_second_window_while_one_is_open_is_refused(wye: Wye, hub: Hub, person: UUID) -> None:
    assert wye("anna", "people", "open", str(person), *GLASS)[0] == 0

    code, _, said = wye("anna", "people", "open", str(person), *GLASS)

    assert (code, "your window is open until 2026-11-20 10:00 UTC" in said, openings(hub)) == (2, True, 1)


def test_notice_is_to_be_sent_by_another_and_says_neither_who_nor_why(wye: Wye, hub: Hub, person: UUID) -> None:
    _, told, said = wye("anna", "people", "open", str(person), *GLASS)
    number = told["break_glass"]
    assert "the notice is to be sent" in said
    assert backlog(hub.conn, "notices to send", hub.at(), []).count == 1
    assert wye("anna", "people", "glass", "notice", number, "sent", *SAID)[0] == 2, "not by the one who opened"

    code, told, _ = wye("carl", "people", "glass", "notice", number, "sent", "--reason", "letter of today")

    assert (code, "20 November 2026" in told["notice"], number in told["notice"]) == (0, True, True)
    assert "dpo@arrowshire.example" in told["notice"]
    assert not [word for word in ("anna", "unconscious", "Quillfeather", "duty-worker") if word in told["notice"]]
    assert backlog(hub.conn, "notices to send", hub.at(), []).count == 0
    code, _, said = wye("carl", "people", "glass", "notice", number, "withhold", *SAID)
    assert (code, "is sent" in said) == (2, True)


def test_notice_is_held_where_safeguarding_is_known_until_a_named_reviewer_lets_it_go(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    put_row(hub.conn, record_of(MARKED), "referral", "frameworki", {"kind": "safeguarding-adult", "status": "open"}, AT)
    _, told, said = wye("anna", "people", "open", str(person), *GLASS)
    number = told["break_glass"]
    assert "the notice is held until somebody lets it go: a safeguarding referral is known" in said
    assert (
        backlog(hub.conn, "notices held", hub.at(), []).count,
        backlog(hub.conn, "notices to send", hub.at(), []).count,
    ) == (1, 0)
    code, _, said = wye("carl", "people", "glass", "notice", number, "sent", *SAID)
    assert (code, "is held: `sent` cannot be said of it" in said) == (2, True)
    assert wye("carl", "people", "glass", "notice", number, "withhold", *SAID)[:2] == (
        0, {"break_glass": number, "word": "withhold", "notice": None},
    )  # fmt: skip
    _, shown, _ = wye("carl", "people", "glass", "show", number)
    assert (shown["notice"]["state"], shown["notice"]["to"]) == ("kept-back", ["the person", "c"])
    assert shown["notice"]["held_because"] == ["a safeguarding referral is known"]

    code, told, _ = wye("dora", "people", "glass", "notice", number, "release", "--reason", "the enquiry is closed")

    assert (code, "looked at what is held about you" in told["notice"]) == (0, True)
    assert wye("carl", "people", "glass", "list")[1][0]["notice"] == "to-send"
    assert wye("dora", "people", "glass", "notice", number, "sent", *SAID)[0] == 0
    assert backlog(hub.conn, "notices held", hub.at(), []).count == 0


def test_words_are_sealed_and_rows_are_never_changed(wye: Wye, hub: Hub, person: UUID, database_url: str) -> None:
    before = set(bytes_that_tell(database_url))
    _, told, _ = wye("anna", "people", "open", str(person), *GLASS)
    reason = ("--reason", "asked the Quillfeather ward")
    wye("carl", "people", "glass", "review", told["break_glass"], "right", *reason)
    wye("carl", "people", "glass", "notice", told["break_glass"], "sent", *reason)

    assert set(bytes_that_tell(database_url)) == before
    for table in ("break_glass", "break_glass_review", "break_glass_notice", "break_glass_notice_word"):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            hub.conn.execute(f"DELETE FROM sharing.{table}")  # noqa: S608
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        hub.conn.execute("UPDATE sharing.break_glass SET until = until + interval '1 hour'")
    with connect(database_url) as conn, pytest.raises(psycopg.errors.CheckViolation):
        conn.execute("INSERT INTO sharing.break_glass SELECT gen_random_uuid(), agreement, version, person, opened_by, opened_at,"
                     " opened_at + interval '9 hours', review_due, ciphertext FROM sharing.break_glass")  # fmt: skip


def test_role_is_the_accounts_and_nobody_looks_as_a_feed(hub: Hub, person: UUID) -> None:
    with pytest.raises(UsageError, match="account `dora` has no role"):
        opening.open_person(replace(hub, actor="dora"), person, "adult-care-acute")
    with pytest.raises(ValueError, match="a feed looks at nobody"):
        Settings(accounts={"eve": {"role": "feed"}})  # type: ignore[dict-item]  # pydantic reads it
