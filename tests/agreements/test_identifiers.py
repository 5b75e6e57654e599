"""Identifiers go only to those who may use them: before signing, and again before anything is shaped or written."""

from typing import Any

import pytest
from agreement_findings import ACUTE, FINANCE, POLICE, findings

from schemas.catalogue import FIELDS
from schemas.classification import Classification, Use
from wye.agreements.bases import Article6Basis, LawfulBasis
from wye.agreements.identifiers import barred, identifier_laws, works_in
from wye.agreements.model import Party
from wye.agreements.words import PartyAct
from wye.vocabulary import Article6, LegalRole, PartyKind

CARE, CUSTOMERS = "corrections-adult-care", "corrections-customer-services"
NUMBER = {
    "entity": "person", "field": "nhs_number", "direction": "out", "transform": "as-is", "sources": ["frameworki"],
    "roles": ["feed"], "justification": "Somebody thought that it would be handy.",
}  # fmt: skip


def party(kind: PartyKind, *works: Use) -> Party:
    basis = LawfulBasis(article6=(Article6Basis(point=Article6.PUBLIC_TASK, law="a law"),))
    return Party(
        id="x",
        name="An example",
        kind=kind,
        legal_role=LegalRole.CONTROLLER,
        works_in=works,
        may=(PartyAct.DISCLOSE,),
        lawful_basis=basis,
    )


def adding(**changes: object) -> Any:
    def edit(plain: dict[str, Any]) -> None:
        plain["data_items"].append({**NUMBER, **changes})

    return edit


def test_nhs_number_goes_to_adult_care_and_not_to_customer_services() -> None:
    assert not findings(CARE)
    found = findings(CUSTOMERS, adding())

    assert len(found) == 1
    assert "`person.nhs_number` may be used for adult-care, health only" in found[0]
    assert "Health and Social Care Act 2012 section 251A" in found[0]
    assert "`arrowshire-customer-services` (council-service) works in none of these" in found[0]


@pytest.mark.parametrize("name", [POLICE, FINANCE])
def test_nhs_number_is_refused_to_police_and_to_finance(name: str) -> None:
    assert any("nhs_number` may be used for adult-care, health only" in one for one in findings(name, adding()))


def test_a_number_that_is_dropped_goes_nowhere_and_may_be_named() -> None:
    assert not findings(CUSTOMERS, adding(transform="drop"))


def test_how_a_number_was_checked_goes_nowhere_by_itself() -> None:
    found = findings(CARE, adding(field="nhs_number_status"))

    assert any("says how good `nhs_number` is" in one for one in found)


def test_a_body_does_not_choose_its_own_field_of_work() -> None:
    def edit(plain: dict[str, Any]) -> None:
        plain["parties"][1]["works_in"] = ["tax-and-benefits"]

    assert any("what `nhs-body` works in is known" in one for one in findings(ACUTE, edit))
    assert works_in(party(PartyKind.NHS_BODY, Use.EDUCATION)) == {Use.HEALTH}


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        (party(PartyKind.COUNCIL), set()),
        (party(PartyKind.NHS_BODY), {"upn", "nino"}),
        (party(PartyKind.POLICE), {"nhs_number", "upn", "nino"}),
        (party(PartyKind.SCHOOL), {"nhs_number", "nino"}),
        (party(PartyKind.HOUSING_ASSOCIATION), {"nhs_number", "upn", "nino"}),
        (party(PartyKind.COUNCIL_SERVICE), {"nhs_number", "upn", "nino"}),
        (party(PartyKind.COUNCIL_SERVICE, Use.ADULT_CARE), {"upn", "nino"}),
    ],
)
def test_who_may_use_what_follows_from_what_they_do(who: Party, refused: set[str]) -> None:
    assert {field for _, field in barred(works_in(who))} == refused


def test_every_identifier_that_is_bound_has_its_law() -> None:
    bound = {
        facts.name
        for facts in FIELDS.values()
        if facts.classification is Classification.IDENTIFIER and Use.ANY not in facts.uses
    }

    assert bound == set(identifier_laws())


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda plain: plain["route"].pop("stream"), "names either a queue or a stream"),
        (lambda plain: plain["route"].update(queue=f"feed.{CARE}"), "names either a queue or a stream"),
    ],
)
def test_what_is_released_goes_one_way(edit: Any, says: str) -> None:
    assert any(says in one for one in findings(CARE, edit))


def test_nobody_outside_the_council_is_written_to() -> None:
    def edit(plain: dict[str, Any]) -> None:
        plain["route"] = {"partner": "arrowshire-hospitals", "connector": "nhs_fhir", "stream": "proposals"}

    assert any("only within one council is a system written to" in one for one in findings(ACUTE, edit))
