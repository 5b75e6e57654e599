"""`wye consent`, as typed: recorded with who, capacity and evidence; it counts at once, is kept, sealed and on the record."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from canonical_people import AT
from county_hub import bring_in
from known_people import put_row
from shredding import (
    GONE,
    MARKED,
    NEIGHBOUR,
    as_account,
    bytes_that_tell,
    clock,
    known,
    record_of,
    source_rows,
    tables_that_tell,
)
from signed_in_commands import Wye, hub_of_environment, typed

from wye.audit.search import search
from wye.cli.main import run
from wye.consent.rows import consents_of
from wye.identity.review import person_of
from wye.road import people, shred
from wye.road.decide import Decider
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.vocabulary import EventKind, Outcome

pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
WHO = (
    "--by",
    "Mrs Quillfeather, known to me",
    "--capacity",
    "person",
    "--evidence",
    "on the telephone; note in case 4",
)
HEALTH = ("--scope", "share-with-health")
CONSENT = ("--kind", "confidentiality", *HEALTH)
OBJECTION = ("--kind", "objection", *HEALTH)
INSIDE = ("--scope", "share-inside-council")
ACUTE, PAYMENTS = "adult-care-acute", "care-packages-finance"
GROUNDS = ("--reason", "she is paid for only if providers know of the care")


@pytest.fixture
def hub(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_of_environment(database_url, tmp_path / "home", monkeypatch) as one:
        yield one


@pytest.fixture
def person(hub: Hub) -> UUID:
    """Somebody in adult social care, with a case and a home."""
    who: UUID = known(hub)
    values = {"service": "adult-social-care", "started_on": "2020-01-01"}
    put_row(hub.conn, record_of(MARKED), "involvement", "frameworki", values, AT)
    hub.conn.execute("DELETE FROM sharing.due")
    clock(hub, AT)
    return who


@pytest.fixture
def wye(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wye:
    return typed(capsys, monkeypatch)


def said(hub: Hub, person: UUID) -> dict[tuple[str, str], bool]:
    return {(one.kind, one.scope): one.given for one in consents_of(hub.conn, [person])[person]}


def clause(hub: Hub, person: UUID) -> str | None:
    """The clause by which the agreement with the hospitals withholds, or none if it releases."""
    (decided,) = Decider(hub, hub.agreements[ACUTE]).decide([person], AT)
    return None if decided.decision.outcome is Outcome.RELEASE else decided.decision.clause


def due(hub: Hub, person: UUID) -> set[str]:
    found = hub.conn.execute("SELECT agreement FROM sharing.due WHERE person = %s AND cause = 'consent'", (person,))
    return {str(agreement) for (agreement,) in found}


def events(hub: Hub, person: UUID) -> list[Any]:
    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
    return [e for each in found if (e := each.event) is not None and (e.purpose or "").startswith("consent ")]


def test_refusal_withholds_at_once_and_a_later_consent_lifts_it(wye: Wye, hub: Hub, person: UUID) -> None:
    assert clause(hub, person) is None

    code, told, _ = wye("anna", "consent", "record", str(person), *CONSENT, *WHO, "--refused", "--on", "2026-11-01")

    assert (code, told["counts"]) == (0, True)
    assert due(hub, person) == set(hub.feeds) != set()
    assert clause(hub, person) == "consent"
    assert wye("bert", "consent", "record", str(person), *CONSENT, *WHO, "--on", "2026-11-02")[0] == 0
    assert clause(hub, person) is None


def test_withdrawal_counts_and_keeps_the_history_with_who_capacity_and_evidence(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    _, given, _ = wye("anna", "consent", "record", str(person), *CONSENT, *WHO, "--on", "2026-11-01")
    deputy = (
        "--by",
        "Mr Reeve, deputy",
        "--capacity",
        "deputy",
        "--reference",
        "order 1399",
        "--evidence",
        "letter, case 4",
    )

    code, withdrawn, _ = wye("bert", "consent", "withdraw", str(person), *CONSENT, *deputy, "--on", "2026-11-02")

    assert (code, clause(hub, person)) == (0, "consent")
    _, shown, _ = wye("carl", "consent", "show", str(person))
    assert [(one["id"], one["given"], one["source"]) for one in shown["counting"]] == [
        (withdrawn["word"], False, "staff")
    ]
    first, second = shown["by_staff"]
    assert (first["id"], first["given"], first["recorded_by"], first["said_by"]) == (
        given["word"],
        True,
        "anna",
        WHO[1],
    )
    assert (first["capacity"], first["evidence"], first["on"]) == ("person", WHO[5], "2026-11-01")
    assert (second["capacity"], second["reference"], second["recorded_by"]) == ("deputy", "order 1399", "bert")
    assert [(each.kind, each.purpose, each.actor, each.outcome) for each in events(hub, person)] == [
        (EventKind.ALTERATION, "consent record", "anna", "given"),
        (EventKind.ALTERATION, "consent withdraw", "bert", "refused-or-withdrawn"),
        (EventKind.CONSULTATION, "consent show", "carl", None),
    ]


def test_history_is_shown_in_words_with_what_counts_first(
    wye: Wye, hub: Hub, person: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    source = {"kind": "confidentiality", "scope": "share-with-health", "given": True, "recorded_on": "2026-10-05"}
    put_row(hub.conn, record_of(MARKED), "consent", "frameworki", source, AT)
    wye("anna", "consent", "withdraw", str(person), *CONSENT, *WHO, "--on", "2026-11-02")
    _, told, _ = wye("anna", "consent", "object", str(person), *INSIDE, *WHO, "--on", "2026-11-01")
    wye("bert", "consent", "answer", told["word"], PAYMENTS, *GROUNDS)

    assert run(["consent", "show", str(person)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "counts now:",
        "  confidentiality consent refused or withdrawn  share-with-health  2026-11-02  staff",
        "  objected  share-inside-council  2026-11-01  staff",
    ]
    assert f"objection {told['word']}:" in lines
    assert f"  answered under {PAYMENTS} {hub.agreements[PAYMENTS].agreement.version} by bert: {GROUNDS[1]}" in lines
    history = lines[lines.index("history:") :]
    assert history[2] == f"    {WHO[1]}; {WHO[5]}"
    assert history[-1].startswith("  2026-10-05  confidentiality consent given  share-with-health  from frameworki  ")


def test_kinds_are_kept_apart(wye: Wye, hub: Hub, person: UUID) -> None:
    wye("anna", "consent", "record", str(person), "--kind", "uk-gdpr", *HEALTH, *WHO, "--refused", "--on", "2026-11-01")

    assert said(hub, person) == {("uk-gdpr", "share-with-health"): False}
    assert clause(hub, person) is None


def test_newest_word_counts_across_staff_and_sources_and_a_tie_ends_strictly(wye: Wye, hub: Hub, person: UUID) -> None:
    source = {"kind": "confidentiality", "scope": "share-with-health", "given": True, "recorded_on": "2026-11-05"}
    put_row(hub.conn, record_of(MARKED), "consent", "frameworki", source, AT)

    _, older, warned = wye("anna", "consent", "withdraw", str(person), *CONSENT, *WHO, "--on", "2026-11-04")
    assert (older["counts"], older["counting"]["source"], "does not count" in warned) == (False, "frameworki", True)
    assert said(hub, person) == {("confidentiality", "share-with-health"): True}
    _, tie, _ = wye("anna", "consent", "withdraw", str(person), *CONSENT, *WHO, "--on", "2026-11-05")
    assert tie["counts"] is True
    _, again, _ = wye("anna", "consent", "record", str(person), *CONSENT, *WHO, "--on", "2026-11-05")
    assert again["counts"] is False
    put_row(hub.conn, record_of(MARKED), "consent", "frameworki", source | {"recorded_on": "2026-11-06"}, AT)
    assert said(hub, person) == {("confidentiality", "share-with-health"): True}


def test_objection_says_what_it_does_under_each_agreement_and_is_answered_once(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    code, told, _ = wye("anna", "consent", "object", str(person), *INSIDE, *WHO, "--on", "2026-11-01")

    effects = {each["agreement"]: each["effect"] for each in told["reaches"]}
    assert code == 1
    assert effects[PAYMENTS] == "to-answer"
    assert ACUTE not in effects
    number = told["word"]
    code, kept, _ = wye("bert", "consent", "answer", number, PAYMENTS, *GROUNDS)
    assert (code, kept["version"]) == (0, hub.agreements[PAYMENTS].agreement.version)
    code, _, why = wye("carl", "consent", "answer", number, PAYMENTS, *GROUNDS)
    assert (code, "answered before" in why) == (2, True)
    _, shown, _ = wye("carl", "consent", "show", str(person))
    (answered,) = shown["answers"]
    assert (answered["objection"], answered["decided_by"], answered["grounds"]) == (number, "bert", GROUNDS[1])
    assert {each["agreement"] for each in shown["objections"][number]} == set(effects)
    assert [(each.outcome, each.agreement) for each in events(hub, person)] == [
        ("given", None), ("compelling-grounds", PAYMENTS), (None, None),
    ]  # fmt: skip


def test_objection_waits_for_an_answer_until_it_has_one_or_is_withdrawn(wye: Wye, hub: Hub, person: UUID) -> None:
    neighbour = person_of(hub.conn, record_of(NEIGHBOUR))
    _, old, _ = wye("anna", "consent", "object", str(person), *INSIDE, *WHO, "--on", "2020-01-31")
    wye("anna", "consent", "object", str(neighbour), *INSIDE, *WHO, "--on", "2020-05-05")
    wye("anna", "consent", "withdraw", str(neighbour), "--kind", "objection", *INSIDE, *WHO, "--on", "2020-05-06")
    _, new, _ = wye("anna", "consent", "object", str(neighbour), *INSIDE, *WHO)
    needing = sorted(each["agreement"] for each in old["reaches"] if each["effect"] == "to-answer")
    assert PAYMENTS in needing

    code, listed, _ = wye("carl", "consent", "waiting")

    assert code == 1
    assert [
        (one["objection"], one["agreement"], one["answer_by"], one["overdue"]) for one in listed[: len(needing)]
    ] == [(old["word"], each, "2020-02-29", True) for each in needing]
    assert [(one["objection"], one["overdue"]) for one in listed[len(needing) :]] == [(new["word"], False)] * len(
        needing
    )
    assert str(person) not in json.dumps(listed)
    for each in needing:
        assert wye("bert", "consent", "answer", old["word"], each, *GROUNDS)[0] == 0
    code, listed, _ = wye("carl", "consent", "waiting")
    assert (code, {one["objection"] for one in listed}) == (0, {new["word"]})


def test_objection_that_is_heeded_withholds_until_withdrawn_and_takes_no_answer(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    code, told, _ = wye("anna", "consent", "object", str(person), *HEALTH, *WHO, "--on", "2026-11-01")

    assert (code, [(each["agreement"], each["effect"]) for each in told["reaches"]]) == (0, [(ACUTE, "withheld")])
    assert clause(hub, person) == "objection"
    code, _, why = wye("anna", "consent", "answer", told["word"], ACUTE, *GROUNDS)
    assert (code, "release nothing" in why, clause(hub, person)) == (2, True, "objection")
    assert wye("anna", "consent", "withdraw", str(person), *OBJECTION, *WHO, "--on", "2026-11-02")[0] == 0
    assert clause(hub, person) is None
    code, _, why = wye("anna", "consent", "answer", told["word"], PAYMENTS, *GROUNDS)
    assert (code, "was withdrawn" in why) == (2, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--capacity", "best-interests"), "disclose ask"),
        (("--capacity", "parental-responsibility"), "of full age"),
        (("--on", "2999-01-01"), "in the future"),
        (("--evidence", " "), "--evidence"),
    ],
)
def test_word_that_is_refused_leaves_nothing(
    wye: Wye, hub: Hub, person: UUID, words: tuple[str, str], why: str
) -> None:
    code, _, told = wye("anna", "consent", "record", str(person), *CONSENT, *WHO, *words)

    assert (code, why in told, "Quillfeather" in told) == (2, True, False)
    assert (said(hub, person), due(hub, person), events(hub, person)) == ({}, set(), [])


def test_objection_is_not_recorded_as_a_consent_and_nobody_is_nobody(wye: Wye, person: UUID) -> None:
    assert wye("anna", "consent", "record", str(person), *OBJECTION, *WHO)[0] == 2
    nobody = str(UUID(int=7))
    assert wye("anna", "consent", "record", nobody, *CONSENT, *WHO)[0] == 2
    assert wye("anna", "consent", "show", nobody)[0] == 2


def test_word_goes_along_with_a_merge_and_back(wye: Wye, hub: Hub, person: UUID) -> None:
    neighbour = person_of(hub.conn, record_of(NEIGHBOUR))
    wye("anna", "consent", "record", str(neighbour), *CONSENT, *WHO, "--refused", "--on", "2026-11-01")
    assert clause(hub, person) is None

    merged = people.merge(hub, person, neighbour, "one person")
    assert (clause(hub, person), len(said(hub, person))) == ("consent", 1)
    people.undo(hub, merged.event, "two after all")

    assert (said(hub, person), len(said(hub, neighbour))) == ({}, 1)


def test_what_two_said_as_one_shares_less_for_both_and_more_for_neither(wye: Wye, hub: Hub, person: UUID) -> None:
    neighbour = person_of(hub.conn, record_of(NEIGHBOUR))
    merged = people.merge(hub, person, neighbour, "one person")
    kept = person_of(hub.conn, record_of(MARKED))
    wye("anna", "consent", "record", str(kept), *CONSENT, *WHO, "--on", "2026-11-01")
    wye("anna", "consent", "object", str(kept), *HEALTH, *WHO, "--on", "2026-11-01")
    wye("anna", "consent", "record", str(kept), "--kind", "uk-gdpr", *HEALTH, *WHO, "--refused", "--on", "2026-11-01")
    assert len(said(hub, kept)) == 3

    people.unmerge(hub, merged.event, "two people")

    stricter = {("objection", "share-with-health"): True, ("uk-gdpr", "share-with-health"): False}
    assert [said(hub, each) for each in (person, neighbour)] == [stricter, stricter]
    _, shown, _ = wye("carl", "consent", "show", str(person))
    assert [one["may_count"] for one in shown["by_staff"]] == [False, True, True]


def test_words_are_never_changed_and_who_said_them_is_sealed(
    wye: Wye, hub: Hub, person: UUID, database_url: str
) -> None:
    before = set(bytes_that_tell(database_url))
    _, told, _ = wye("anna", "consent", "object", str(person), *INSIDE, *WHO, "--on", "2026-11-01")
    wye("anna", "consent", "answer", told["word"], PAYMENTS, "--reason", "the Quillfeather payments")

    assert set(bytes_that_tell(database_url)) == before
    for table in ("consent_word", "consent_word_record", "objection_answer"):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            hub.conn.execute(f"DELETE FROM sharing.{table}")  # noqa: S608
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        hub.conn.execute("UPDATE sharing.consent_word SET given = true")


def test_words_go_with_the_person_and_those_of_others_stay(wye: Wye, hub: Hub, person: UUID, database_url: str) -> None:
    neighbour = person_of(hub.conn, record_of(NEIGHBOUR))
    _, told, _ = wye("anna", "consent", "object", str(person), *INSIDE, *WHO, "--on", "2026-11-01")
    wye("anna", "consent", "answer", told["word"], PAYMENTS, *GROUNDS)
    wye("bert", "consent", "uphold", told["word"], PAYMENTS, *GROUNDS)
    _, other, _ = wye("anna", "consent", "record", str(neighbour), *CONSENT, *WHO, "--on", "2026-11-01")
    hub.conn.execute("DELETE FROM canonical.row WHERE entity = 'involvement'")
    clock(hub, GONE)
    bring_in(hub, source_rows(GONE, deleted=True))
    identify(hub)
    hub.at = lambda: AT.replace(year=2040)
    asked = shred.ask(hub, person, "schedule 4.2")
    hub.conn.execute("DELETE FROM sharing.due")  # no agreement decides in this test

    shred.approve(as_account(hub, "bert"), asked.shred.id)

    left = hub.conn.execute("SELECT w.id, r.record FROM sharing.consent_word AS w"
                            " JOIN sharing.consent_word_record AS r ON r.word = w.id").fetchall()  # fmt: skip
    assert left == [(UUID(other["word"]), record_of(NEIGHBOUR))]
    for table in ("objection_answer", "objection_upheld"):
        assert hub.conn.execute(f"SELECT FROM sharing.{table}").fetchall() == []
    assert tables_that_tell(database_url) == []
