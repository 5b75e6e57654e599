"""Checks before signing: each says what is wrong, where, and what would be right."""

from typing import Any

import example_agreements as examples
import pytest
from agreement_findings import ACUTE, FINANCE, POLICE, Edit, findings

from wye.agreements.law import gateways
from wye.agreements.loading import load, read
from wye.agreements.model import Agreement
from wye.vocabulary import LawStatus

MASH = "mash-two-way"


def item(**changes: object) -> Edit:
    """Change the first item, or (with `add`) put another one in."""

    def edit(plain: dict[str, Any]) -> None:
        plain["data_items"][0].update(changes)

    return edit


def put(path: str, value: object) -> Edit:
    """Set a key by its dotted path; None takes it out."""

    def edit(plain: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        here: Any = plain
        for part in parents:
            here = here[int(part)] if part.isdigit() else here[part]
        if value is None:
            del here[last]
        else:
            here[last] = value

    return edit


@pytest.mark.parametrize("name", examples.ALL_IDS)
def test_the_examples_have_no_finding(name: str) -> None:
    assert findings(name) == []


def joint(plain: dict[str, Any]) -> None:
    """Make the two joint controllers."""
    plain.update(template="joint-controllers", arrangement="One front door; people may turn to either of us.")
    for party in plain["parties"]:
        party["legal_role"] = "joint-controller"


def instead_of_owners(plain: dict[str, Any]) -> None:
    for one in plain["signatories"]:
        one["role"] = one["role"].replace("information-asset-owner", "senior-information-risk-owner")


def without_office(role: str) -> Edit:
    return lambda plain: plain.update(signatories=[one for one in plain["signatories"] if one["role"] != role])


def shift_all(plain: dict[str, Any]) -> None:
    """Shift every day that goes out."""
    for one in plain["data_items"]:
        if one["field"] in {"from_date", "to_date"}:
            one["transform"] = "date-shift"


def comes_in_as(transform: str) -> Edit:
    def edit(plain: dict[str, Any]) -> None:
        next(one for one in plain["data_items"] if one["direction"] == "in")["transform"] = transform

    return edit


COUNCIL = "parties.0.lawful_basis"


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        (ACUTE, item(field="shoe_size"), "no field `person.shoe_size` in the canonical model; there are: birth_date"),
        (ACUTE, item(entity="horse"), "no field `horse.family_name` in the canonical model; there are: address"),
        (ACUTE, item(sources=[]), "names no source"),
        (ACUTE, item(roles=[]), "names no role"),
        (ACUTE, item(transform="year-of-birth"), "transform `year-of-birth` does not fit `person.family_name`"),
        (ACUTE, item(transform="age-band"), "does not fit `person.family_name`: it is for the day of birth"),
        (ACUTE, item(transform="locality"), "does not fit `person.family_name`: it is for the town of an address"),
        (ACUTE, item(transform="mask"), "does not fit `person.family_name`: it is for identifiers, and what a contact"),
        (ACUTE, item(transform="keyed-pseudonym"), "does not fit `person.family_name`: it is for identifiers"),
        (ACUTE, item(transform="date-shift"), "does not fit `person.family_name`: it is for days"),
        (FINANCE, item(transform="mask"), ""),
        (FINANCE, item(transform="keyed-pseudonym"), ""),
        (FINANCE, item(transform="flag-only"), ""),
        (FINANCE, item(transform="date-shift"), "does not fit `person.case_number`: it is for days"),
        (FINANCE, put("data_items.8.transform", "date-shift"), "`care_package.to_date` leaves as it is beside shifted days"),
        (FINANCE, shift_all, ""),
        (ACUTE, item(transform="flag-only"), "format `fhir-r4-bundle` has no place for what `flag-only` makes"),
        (POLICE, item(field="birth_date", transform="age-band"), "format `pole-json` has no place for what `age-band` makes"),
        (ACUTE, comes_in_as("drop"), "comes in as the partner sends it: an item of direction `in` is `as-is`"),
        (ACUTE, item(field="given_name"), "`person.given_name` stands twice in this direction"),
        (ACUTE, item(entity="relationship", field="other"), "is a record number of the hub: it never leaves"),
        (ACUTE, item(rows={"open": True}), "the entity `person` has no rows"),
        (ACUTE, item(entity="encounter", field="ward", rows={"open": True}), "rows of `encounter` do not last"),
        (ACUTE, item(field="nino"), "`person.nino` may be used for tax-and-benefits only"),
        (ACUTE, item(field="upn"), "`person.upn` may be used for education only"),
        (POLICE, item(field="nhs_number"), "`person.nhs_number` may be used for adult-care, health only"),
        (FINANCE, item(field="nhs_number"), "`person.nhs_number` may be used for adult-care, health only"),
        (ACUTE, item(sources=["frameworki", "civica_revenues"]), "source `civica_revenues` is barred by the Social Security"),
        (ACUTE, item(sources=["electoral_register"]), "is barred by the Representation of the People"),
        (ACUTE, put("subjects.has.field", "shoe"), "no field `involvement.shoe`"),
        (ACUTE, put("subjects.minimum_age", 120), ""),
        (ACUTE, put("subjects.maximum_age", 10), "`18` is above maximum_age `10`"),
        (ACUTE, put("review_date", "2029-01-01"), "dates must run effective < review_date <= expires"),
        (ACUTE, put("effective", "2028-01-01"), "dates must run"),
        (ACUTE, put("expires", "2032-01-01"), "runs for more than three years"),
        (ACUTE, put("supersedes", "1.0"), "does not supersede itself"),
        (ACUTE, put("drafted_by", "caldicott-guardian.arrowshire-council@example"), "drafted it and may not sign it"),
        (ACUTE, lambda plain: plain["signatories"].pop(), "nobody signs for `arrowshire-hospitals`"),
        (ACUTE, lambda plain: plain["signatories"].append(dict(plain["signatories"][0])), "an office stands twice"),
        (ACUTE, put("signatories.0.party", "mallory"), "`mallory` is no party"),
        (ACUTE, put("route.partner", "mallory"), "`mallory` is no party"),
        (ACUTE, put("route.queue", "feed.other"), "must be `feed.adult-care-acute`"),
        (ACUTE, put("inbound", None), "`in` and the key `inbound` go together"),
        (ACUTE, put("onward.permitted", "named"), "`named` needs `to`"),
        (ACUTE, put("restricted_records.action", "refer"), "`refer` needs `refer_to`"),
        (ACUTE, put("gateway", None), "names no statutory gateway"),
        (ACUTE, put("gateway.section", "s999"), "no gateway `Health and Social Care Act 2012 s999`"),
        (ACUTE, put("gateway", {"act": "Localism Act 2011", "section": "s1"}), "is unconfirmed: no agreement may stand on it"),
        (POLICE, put("gateway", {"act": "Children Act 2004", "section": "s16LA"}), "s16LA is not in force"),
        (ACUTE, put("gateway", {"act": "Care Act 2014", "section": "s45"}), "does not reach a recipient of kind `nhs-body`"),
        (POLICE, put("gateway", {"act": "Health and Social Care Act 2012", "section": "s251B"}), "recipient of kind `police`"),
        (POLICE, put("gateway", {"act": "Children Act 1989", "section": "s47(1)"}), "does not carry the way back"),
        (ACUTE, put("purpose.code", "research"), "is for direct-care; not for `research`"),
        (POLICE, put("gateway", {"act": "Police, Crime, Sentencing and Courts Act 2022", "section": "s16"}), "carries no patient information"),
        (ACUTE, put(f"{COUNCIL}.article6.1.point", "f"), "point (f) is closed to a public authority"),
        (ACUTE, put(f"{COUNCIL}.article6.1.point", "ea"), "point (ea) is closed to a public authority"),
        (POLICE, put(f"{COUNCIL}.article6.0.point", "c"), "point (c) needs a gateway that is a duty; Crime and Disorder Act 1998 s115 is a power"),
        (POLICE, put(f"{COUNCIL}.article6.0.point", "a"), "consent is no basis for statutory safeguarding"),
        (ACUTE, put(f"{COUNCIL}.article6", []), "`arrowshire-council` has no lawful basis"),
        (ACUTE, put(f"{COUNCIL}.article9", None), "special category data: `arrowshire-council` needs article9"),
        (ACUTE, put(f"{COUNCIL}.article9.schedule1", 18), "Schedule 1 paragraph `18` does not fit point (h); allowed: 2"),
        (ACUTE, put(f"{COUNCIL}.article9.schedule1", None), "Schedule 1 paragraph `None` does not fit point (h)"),
        (POLICE, put(f"{COUNCIL}.article9.policy_document", None), "Schedule 1 paragraph 18 needs policy_document"),
        (POLICE, put(f"{COUNCIL}.article10", None), "offence data: `arrowshire-council` needs article10"),
        (ACUTE, put(f"{COUNCIL}.part3", {"section35": "section-35-2-b", "law": "none here"}), "Part 3 is for competent authorities"),
        (POLICE, put("parties.1.lawful_basis.part3.schedule8", 8), "Schedule 8 paragraph `8` is unconfirmed"),
        (POLICE, put("parties.1.lawful_basis.part3.schedule8", None), "special category data: `marches-police` needs"),
        (POLICE, put("parties.1.lawful_basis.part3.policy_document", None), "needs policy_document (section 35(5))"),
        (FINANCE, put("purpose.compatible_with", None), "says why its use is compatible"),
        (FINANCE, put("parties.0.controller", "another-council"), "name one and the same controller"),
        (FINANCE, put("template", "one-way"), "share under the template `internal`"),
        (ACUTE, put("consent.objections.use", "our-choice"), "`gateway-exception` is used exactly where the gateway has it"),
        (POLICE, put("consent.objections", {"use": "gateway-exception", "scope": "share-with-police", "why": "so it is"}), "exactly where the gateway has it"),
        (ACUTE, put("consent.objections.scope", None), "objections that are heeded name their scope"),
        (ACUTE, put("consent.scope", "share-with-police"), "`share-with-police` does not fit the recipient"),
        (POLICE, put("consent.use", "required"), "consent is no condition of statutory safeguarding"),
        (ACUTE, put("confidentiality.basis", "explicit-consent"), "must be `required`"),
        (ACUTE, put("confidentiality.basis", "statute"), "the gateway does not say that it lifts confidence"),
        (ACUTE, put("confidentiality.basis", "section-251"), "needs its reference and expiry"),
        (POLICE, put("confidentiality.basis", "implied-consent"), "implied consent reaches a person's own care only"),
        (POLICE, put("confidentiality.reference", None), "needs a reference to the recorded weighing"),
        (ACUTE, put("national_data_opt_out.applies", value=True), "uses beyond a person's own care"),
        (ACUTE, put("parties.0.may", ["disclose"]), "`arrowshire-council` by the items and the route may: disclose, receive"),
        (FINANCE, put("parties.1.may", ["disclose", "receive"]), "`arrowshire-finance` by the items and the route may: receive"),
        (ACUTE, put("parties.0.may", ["disclose", "receive", "receive"]), "by the items and the route may"),
        (FINANCE, put("template", "reciprocal"), "`reciprocal` has items of both directions"),
        (ACUTE, put("template", "one-way"), "`one-way` has no items of direction `in`"),
        (ACUTE, put("template", "joint-controllers"), "joint controllers, and only those, share under"),
        (ACUTE, put("parties.1.legal_role", "joint-controller"), "joint controllers, and only those, share under"),
        (ACUTE, put("template", "processor"), "a processor, and only with one, is the template `processor`"),
        (ACUTE, put("parties.1.legal_role", "processor"), "a processor, and only with one"),
        (ACUTE, put("arrangement", "an essence of it"), "and only they, name their `arrangement`"),
        (ACUTE, joint, ""),
        (ACUTE, lambda plain: (joint(plain), put("parties.0.legal_role", "controller")(plain)), "each party is a joint-controller"),
        (ACUTE, lambda plain: (joint(plain), put("arrangement", None)(plain)), "name their `arrangement` (Articles 26 and 28(3))"),
        (ACUTE, put("relationship", None), "says what entitles a person to look"),
        (ACUTE, lambda plain: [one.update(roles=["feed"]) for one in plain["data_items"]], "says what entitles a person to look"),
        ("corrections-revenues", put("break_glass.permitted", value=True), "`permitted` must be false"),
        (ACUTE, put("break_glass.permitted", value=True), "no case shows whom `break_glass` lets look"),
        (POLICE, put("lapse", None), "names who is told before it lapses"),
        (ACUTE, put("frequency", "daily"), "`as-it-changes` is all it keeps"),
        (ACUTE, put("termination.on_end", ["deleted", "deleted"]), "an outcome stands twice"),
        (ACUTE, put("signatories.2.role", "data-protection-officer"), "nobody who answers for information signs for `arrowshire-hospitals`"),
        (ACUTE, put("signatories.2.role", "senior-information-risk-owner"), "the caldicott-guardian of `arrowshire-hospitals` must sign"),
        (POLICE, put("signatories.2.role", "senior-information-risk-owner"), "the assistant-chief-constable of `marches-police` must sign"),
        (POLICE, put("signatories.0.role", "data-protection-officer"), "the senior-information-risk-owner of `arrowshire-council` must sign"),
        (FINANCE, instead_of_owners, "signs by its information-asset-owner"),
        (FINANCE, without_office("caldicott-guardian"), "health or care data: a caldicott-guardian must sign"),
        (FINANCE, put("template", "open-data"), "open data, and only that, names its `aggregates`"),
    ],
)  # fmt: skip
def test_check_of_what_is_wrong_says_what_would_be_right(name: str, edit: Edit, said: str) -> None:
    found = findings(name, edit)

    if not said:
        assert found == []
    else:
        assert any(said in finding for finding in found), found
        assert all(finding.startswith(("agreement.yaml:", "cases.yaml:")) for finding in found)


@pytest.mark.parametrize("name", examples.ALL_IDS)
def test_every_case_is_needed_or_its_clause_shown_twice(name: str) -> None:
    def without_withholding(shown: dict[str, Any]) -> None:
        shown["cases"] = [case for case in shown["cases"] if case["expect"]["outcome"] == "release"]

    def without_releasing(shown: dict[str, Any]) -> None:
        shown["cases"] = [case for case in shown["cases"] if case["expect"]["outcome"] == "withhold"]

    assert any(
        "no case shows clause `subjects` withholding" in one for one in findings(name, cases=without_withholding)
    )
    assert any(
        "no case shows clause `restricted-record` withholding" in one
        for one in findings(name, cases=without_withholding)
    )
    assert any("no case shows clause `subjects` releasing" in one for one in findings(name, cases=without_releasing))


def glass_case(shown: dict[str, Any]) -> dict[str, Any]:
    """The case of the safeguarding hub that releases by a broken glass."""
    (one,) = [
        case for case in shown["cases"]
        if case.get("change", {}).get("break_glass") and case["expect"]["outcome"] == "release"
    ]  # fmt: skip
    found: dict[str, Any] = one
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"break_glass": False}, "no case shows whom `break_glass` lets look"),
        ({"relationship": "leads-the-enquiry"}, "no case shows whom `break_glass` lets look"),
        ({"role": "feed"}, "no case shows whom `break_glass` lets look"),
        ({"purpose": "safeguarding"}, "without its `break_glass: true`, withheld by `relationship`"),
    ],
    ids=["no-glass", "entitled-anyway", "a-feed", "no-counterpart"],
)
def test_break_glass_that_is_permitted_is_shown_with_and_without(change: dict[str, object], said: str) -> None:
    def edit(shown: dict[str, Any]) -> None:
        glass_case(shown)["change"].update(change)

    assert findings(MASH) == []
    assert any(said in one for one in findings(MASH, cases=edit))


def test_case_withheld_without_a_broken_glass_is_withheld_for_want_of_a_relationship() -> None:
    def edit(shown: dict[str, Any]) -> None:
        same = {key: value for key, value in glass_case(shown)["change"].items() if key != "break_glass"}
        (without,) = [case for case in shown["cases"] if case.get("change") == same]
        without["shows"] = ["request"]

    assert any("without its `break_glass: true`" in one for one in findings(MASH, cases=edit))


def test_case_that_releases_by_a_glass_that_nobody_may_break_is_refused() -> None:
    edit = put("break_glass.permitted", value=False)

    assert any("which `break_glass` does not permit" in one for one in findings(MASH, edit))


def test_unconfirmed_and_uncommenced_gateways_are_switched_off() -> None:
    from datetime import date

    table = gateways()
    shut = {row.name for row in table.values() if not row.open_on(date(2026, 11, 20))}

    assert {row.name for row in table.values() if row.status is LawStatus.UNCONFIRMED} < shut
    assert {"Children Act 2004 s16LA", "Children Act 2004 s16LC"} <= shut
    assert "Health and Social Care Act 2012 s251B" not in shut
    assert not table["Housing Act 1996", "s213B"].open_on(date(2018, 9, 30))
    assert table["Housing Act 1996", "s213B"].open_on(date(2018, 10, 1))


def test_lines_of_findings_point_at_the_item() -> None:
    document = load(Agreement, read(examples.AGREEMENTS / ACUTE / "agreement.yaml"), "agreement.yaml")
    text = (examples.AGREEMENTS / ACUTE / "agreement.yaml").read_text().splitlines()

    line = int(document.where(("data_items", 4, "transform")).split(":")[1])

    assert text[line - 1].strip() == "transform: as-is"
    assert text[line - 3].strip() == "field: nhs_number"
