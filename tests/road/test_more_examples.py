"""The example agreements that no player of the demo stands for work all the same: decided, shaped, committed as messages."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import example_agreements as examples
import orjson
import pytest
from county_hub import hub_on_database
from known_people import put_person

from wye.agreements.in_force import Loaded, Refused, load_all
from wye.audit.search import search
from wye.cli.agreements_findings import findings
from wye.intake.land import land
from wye.keys.rows import unseal_values
from wye.ports import SourceRow, record_id
from wye.road.hub import Hub
from wye.road.ingest import Ingested, map_landed
from wye.road.open_person import open_person
from wye.road.share import share
from wye.settings import AccountSettings
from wye.sharing.due import mark_due
from wye.vocabulary import EventKind, Role

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINDS, BENEFITS, CHILD = "adult-care-mental-health", "revenues-social-care", "child-protection-attendance"
MASH = "mash-two-way"


@pytest.fixture(scope="module")
def agreements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return examples.together(tmp_path_factory.mktemp("agreements"))


@pytest.fixture
def hub(database_url: str, tmp_path: Path, agreements: Path) -> Iterator[Hub]:
    """A hub that has brought nothing in, under all the examples."""
    with hub_on_database(database_url, tmp_path / "home", AT, agreements) as one:
        yield one


def row(source: str, **values: object) -> dict[str, object]:
    return {"source": source, "values": values}


def person_with(hub: Hub, born: str, **rows: list[dict[str, object]]) -> UUID:
    person = row("frameworki", family_name="Pell", given_name="Ida", birth_date=born, case_number="20990", sex="F")
    facts = {"person": {"birth_date": [{"value": born, "source": "frameworki"}]}, "rows": {"person": [person], **rows}}
    return put_person(hub.conn, facts, AT)


def messages(hub: Hub, agreement: str, *people: UUID) -> dict[UUID, Mapping[str, object]]:
    """What is put on the way to the recipient about each."""
    mark_due(hub.conn, [agreement], people, "test", AT)
    hub.conn.commit()
    share(hub, agreement)
    found = hub.conn.execute(
        "SELECT id, person, sealed FROM exchange.outbox WHERE agreement = %s AND state = 'waiting'", (agreement,)
    ).fetchall()
    plain = unseal_values(hub.conn, hub.keys, {number: sealed for number, _, sealed in found})
    return {person: orjson.loads(plain[number]) for number, person, _ in found}


def events(hub: Hub, agreement: str, person: UUID) -> list[tuple[EventKind, tuple[str, ...]]]:
    found = search(hub.conn, hub.keys, agreement=agreement, searcher="auditor", purpose="test", at=AT)
    return [(one.event.kind, one.event.reasons) for one in found if one.event and one.event.person == person]


def test_every_example_is_in_force_together(hub: Hub) -> None:
    assert set(hub.agreements) == set(examples.ALL_IDS)


def test_those_that_the_demo_does_not_play_are_signed_as_they_stand() -> None:
    found = load_all(examples.MORE, allow_examples=True)

    assert [str(one.why) for one in found if isinstance(one, Refused)] == []
    assert {one.agreement.id for one in found if isinstance(one, Loaded)} == set(examples.ALL_IDS) - set(examples.IDS)


@pytest.mark.parametrize("name", sorted(set(examples.ALL_IDS) - set(examples.IDS)))
def test_command_finds_nothing_in_them(name: str) -> None:
    assert findings(examples.MORE / name) == []


CARE = row("frameworki", service="adult-social-care", worker="Bea Moss", team="North", from_date="2025-02-01")
YES = row("frameworki", kind="confidentiality", scope="share-with-health", given=True, recorded_on="2026-10-01")


def test_mental_health_trust_is_told_little_and_of_nobody_who_was_not_asked(hub: Hub) -> None:
    home = row("frameworki", kind="home", lines="3 Tannery Yard", town="Overton", postcode="AR4 7QP")
    asked = person_with(hub, "1974-06-17", involvement=[CARE], address=[home], consent=[YES])
    unasked = person_with(hub, "1974-06-17", involvement=[CARE], address=[home])

    found = messages(hub, MINDS, asked, unasked)

    assert set(found) == {asked}
    entities = found[asked]["entities"]
    assert entities["person"] == [{"family_name": "Pell", "given_name": "Ida", "birth_date": 1974}]
    assert entities["address"] == [{"postcode": "AR4"}]
    assert "Tannery" not in str(found)
    assert (EventKind.REFUSAL, ("consent",)) in events(hub, MINDS, unasked)


@pytest.mark.parametrize("written", ["943 476 5919", "943-476-5919", "9434765919", "nine"])
def test_number_is_searched_by_its_digits_however_it_is_written_and_stops_nobody(hub: Hub, written: str) -> None:
    held = row("frameworki", family_name="Pell", birth_date="1974-06-17", nhs_number=written)
    one = person_with(hub, "1974-06-17", person=[held], involvement=[CARE], consent=[YES])

    assert set(messages(hub, MINDS, one)) == {one}

    found = search(hub.conn, hub.keys, nhs_number="9434765919", searcher="auditor", purpose="test", at=AT)
    assert [each.event.person for each in found if each.event] == ([] if written == "nine" else [one])


def test_housing_benefit_is_told_for_the_charge_and_council_tax_is_not(hub: Hub) -> None:
    package = row("frameworki", service="home-care", reference="40990", from_date="2026-01-05")
    benefit = row("civica_revenues", kind="housing-benefit", account="HB1", role="claimant", from_date="2024-06-03")
    tax = row("civica_revenues", kind="council-tax", account="CT1", role="liable")
    one = person_with(hub, "1948-02-11", care_package=[package], liability=[benefit, tax])

    found = messages(hub, BENEFITS, one)

    assert found[one]["entities"] == {
        "person": [{"case_number": "20990"}],
        "liability": [{"kind": "housing-benefit", "role": "claimant", "from_date": "2024-06-03"}],
    }


def test_hospital_is_told_that_an_enquiry_is_open_and_not_what_it_is_about(hub: Hub) -> None:
    enquiry = row("frameworki", kind="safeguarding-child", received_on="2026-10-12", reason="physical", status="open")
    team = row("frameworki", service="childrens-social-care", team="West", from_date="2026-10-13")
    child = person_with(hub, "2019-08-22", referral=[enquiry], involvement=[team])
    closed = person_with(hub, "2019-08-22", referral=[row("frameworki", kind="safeguarding-child", status="closed")])

    found = messages(hub, CHILD, child, closed)

    assert set(found) == {child}
    assert found[child]["entities"]["referral"] == [{"kind": "safeguarding-child", "received_on": "2026-10-12"}]
    assert "physical" not in str(found)
    assert "referral.reason" not in found[child]["masked"]  # type: ignore[operator]


def test_safeguarding_hub_is_told_what_is_feared_and_not_who_leads_it_nor_what_a_referrer_said(hub: Hub) -> None:
    said = "told to a teacher"
    enquiry = row(
        "frameworki", kind="safeguarding-child", received_on="2026-10-12", reason="physical", status="open", detail=said
    )
    team = row(
        "frameworki", service="childrens-social-care", team="West", worker="Petra Oyelaran", from_date="2026-10-13"
    )
    hiding = row("frameworki", kind="safe-address", from_date="2026-10-13")
    home = row("frameworki", kind="home", lines="6 Fuller Lane", town="Netherby", postcode="AR1 5TT")
    child = person_with(hub, "2019-08-22", referral=[enquiry], involvement=[team], address=[home])
    hidden = person_with(hub, "2019-08-22", referral=[enquiry], involvement=[team], address=[home], flag=[hiding])

    found = messages(hub, MASH, child, hidden)

    expected = {"kind": "safeguarding-child", "received_on": "2026-10-12", "reason": "physical", "status": "open"}
    assert found[child]["entities"]["referral"] == [expected]  # type: ignore[index]
    assert found[child]["entities"]["involvement"] == [{"service": "childrens-social-care", "team": "West"}]  # type: ignore[index]
    assert "address" in found[child]["entities"]  # type: ignore[operator]
    assert said not in str(found)
    assert "Oyelaran" not in str(found)
    assert "address" not in found[hidden]["entities"]  # type: ignore[operator]
    assert found[hidden]["entities"]["involvement"] == found[child]["entities"]["involvement"]  # type: ignore[index]


def test_worker_in_the_safeguarding_hub_looks_with_training_in_date_and_not_without(hub: Hub) -> None:
    enquiry = row("frameworki", kind="safeguarding-child", received_on="2026-10-12", status="open")
    team = row("frameworki", service="childrens-social-care", worker="Petra Oyelaran", from_date="2026-10-13")
    child = person_with(hub, "2019-08-22", referral=[enquiry], involvement=[team])
    told = {}

    for trained in ("2026-03-02", "2025-11-20", None):
        account = AccountSettings(role=Role.SAFEGUARDING_OFFICER, workers=("Petra Oyelaran",), trained_on=trained)
        looks = replace(hub, settings=hub.settings.model_copy(update={"accounts": {hub.actor: account}}))
        told[trained] = open_person(looks, child, MASH).decision.clause

    assert told == {"2026-03-02": "items", "2025-11-20": "training", None: "training"}
    assert events(hub, MASH, child) == [
        (EventKind.CONSULTATION, ("items",)), (EventKind.REFUSAL, ("training",)), (EventKind.REFUSAL, ("training",)),
    ]  # fmt: skip


def visit(hub: Hub, key: str, agreement: str) -> UUID:
    """A hospital's Bundle as it lands under one agreement; gives its record."""
    names = hub.contract("nhs_fhir").streams["admissions"].columns
    values = dict.fromkeys(names) | {
        "family_name": "Pell", "given_name": "Ida", "birth_date": "2019-08-22", "gender": "female", "postcode": "AR1 5TT",
        "nhs_number": "9434765919", "nhs_number_status": "01", "kind": "admission", "status": "in-progress",
        "admitted_at": "2026-11-20T22:10:00Z", "ward": "Children's emergency", "reason": "fell", "organisation": "RAX99",
    }  # fmt: skip
    record = record_id("nhs_fhir", "admissions", key)
    land(
        hub.conn, hub.keys, "nhs_fhir", "admissions", {record: SourceRow(key, values, AT)}, cursor=None, at=AT,
        agreement=agreement,
    )  # fmt: skip
    hub.conn.commit()
    return record


def brought(hub: Hub, record: UUID) -> dict[str, dict[str, object]]:
    rows = hub.conn.execute("SELECT entity, body FROM canonical.row WHERE record = %s", (record,)).fetchall()
    return {entity: {name: value for name, value in body.items() if value is not None} for entity, body in rows}


def test_each_half_that_comes_in_is_kept_by_its_own_items_though_both_share_a_stream(hub: Hub) -> None:
    child, acute = visit(hub, "b-1", CHILD), visit(hub, "b-2", "adult-care-acute")

    map_landed(hub, "nhs_fhir", Ingested("nhs_fhir"))

    assert brought(hub, acute)["person"]["nhs_number"] == "9434765919"
    assert brought(hub, acute)["encounter"]["reason"] == "fell"
    kept = brought(hub, child)
    assert not {"nhs_number", "nhs_number_status"} & set(kept["person"])
    assert kept["encounter"] == {
        "kind": "admission", "status": "in-progress", "admitted_at": "2026-11-20T22:10:00Z",
        "ward": "Children's emergency", "organisation": "RAX99", "reference": "b-1",
    }  # fmt: skip
