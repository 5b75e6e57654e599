"""What one person's record may tell where no agreement speaks: what nobody overrides, and what a decider may by name."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from wye.agreements.identifiers import WORK, barred
from wye.agreements.law import gateways, prohibitions
from wye.sharing.facts import Facts
from wye.sharing.one_off import OURS, Protection, Terms, Wanted, Weighed, wanted_fields, weigh
from wye.store.consents import HeldConsent
from wye.store.known import Candidate, KnownRow, PersonKnown
from wye.store.pending import PendingProtection
from wye.vocabulary import PartyKind

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY = "2026-11-20"
SECTION_47 = ("Children Act 1989", "s47(1)")
SECTION_251B = ("Health and Social Care Act 2012", "s251B")
SECTION_131 = ("Welfare Reform Act 2012", "s131")


def candidate(value: object, source: str = "frameworki", **known: Any) -> Candidate:
    return Candidate(value, source, UUID(int=1), "c", AT, known.pop("agreement", None), **known)


def row(source: str = "frameworki", agreement: str | None = None, **values: object) -> KnownRow:
    return KnownRow(values, source, UUID(int=2), "c", AT, agreement)


def facts(**known: Any) -> Facts:
    attributes = known.pop("attributes", {"family_name": (candidate("Ashdown"),)})
    rows = known.pop("rows", {"address": (row(kind="home", postcode="QA1 1AA", lines="1 Mill Lane"),)})
    plain = Facts(
        known=PersonKnown(UUID(int=7), attributes, rows), consents=(), objections=(), restricted=False, restricted_against=frozenset(),
        sealed_identity=False, safe_address=False, onward={}, unread=(),
    )  # fmt: skip
    return replace(plain, **known)


def terms(kind: PartyKind = PartyKind.POLICE, law: tuple[str, str] = SECTION_47, *, prescribed: bool = False) -> Terms:
    return Terms("northmere-police", kind, barred(WORK[kind]), gateways()[law], prescribed, prohibitions())


def weighed(held: Facts, *names: str, overrides: tuple[Protection, ...] = (), under: Terms | None = None) -> Weighed:
    wanted = [one for name in names for one in wanted_fields(name)]
    return weigh(held, wanted, under or terms(), frozenset(overrides), TODAY)


def answer(kind: str, scope: str, *, given: bool) -> HeldConsent:
    return HeldConsent(kind, scope, given, None, UUID(int=3), "frameworki")


def test_what_is_wanted_is_told_with_its_system_and_day() -> None:
    found = weighed(facts(), "person.family_name", "address.postcode")

    assert [(one.name, one.value, one.source, one.observed_at) for one in found.facts] == [
        ("person.family_name", "Ashdown", "frameworki", AT),
        ("address.postcode", "QA1 1AA", "frameworki", AT),
    ]
    assert (found.forbidden, found.stands, found.overridden, found.left_out) == ((), (), (), ())


@pytest.mark.parametrize("sealed", [True, None])
def test_sealed_identity_is_forbidden_whatever_is_overridden(*, sealed: bool | None) -> None:
    found = weighed(facts(sealed_identity=sealed), "person.family_name", overrides=tuple(Protection))

    assert "Gender Recognition Act 2004" in found.forbidden[0]
    assert "Adoption" in found.forbidden[0]


PENDING = PendingProtection(UUID(int=4), "crm", "contacts", AT, "quarantined", unread=True, stated=())
STANDING = [
    (Protection.RESTRICTED_RECORD, {"restricted": True}),
    (Protection.RESTRICTED_RECORD, {"restricted": None}),
    (Protection.SAFE_ADDRESS, {"safe_address": True}),
    (Protection.SAFE_ADDRESS, {"safe_address": None}),
    (Protection.UNREAD_PROTECTION, {"unread": (PENDING,)}),
    (Protection.UNREAD_PROTECTION, {"unread": None}),
    (Protection.OBJECTION, {"objections": (answer("objection", "share-with-police", given=True),)}),
    (Protection.OBJECTION, {"objections": None}),
    (Protection.CONSENT, {"consents": (answer("confidentiality", "share-with-police", given=False),)}),
    (Protection.CONSENT, {"consents": None}),
]


@pytest.mark.parametrize(("protection", "known"), STANDING)
def test_protection_stands_until_it_is_overridden_by_its_own_name(
    protection: Protection, known: dict[str, object]
) -> None:
    others = tuple(one for one in Protection if one is not protection)

    without = weighed(facts(**known), "person.family_name", "address.postcode", overrides=others)
    overridden = weighed(facts(**known), "person.family_name", "address.postcode", overrides=(protection,))

    assert [one.protection for one in without.stands] == [protection]
    assert (overridden.stands, overridden.overridden) == ((), (protection,))
    assert len(overridden.facts) == 2


def test_answer_about_another_kind_of_body_does_not_stand() -> None:
    health = answer("objection", "share-with-health", given=True)
    refused = answer("confidentiality", "share-with-health", given=False)

    assert weighed(facts(objections=(health,), consents=(refused,)), "person.family_name").stands == ()


def test_safe_address_stands_only_where_fields_locate() -> None:
    assert weighed(facts(safe_address=True), "person.family_name").stands == ()
    assert [one.protection for one in weighed(facts(safe_address=True), "contact_point").stands] == ["safe-address"]


def test_exception_of_the_power_itself_is_not_overridden() -> None:
    under = terms(PartyKind.NHS_BODY, SECTION_251B)
    objects = facts(objections=(answer("objection", "share-with-health", given=True),))

    found = weighed(objects, "person.family_name", under=under, overrides=tuple(Protection))

    assert "falls away" in found.forbidden[0]
    assert weighed(facts(), "person.family_name", under=under).forbidden == ()


def test_value_of_benefits_is_never_told_and_the_next_best_is() -> None:
    held = facts(attributes={"family_name": (candidate("Benefit-Name", "civica_revenues"), candidate("Ashdown"))})

    found = weighed(held, "person.family_name", overrides=tuple(Protection))

    assert [one.value for one in found.facts] == ["Ashdown"]


def test_value_that_only_benefits_holds_is_as_if_nobody_held_it() -> None:
    only = facts(
        attributes={"family_name": (candidate("Benefit-Name", "civica_revenues"),)},
        rows={"address": (row("civica_revenues", postcode="QA9 9AA"),)},
    )
    nobody = facts(attributes={}, rows={})

    barred_source = weighed(only, "person.family_name", "address.postcode")

    assert barred_source.facts == ()
    assert barred_source.left_out == weighed(nobody, "person.family_name", "address.postcode").left_out


def test_prescribed_purpose_opens_what_benefits_hold_and_its_power_alone_does_not() -> None:
    held = facts(attributes={"family_name": (candidate("Benefit-Name", "civica_revenues"),)})
    with_purpose = terms(PartyKind.COUNCIL, SECTION_131, prescribed=True)
    without = terms(PartyKind.COUNCIL, SECTION_131)

    assert [one.value for one in weighed(held, "person.family_name", under=with_purpose).facts] == ["Benefit-Name"]
    assert weighed(held, "person.family_name", under=without).facts == ()


def test_identifier_goes_to_nobody_who_may_not_use_it() -> None:
    held = facts(attributes={"nhs_number": (candidate("9990000018"),)})

    police = weighed(held, "person.nhs_number", overrides=tuple(Protection))
    hospital = weighed(held, "person.nhs_number", under=terms(PartyKind.NHS_BODY))

    assert police.facts == ()
    assert police.left_out == (("person.nhs_number", "`northmere-police` may not use this identifier"),)
    assert [one.value for one in hospital.facts] == ["9990000018"]


@pytest.mark.parametrize(
    ("protection", "known"),
    [
        (Protection.ONWARD, {"source": "police", "agreement": "safeguarding-police"}),
        (Protection.DOUBTED, {"doubt": "sources contest it"}),
    ],
)
def test_value_that_something_is_against_is_left_out_until_overridden_by_name(
    protection: Protection, known: dict[str, Any]
) -> None:
    held = facts(attributes={"family_name": (candidate("Heard-Of", **known),)})

    left_out = weighed(held, "person.family_name")
    told = weighed(held, "person.family_name", overrides=(protection,))

    assert (left_out.facts, left_out.left_out) == ((), (("person.family_name", f"held back by {protection}"),))
    assert ([one.value for one in told.facts], told.overridden) == (["Heard-Of"], (protection,))


def test_onward_terms_that_name_the_recipient_let_a_value_pass() -> None:
    held = facts(
        attributes={"family_name": (candidate("Heard-Of", "police", agreement="safeguarding-police"),)},
        onward={"safeguarding-police": frozenset({"northmere-police"})},
    )

    assert [one.value for one in weighed(held, "person.family_name").facts] == ["Heard-Of"]


def test_row_that_has_ended_is_left_out() -> None:
    held = facts(rows={"address": (row(postcode="QA1 1AA", to_date="2020-01-01"), row(postcode="QA2 2AA"))})

    assert [one.value for one in weighed(held, "address.postcode").facts] == ["QA2 2AA"]


def test_whole_entity_leaves_out_free_text_and_our_own_ties() -> None:
    named = {one.name for one in wanted_fields("referral")} | {one.name for one in wanted_fields("relationship")}

    assert "referral.kind" in named
    assert "referral.detail" not in named
    assert not {one.rpartition(".")[2] for one in named} & OURS
    assert wanted_fields("referral.detail") == [Wanted("referral", "detail", chosen=True)]
    assert wanted_fields("relationship.other") == []
    assert wanted_fields("persons") == []
