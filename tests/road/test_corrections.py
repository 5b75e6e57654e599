"""A correction accepted centrally goes back to each system as a proposal, under an agreement, once, and is answered."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from corrections import (
    golden,
    imported,
    proposal_id,
    proposals,
    said,
    share_in_a_process,
    tasks,
    two_systems,
    two_words,
)

from connectors.crm.counterpart.worklist import answer as answer_task
from connectors.frameworki.counterpart.worklist import answer as answer_item
from connectors.frameworki.counterpart.worklist import take_in
from wye.audit.search import search
from wye.demo.stage import Stage
from wye.errors import AgreementRefused, UsageError
from wye.ports import BadInput, Disclosure
from wye.road.correct import Corrected, Typed, correct, withdraw
from wye.road.decide import Decider
from wye.road.handing import hand
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.ingest import ingest
from wye.road.people_history import look_at_household
from wye.road.proposal_answers import look_at, refuse
from wye.road.propose import propose
from wye.road.shape import shaper
from wye.road.share import share
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

CUSTOMERS, CARE = "corrections-customer-services", "corrections-adult-care"
TYPED = Typed("Quillfeather", "certificate 12")


@pytest.fixture(scope="module")
def people(walked: Hub) -> Iterator[UUID]:
    """Persons known to two systems, each to be used once."""
    found = [who for who in two_systems(walked) if who not in two_words(walked)]
    assert len(found) >= 8, "the county has too few people to test with"
    return iter(found)


def entries(hub: Hub, who: UUID, kind: EventKind) -> list[dict[str, object]]:
    found = search(hub.conn, hub.keys, person=who, searcher="auditor", purpose="test", at=hub.at())
    return [
        {"agreement": e.agreement, "recipient": e.recipient, "fields": e.fields, "message": e.message,
         "outcome": e.outcome, "reasons": e.reasons}
        for entry in found if (e := entry.event) is not None and e.kind is kind
    ]  # fmt: skip


def accept(hub: Hub, who: UUID, right: str | Typed = TYPED) -> Corrected:
    return correct(hub, who, "family_name", right, "birth certificate seen by the registrar")


def test_correction_goes_to_customer_services_once_and_is_closed_when_they_take_it(walked: Hub, stage: Stage) -> None:
    who = two_words(walked)[0]
    right, wrong = said(walked, who, "frameworki"), said(walked, who, "crm")

    done = accept(walked, who, "frameworki")
    noted = proposals(walked, done.correction)
    share(walked, CUSTOMERS)
    share(walked, CUSTOMERS)

    assert golden(walked, who) == (right, "a steward found it right")
    assert noted == {"crm": ("withheld", f"not yet decided under `{CUSTOMERS}`")}
    proposal = proposal_id(walked, done.correction, "crm")
    (task,) = tasks(stage, proposal)
    assert f"Last Name: {right}\n" in str(task["description"])
    assert task["contact"] == said(walked, who, "crm", "case_number").lower()
    assert "frameworki" not in str(task)
    assert "registrar" not in str(task), "what the steward wrote is for the stewards"
    assert proposals(walked, done.correction) == {"crm": ("sent", "waits for the system's answer")}
    sealed = walked.conn.execute("SELECT sealed FROM exchange.handed_on WHERE item = %s", (proposal,)).fetchone()
    assert sealed is not None
    assert right.encode() not in bytes(sealed[0])  # type: ignore[arg-type]
    sent = [one for one in entries(walked, who, EventKind.DISCLOSURE) if one["message"] == UUID(proposal)]
    assert [(one["agreement"], one["recipient"], one["fields"]) for one in sent] == [
        (CUSTOMERS, "arrowshire-customer-services", ("person.family_name",))
    ]

    answer_task(stage.data / "crm", proposal, accept=True)
    ingest(walked, "crm")
    identify(walked)
    share(walked, CUSTOMERS)

    assert said(walked, who, "crm") == right != wrong
    assert proposals(walked, done.correction)["crm"][0] == "accepted"
    assert golden(walked, who)[0] == right
    assert golden(walked, who)[1] != "a steward found it right", "the sources agree: the decision has done its work"
    told = [one["outcome"] for one in entries(walked, who, EventKind.RECEIPT) if one["message"] == UUID(proposal)]
    assert told == ["accepted"]
    assert len(tasks(stage, proposal)) == 1
    assert entries(walked, who, EventKind.ALTERATION)[0]["fields"] == ("person.family_name",)


def test_number_with_evidence_goes_to_adult_care_and_comes_back_from_mosaic(walked: Hub, stage: Stage) -> None:
    found = walked.conn.execute(
        "SELECT p.person FROM identity.person_row p WHERE p.source = 'frameworki' AND p.entity = 'person'"
        " AND p.body ->> 'nhs_number' IS NOT NULL AND p.body ->> 'birth_date' < '2000-01-01' AND NOT EXISTS ("
        "  SELECT FROM identity.person_row o WHERE o.person = p.person AND (o.entity = 'flag'"
        "   OR o.record <> p.record AND o.entity = 'person' AND o.body ->> 'nhs_number' IS NOT NULL))"
        " ORDER BY p.person LIMIT 1"
    ).fetchone()
    assert found is not None
    who = UUID(str(found[0]))
    mosaic = stage.settings.sources["frameworki"]

    done = correct(
        walked, who, "nhs_number", Typed("999 000 0018", "traced by telephone, note 17"), "digits turned about"
    )
    share(walked, CARE)

    proposal = proposal_id(walked, done.correction, "frameworki")
    (item,) = imported(stage, proposal)
    assert (item["field"], item["value"], item["person_id"]) == (
        "nhs_number", "9990000018", said(walked, who, "frameworki", "case_number"),
    )  # fmt: skip
    assert "traced by telephone" not in str(item)

    folder = Path(mosaic["import_folder"])
    assert take_in(mosaic["url"], folder) == 1
    assert take_in(mosaic["url"], folder) == 0, "each item once"
    answer_item(mosaic["url"], proposal, accept=True)
    ingest(walked, "frameworki")
    identify(walked)
    share(walked, CARE)

    assert said(walked, who, "frameworki", "nhs_number") == "9990000018"
    assert proposals(walked, done.correction)["frameworki"][0] == "accepted"


def test_refusal_of_the_staff_closes_the_proposal_and_golden_keeps_the_stewards_word(
    walked: Hub, stage: Stage, people: Iterator[UUID]
) -> None:
    who = next(people)
    done = accept(walked, who)
    share(walked, CUSTOMERS)

    answer_task(stage.data / "crm", proposal_id(walked, done.correction, "crm"), accept=False)
    share(walked, CUSTOMERS)
    share(walked, CUSTOMERS)

    assert proposals(walked, done.correction)["crm"] == ("refused", "the system's staff refused it")
    assert golden(walked, who)[1] == "a steward found it right"
    assert len(tasks(stage, proposal_id(walked, done.correction, "crm"))) == 1, "what was refused is not sent again"


def test_without_an_agreement_in_force_nothing_is_sent_and_the_proposal_says_why(
    walked: Hub, stage: Stage, people: Iterator[UUID]
) -> None:
    who = next(people)
    without = replace(
        walked,
        agreements={name: one for name, one in walked.agreements.items() if name != CUSTOMERS},
        refused={CUSTOMERS: "suspended on 2026-11-20"},
    )

    done = accept(without, who)

    with pytest.raises(AgreementRefused, match="not in force"):
        share(without, CUSTOMERS)
    state, why = proposals(walked, done.correction)["crm"]
    assert state == "withheld"
    assert "no agreement in force lets `crm` be told of corrections" in why
    assert "suspended on 2026-11-20" in why
    assert not tasks(stage, proposal_id(walked, done.correction, "crm"))

    share(walked, CUSTOMERS)  # it is in force again
    assert proposals(walked, done.correction)["crm"][0] == "sent"


def test_what_benefits_say_is_proposed_to_nobody(walked: Hub, stage: Stage) -> None:
    found = walked.conn.execute(
        "SELECT b.person FROM identity.person_row b JOIN identity.person_row c ON c.person = b.person"
        " AND c.source = 'crm' AND c.entity = 'person' WHERE b.source = 'civica_revenues' AND b.entity = 'person'"
        " AND b.body ->> 'family_name' <> upper(c.body ->> 'family_name') AND NOT EXISTS (SELECT FROM identity.person_row o"
        "  WHERE o.person = b.person AND (o.entity IN ('flag', 'correction') OR o.entity = 'person' AND o.record"
        "   NOT IN (b.record, c.record))) ORDER BY b.person LIMIT 1"
    ).fetchone()
    assert found is not None
    who = UUID(str(found[0]))

    done = accept(walked, who, "civica_revenues")
    share(walked, CUSTOMERS)

    state, why = proposals(walked, done.correction)["crm"]
    assert (state, why.partition(":")[0]) == ("withheld", "prohibited-source")
    assert not tasks(stage, proposal_id(walked, done.correction, "crm"))
    refusals = [one for one in entries(walked, who, EventKind.REFUSAL) if one["agreement"] == CUSTOMERS]
    assert [one["reasons"] for one in refusals] == [("prohibited-source",)]
    share(walked, CUSTOMERS)
    again = [one for one in entries(walked, who, EventKind.REFUSAL) if one["agreement"] == CUSTOMERS]
    assert len(again) == 1, "the same refusal again is no news"


def test_restricted_record_is_not_proposed(walked: Hub, stage: Stage, people: Iterator[UUID]) -> None:
    who = next(people)
    record = walked.conn.execute(
        "SELECT record FROM identity.person_row WHERE person = %s AND source = 'frameworki' AND entity = 'person'",
        (who,),
    ).fetchone()
    assert record is not None
    walked.conn.execute(
        "INSERT INTO canonical.row (record, entity, part, recorded_at, subject, source, stream, controller, observed_at,"
        " body) VALUES (%(r)s, 'flag', 9, %(at)s, %(r)s, 'frameworki', 'persons', 'c', %(at)s,"
        ' \'{"kind": "restricted-record"}\')',
        {"r": record[0], "at": walked.at()},
    )

    done = accept(walked, who)
    share(walked, CUSTOMERS)

    assert proposals(walked, done.correction)["crm"][1].startswith("restricted-record:")
    assert not tasks(stage, proposal_id(walked, done.correction, "crm"))
    assert look_at_household(walked, who).withheld is not None


def test_withdrawn_correction_is_not_sent(walked: Hub, stage: Stage, people: Iterator[UUID]) -> None:
    who = next(people)
    done = accept(walked, who)

    withdraw(walked, done.correction, "the certificate was of a sister")
    share(walked, CUSTOMERS)

    assert proposals(walked, done.correction)["crm"] == ("withdrawn", "the correction was withdrawn")
    assert not tasks(stage, proposal_id(walked, done.correction, "crm"))
    assert golden(walked, who)[1] != "a steward found it right"


def test_what_was_sent_and_then_withdrawn_is_taken_off_the_staffs_list(
    walked: Hub, stage: Stage, people: Iterator[UUID]
) -> None:
    done = accept(walked, next(people))
    share(walked, CUSTOMERS)
    share(walked, CARE)
    proposal, item = (proposal_id(walked, done.correction, system) for system in ("crm", "frameworki"))
    mosaic = stage.settings.sources["frameworki"]
    take_in(mosaic["url"], Path(mosaic["import_folder"]))

    withdraw(walked, done.correction, "the certificate was of a sister")
    take_in(mosaic["url"], Path(mosaic["import_folder"]))

    assert [task["statecode"] for task in tasks(stage, proposal)] == [2]
    with pytest.raises(BadInput, match="is open"):
        answer_item(mosaic["url"], item, accept=True)
    assert {state for state, _ in proposals(walked, done.correction).values()} == {"withdrawn"}


@pytest.mark.parametrize("failpoint", ["share.before_commit", "share.after_commit", "hand.after_write"])
def test_killed_at_any_point_and_run_again_the_task_is_there_once(
    walked: Hub, stage: Stage, people: Iterator[UUID], failpoint: str
) -> None:
    done = accept(walked, next(people))

    share_in_a_process(stage, CUSTOMERS, failpoint)
    share_in_a_process(stage, CUSTOMERS)
    share_in_a_process(stage, CUSTOMERS)

    proposal = proposal_id(walked, done.correction, "crm")
    assert len(tasks(stage, proposal)) == 1
    written = walked.conn.execute(
        "SELECT count(*), count(written_at) FROM exchange.handed_on WHERE item = %s", (proposal,)
    ).fetchone()
    assert written == (1, 1)
    who = walked.conn.execute("SELECT person FROM exchange.proposal WHERE id = %s", (proposal,)).fetchone()
    assert who is not None
    sent = [one for one in entries(walked, UUID(str(who[0])), EventKind.DISCLOSURE) if one["message"] == UUID(proposal)]
    assert len(sent) == 1
    with pytest.raises(UsageError, match="a correction of `family_name` counts already"):
        accept(walked, UUID(str(who[0])))
    assert look_at(walked, UUID(proposal))["state"] == "sent"
    refuse(walked, UUID(proposal), "the contact is somebody else")
    assert proposals(walked, done.correction)["crm"][0] == "refused"


def test_propose_with_nothing_to_propose_does_nothing(walked: Hub) -> None:
    propose(walked, walked.agreements[CUSTOMERS])

    done = propose(walked, walked.agreements[CUSTOMERS])

    assert (done.sent, done.written) == (0, 0)


@pytest.mark.parametrize(
    ("attribute", "right", "says"),
    [
        ("case_number", "crm", "is not corrected here"),
        ("nhs_number_status", "crm", "is not corrected here"),
        ("family_name", "agresso", "says nothing of this person's"),
        ("birth_date", Typed("1066-13-40", "a stone"), "the value is no `birth_date`"),
        ("nhs_number", Typed("9990000019", "a letter"), "the value is no `nhs_number`"),
        ("family_name", Typed("Ashdown", " "), "needs evidence"),
    ],
)
def test_what_is_no_correction_is_refused_without_repeating_the_value(
    walked: Hub, attribute: str, right: str | Typed, says: str
) -> None:
    found = walked.conn.execute(
        "SELECT person FROM identity.person_row WHERE source = 'crm' AND entity = 'person' ORDER BY person DESC LIMIT 1"
    ).fetchone()
    assert found is not None

    with pytest.raises(UsageError, match=says) as refused:
        correct(walked, UUID(str(found[0])), attribute, right, "a reason")

    if isinstance(right, Typed):
        assert right.value not in str(refused.value)


def test_identifier_is_written_to_no_system_that_may_not_use_it(walked: Hub) -> None:
    for item in ({"nhs_number": "9990000018"}, {"field": "nhs_number", "value": "9990000018"}):
        with pytest.raises(UsageError, match="`nhs_number` may not be written to `crm`") as refused:
            hand(walked, "crm", "proposals", {uuid7(): item})
        assert "9990000018" not in str(refused.value)
    assert walked.conn.execute("SELECT count(*) FROM exchange.handed_on WHERE written_at IS NULL").fetchone() == (0,)


def test_identifier_is_shaped_for_no_recipient_that_may_not_use_it(walked: Hub) -> None:
    agreement = Decider(walked, walked.agreements["safeguarding-police"]).agreement
    person = {"family_name": "Ashdown", "nhs_number": "9990000018"}

    with pytest.raises(AgreementRefused, match=r"`person\.nhs_number` may not go to `marches-police`") as refused:
        shaper(walked, agreement).shape(Disclosure(agreement.id, "1.0", "ab", walked.at(), {"person": [person]}))

    assert "9990000018" not in str(refused.value)
