"""What a decision says beside release or withhold: reasons, who is asked, when it may change, its fingerprint."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from wye.agreements.in_force import read_agreement
from wye.sharing.cases import facts_of_case
from wye.sharing.facts import Facts, facts_of, onward_parties
from wye.sharing.policy import compile_policy
from wye.store.consents import HeldConsent
from wye.store.known import Candidate, KnownRow, PersonKnown
from wye.store.pending import PendingProtection
from wye.store.protections import Protections
from wye.vocabulary import Onward, Outcome, Role

AGREEMENTS = Path(__file__).parents[2] / "sharing_agreements"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
ACUTE, POLICE = read_agreement(AGREEMENTS / "adult-care-acute"), read_agreement(AGREEMENTS / "safeguarding-police")
NONE = Protections(restricted=False, against=frozenset(), relations=())


def base(loaded: object = ACUTE) -> Facts:
    cases = loaded.cases.value  # type: ignore[attr-defined]
    return facts_of_case(cases.base, cases.cases[0].change)


def with_rows(facts: Facts, **rows: tuple[dict[str, object], ...]) -> Facts:
    made = {
        entity: tuple(KnownRow(values, "frameworki", UUID(int=n), "c", AT, None) for n, values in enumerate(found))
        for entity, found in rows.items()
    }
    return replace(facts, known=replace(facts.known, rows={**facts.known.rows, **made}))


def test_a_value_from_housing_benefit_never_leaves_and_the_decision_says_why() -> None:
    policy = compile_policy(ACUTE.agreement)
    facts = base()
    benefit = Candidate("Benefit-Name", "civica_revenues", UUID(int=9), "c", AT, None)
    known = replace(
        facts.known,
        attributes={"given_name": (benefit,), "family_name": (benefit, *facts.known.attributes["family_name"])},
    )

    decision = policy.decide(
        policy.request(),
        replace(
            facts,
            known=replace(known, attributes={**known.attributes, "birth_date": facts.known.attributes["birth_date"]}),
        ),
        AT,
    )

    assert "Benefit-Name" not in str(decision.entities)
    told = next(one for one in decision.fields if one.field == "given_name")
    assert (told.clause, told.source, told.record) == ("prohibited-source", "civica_revenues", UUID(int=9))
    assert "may not be disclosed" in told.reason
    assert "person.given_name" in decision.unknown, "that benefits holds a name is not for the hospital to know"
    assert "person.given_name" not in decision.masked


def test_a_release_names_its_basis_and_covers_every_item_once() -> None:
    policy = compile_policy(ACUTE.agreement)

    decision = policy.decide(policy.request(), base(), AT)

    assert decision.reasons[0].basis.startswith("Health and Social Care Act 2012 s251B; Article 6(1)(c)")
    gone = {f"{entity}.{name}" for entity, rows in decision.entities.items() for row in rows for name in row}
    assert not gone & decision.masked
    assert not gone & decision.unknown
    assert gone | decision.masked | decision.unknown == policy.names


def test_clauses_are_those_of_the_whole_and_those_that_masked_a_field() -> None:
    policy = compile_policy(POLICE.agreement)
    facts = with_rows(base(POLICE), address=({"kind": "home", "town": "Arrow", "from_date": "2020-01-01"},))

    plain = policy.decide(policy.request(), facts, AT)
    guarded = policy.decide(policy.request(), replace(facts, safe_address=True), AT)

    assert (plain.outcome, guarded.outcome) == (Outcome.RELEASE, Outcome.RELEASE)
    assert "safe-address" not in plain.clauses
    assert guarded.clauses[0] == plain.clauses[0] == guarded.clause
    assert "safe-address" in guarded.clauses[1:]
    assert set(guarded.clauses) - set(plain.clauses) == {"safe-address"}


def test_a_restricted_record_names_the_human_who_decides() -> None:
    policy = compile_policy(POLICE.agreement)

    decision = policy.decide(policy.request(), replace(base(POLICE), restricted=True), AT)

    assert decision.outcome is Outcome.WITHHOLD
    assert decision.reasons[0].refer_to == "head of safeguarding, Arrowshire Council"
    assert decision.reasons[0].refer_to in decision.reasons[0].text


def test_an_objection_names_the_row_that_decided() -> None:
    policy = compile_policy(ACUTE.agreement)
    said = HeldConsent(
        "objection", "share-with-health", given=True, recorded_on=None, record=UUID(int=5), source="frameworki"
    )

    decision = policy.decide(policy.request(), replace(base(), objections=(said,)), AT)

    assert decision.reasons[0].record == UUID(int=5)
    assert decision.reasons[0].basis == "exception of the Health and Social Care Act 2012 s251B"


def test_fingerprint_follows_what_is_sent_and_nothing_else() -> None:
    policy = compile_policy(ACUTE.agreement)
    facts = base()
    first = policy.decide(policy.request(), facts, AT)
    other_record = replace(facts.known.attributes["sex"][0], record=UUID(int=77))
    same = replace(facts, known=replace(facts.known, attributes={**facts.known.attributes, "sex": (other_record,)}))
    different = replace(other_record, value="M")

    assert policy.decide(policy.request(), facts, datetime(2026, 11, 21, tzinfo=UTC)).fingerprint == first.fingerprint
    assert policy.decide(policy.request(), same, AT).fingerprint == first.fingerprint
    changed = replace(facts, known=replace(facts.known, attributes={**facts.known.attributes, "sex": (different,)}))
    assert policy.decide(policy.request(), changed, AT).fingerprint != first.fingerprint
    later = compile_policy(ACUTE.agreement.model_copy(update={"version": "1.1"}))
    assert later.decide(later.request(), facts, AT).fingerprint != first.fingerprint
    assert policy.decide(policy.request(), replace(facts, safe_address=True), AT).fingerprint != first.fingerprint


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, datetime(2028, 3, 31, 23, tzinfo=UTC)),
        ({"birth_date": "2008-12-25"}, datetime(2026, 12, 25, tzinfo=UTC)),
        ({"birth_date": "2008-02-29"}, datetime(2028, 3, 31, 23, tzinfo=UTC)),
        ({"involvement": {"service": "adult-social-care", "to_date": "2026-11-30"}}, datetime(2026, 12, 1, tzinfo=UTC)),
        ({"involvement": {"service": "adult-social-care", "from_date": "2027-06-01"}}, datetime(2027, 5, 31, 23, tzinfo=UTC)),
        ({"care_package": {"service": "home-care", "to_date": "2026-11-20"}}, datetime(2026, 11, 21, tzinfo=UTC)),
        ({"changes_at": datetime(2026, 11, 22, tzinfo=UTC)}, datetime(2026, 11, 22, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_next_change_is_the_next_instant_at_which_time_alone_may_decide_otherwise(
    changes: dict[str, object], expected: datetime
) -> None:
    policy = compile_policy(ACUTE.agreement)
    facts = base()
    for name, value in changes.items():
        if name == "changes_at":
            facts = replace(facts, changes_at=value)  # type: ignore[arg-type]
        elif name == "birth_date":
            born = replace(facts.known.attributes["birth_date"][0], value=value)
            facts = replace(facts, known=replace(facts.known, attributes={**facts.known.attributes, name: (born,)}))
        else:
            facts = with_rows(facts, **{name: (value,)})  # type: ignore[arg-type]

    decision = policy.decide(policy.request(), facts, AT)

    assert decision.next_change_at == expected
    if name_of(changes) == "birth_date" and expected.year == 2026:
        assert decision.outcome is Outcome.WITHHOLD
        assert policy.decide(policy.request(), facts, expected).outcome is Outcome.RELEASE


def name_of(changes: dict[str, object]) -> str:
    return next(iter(changes), "")


def test_somebody_born_on_29_february_comes_of_age_on_1_march() -> None:
    policy = compile_policy(ACUTE.agreement)
    facts = base()
    born = replace(facts.known.attributes["birth_date"][0], value="2012-02-29")
    facts = replace(facts, known=replace(facts.known, attributes={**facts.known.attributes, "birth_date": (born,)}))
    policy = compile_policy(ACUTE.agreement.model_copy(update={"expires": date(2031, 1, 1)}))

    decision = policy.decide(policy.request(), facts, datetime(2030, 2, 28, 12, tzinfo=UTC))

    assert decision.clause == "subjects"
    assert decision.next_change_at == datetime(2030, 3, 1, tzinfo=UTC)
    assert policy.decide(policy.request(), facts, datetime(2030, 3, 1, tzinfo=UTC)).outcome is Outcome.RELEASE


def test_facts_of_reads_flags_that_last_and_parts_consents_from_objections() -> None:
    rows = {
        "flag": tuple(
            KnownRow(values, "frameworki", UUID(int=n), "c", AT, None)
            for n, values in enumerate(
                (
                    {"kind": "safe-address", "from_date": "2026-01-01", "to_date": "2026-11-30"},
                    {"kind": "restricted-record", "to_date": "2026-11-19"},
                    {"kind": "former-identity-sealed", "from_date": "2026-12-24"},
                )
            )
        )
    }
    objection = HeldConsent(
        "objection", "share-with-health", given=True, recorded_on=None, record=UUID(int=1), source="f"
    )
    consent = replace(objection, kind="confidentiality")

    facts = facts_of(PersonKnown(UUID(int=3), {}, rows), (objection, consent), {}, (), AT, NONE)

    assert (facts.safe_address, facts.restricted, facts.sealed_identity) == (True, False, False)
    assert facts.changes_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert (facts.objections, facts.consents) == ((objection,), (consent,))
    unknown = facts_of(PersonKnown(UUID(int=3), {}, {}), None, None, None, AT)
    assert (unknown.consents, unknown.objections, unknown.onward, unknown.unread) == (None, None, None, None)
    assert (unknown.restricted, unknown.restricted_against, unknown.safe_address) == (None, None, None)


def test_facts_of_counts_what_a_waiting_version_states_beside_what_is_in_force() -> None:
    held = HeldConsent(
        "confidentiality", "share-with-health", given=True, recorded_on=None, record=UUID(int=1), source="f"
    )
    refused = {"kind": "confidentiality", "scope": "share-with-health", "given": False}
    objected = {"kind": "objection", "scope": "share-with-police", "given": True}
    states = [
        ("flag", {"kind": "restricted-record"}),
        ("flag", {"kind": "former-identity-sealed", "from_date": "2026-12-24"}),
        ("consent", refused),
        ("consent", objected),
    ]
    readable = PendingProtection(UUID(int=4), "f", "persons", AT, "quarantined", unread=False, stated=tuple(states))
    unread = replace(readable, record=UUID(int=5), unread=True, stated=())

    facts = facts_of(PersonKnown(UUID(int=3), {}, {}), (held,), {}, (readable, unread), AT, NONE)

    assert (facts.restricted, facts.sealed_identity, facts.safe_address) == (True, False, False)
    assert facts.changes_at == datetime(2026, 12, 24, tzinfo=UTC)
    assert facts.consents is not None
    assert [(one.given, one.record) for one in facts.consents] == [(True, UUID(int=1)), (False, UUID(int=4))]
    assert facts.objections is not None
    assert [(one.scope, one.given) for one in facts.objections] == [("share-with-police", True)]
    assert facts.unread == (unread,)
    assert facts.known.rows == {}, "what is in quarantine is never shared"


def test_what_a_partner_sent_leaves_only_where_its_agreement_lets_it() -> None:
    facts = base(POLICE)
    from_hospital = replace(facts.known.attributes["given_name"][0], agreement="adult-care-acute")
    known = replace(facts.known, attributes={**facts.known.attributes, "given_name": (from_hospital,)})
    open_terms = ACUTE.agreement.onward.model_copy(update={"permitted": Onward.NAMED, "to": ("marches-police",)})
    policy = compile_policy(POLICE.agreement)

    def told(onward: object) -> str:
        facts_now = replace(facts, known=known, onward=onward)  # type: ignore[arg-type]
        decision = policy.decide(policy.request(), facts_now, AT)
        return next(one.clause for one in decision.fields if one.field == "given_name")

    assert told(onward_parties([ACUTE.agreement, POLICE.agreement])) == "onward"
    assert told(onward_parties([ACUTE.agreement.model_copy(update={"onward": open_terms})])) == "items"
    assert told({}) == "onward"
    assert told(None) == "onward"


def test_only_what_the_agreement_takes_in_may_be_brought() -> None:
    inbound = compile_policy(POLICE.agreement).inbound

    assert inbound["incident"] >= {"kind", "detail", "handling", "reference"}
    assert "nhs_number" not in inbound["person"]


def test_a_withheld_decision_makes_no_disclosure() -> None:
    policy = compile_policy(ACUTE.agreement)
    withheld = policy.decide(policy.request(), replace(base(), restricted=True), AT)
    released = policy.decide(policy.request(), base(), AT)

    with pytest.raises(ValueError, match="nothing is disclosed"):
        withheld.disclosure(policy.request(), "1.0", "pseudonym", AT)
    disclosure = released.disclosure(policy.request(), "1.0", "pseudonym", AT)
    assert (disclosure.subject, disclosure.entities, disclosure.masked) == (
        "pseudonym",
        released.entities,
        released.masked,
    )


def test_two_fields_of_one_row_under_different_rules_are_decided_each_by_its_own() -> None:
    changed = {
        ("care_package", "provider"): {"sources": ("crm",)},
        ("care_package", "from_date"): {"roles": (Role("discharge-coordinator"),)},
    }
    items = tuple(
        item.model_copy(update=changed.get((item.entity, item.field), {})) for item in ACUTE.agreement.data_items
    )
    policy = compile_policy(ACUTE.agreement.model_copy(update={"data_items": items}))
    package = {"service": "home-care", "provider": "Test Provider", "from_date": "2026-01-01"}

    decision = policy.decide(policy.request(), with_rows(base(), care_package=(package,)), AT)

    assert decision.entities["care_package"] == ({"service": "home-care"},)
    told = {one.field: one.clause for one in decision.fields if one.entity == "care_package"}
    assert (told["service"], told["provider"], told["from_date"]) == ("items", "sources", "roles")
    assert "care_package.service" in decision.released
    assert "care_package.provider" not in decision.released
