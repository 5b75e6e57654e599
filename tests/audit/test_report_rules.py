"""Which exemptions may apply to telling what, which of them one may stand on, and what a decision needs. No database."""

from datetime import date
from uuid import UUID

import pytest
from audit_log import AT
from reporting import told, withheld

from wye.errors import UsageError
from wye.road.report.draft_body import NOT_RECORDED, Draft, Line, Sent, read, write
from wye.road.report.exemptions import RULES, marks
from wye.road.report.exemptions.law import LAW, known
from wye.road.report.exemptions.rule import Told
from wye.road.report.verdict import check, months_before
from wye.road.report.verdict import read as read_verdict
from wye.road.report.verdict import write as write_verdict
from wye.vocabulary import Exemption, LawStatus, PartyKind

HARM, OTHERS, CRIME, HEALTH, SOCIAL, BAR = (
    Exemption.SERIOUS_HARM,
    Exemption.THIRD_PARTIES,
    Exemption.CRIME_AND_TAX,
    Exemption.HEALTH,
    Exemption.SOCIAL_WORK,
    Exemption.STATUTORY_BAR,
)
OURS: frozenset[PartyKind | None] = frozenset({None})
DAY = date(2026, 12, 31)
CASES = {
    "plain": (Told("person.family_name", PartyKind.NHS_BODY, OURS, frozenset()), ()),
    "an address tells who knows the door": (Told("address.town", PartyKind.NHS_BODY, OURS, frozenset()), (HARM,)),
    "a telephone number too": (Told("contact_point.value", PartyKind.NHS_BODY, OURS, frozenset()), (HARM,)),
    "a flag is a protection": (Told("flag.kind", PartyKind.NHS_BODY, OURS, frozenset()), (HARM,)),
    "a protection stopped something": (
        Told("person.sex", PartyKind.NHS_BODY, OURS, frozenset({"safe-address"})),
        (HARM,),
    ),
    "a restricted record": (Told("person.sex", PartyKind.NHS_BODY, OURS, frozenset({"restricted-record"})), (HARM,)),
    "another clause protects nobody": (Told("person.sex", PartyKind.NHS_BODY, OURS, frozenset({"consent"})), ()),
    "a sealed identity": (Told("person.sex", PartyKind.NHS_BODY, OURS, frozenset({"prohibited"})), (BAR,)),
    "a relation": (Told("relationship.kind", PartyKind.NHS_BODY, OURS, frozenset()), (OTHERS,)),
    "a household": (Told("liability.role", PartyKind.NHS_BODY, OURS, frozenset()), (OTHERS,)),
    "an account is no household": (Told("liability.account", PartyKind.NHS_BODY, OURS, frozenset()), ()),
    "free text": (Told("contact_event.topic", PartyKind.NHS_BODY, OURS, frozenset()), (OTHERS,)),
    "to the police": (Told("person.sex", PartyKind.POLICE, OURS, frozenset()), (CRIME,)),
    "perhaps from the police": (
        Told("person.sex", PartyKind.NHS_BODY, frozenset({None, PartyKind.POLICE}), frozenset()),
        (CRIME,),
    ),
    "an incident": (Told("incident.kind", PartyKind.NHS_BODY, OURS, frozenset()), (CRIME,)),
    "to nobody knows whom": (Told("person.sex", None, OURS, frozenset()), (CRIME,)),
    "from nobody knows where": (Told("person.sex", PartyKind.NHS_BODY, None, frozenset()), (CRIME,)),
    "a hospital stay": (Told("encounter.ward", PartyKind.NHS_BODY, OURS, frozenset()), (HEALTH,)),
    "words about a stay": (Told("encounter.reason", PartyKind.NHS_BODY, OURS, frozenset()), (OTHERS, HEALTH)),
    "a referral's day": (Told("referral.received_on", PartyKind.NHS_BODY, OURS, frozenset()), (SOCIAL,)),
    "a care package": (Told("care_package.service", PartyKind.NHS_BODY, OURS, frozenset()), (HEALTH, SOCIAL)),
    "a field no longer in the model": (
        Told("person.shoe_size", PartyKind.NHS_BODY, OURS, frozenset()),
        (HARM, OTHERS, CRIME, HEALTH, SOCIAL),
    ),
    "fields that were not recorded": (
        Told(NOT_RECORDED, PartyKind.NHS_BODY, OURS, frozenset()),
        (HARM, OTHERS, CRIME, HEALTH, SOCIAL),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_marks_are_the_exemptions_that_may_apply(case: str) -> None:
    asked, expected = CASES[case]

    assert marks(asked) == expected


def test_each_rule_marks_something_and_leaves_something_unmarked() -> None:
    for rule in RULES:
        found = {rule.may_apply(asked) for asked, _ in CASES.values()}
        assert found == {True, False}, rule.exemption


def test_every_exemption_has_its_law_and_every_mark_may_be_stood_on() -> None:
    assert set(LAW) == set(Exemption)
    assert all(row.law.startswith("Data Protection Act 2018 ") for row in LAW.values())
    assert all(known(rule.exemption.value) is rule.exemption for rule in RULES)


def test_exemption_that_is_unconfirmed_or_not_there_is_refused() -> None:
    assert [each for each, row in LAW.items() if row.status is LawStatus.UNCONFIRMED] == [Exemption.LAW_ENFORCEMENT]
    with pytest.raises(UsageError, match=r"`law-enforcement` .* section 45\(4\)\) is unconfirmed and switched off"):
        known("law-enforcement")
    with pytest.raises(UsageError, match="no exemption `because`; there are: serious-harm, "):
        known("because")


def line(*marked: Exemption) -> Line:
    return Line(
        1,
        "marches-police",
        "safeguarding-police",
        "1.0",
        "safeguarding",
        marked,
        (Sent(UUID(int=1), AT, UUID(int=2), ("person.sex",)),),
    )


def test_withholding_needs_a_law_and_releasing_none() -> None:
    check(withheld(1), line(CRIME), DAY)
    check(told(1), line(CRIME), DAY)
    with pytest.raises(UsageError, match="to withhold needs `--exemption`"):
        check(told(1, word="withhold"), line(CRIME), DAY)
    with pytest.raises(UsageError, match="is for withholding"):
        check(told(1, exemption=CRIME), line(CRIME), DAY)
    with pytest.raises(UsageError, match="a decision needs a reason"):
        check(told(1, reason="  "), line(CRIME), DAY)


@pytest.mark.parametrize(
    ("said", "marked"),
    [(told(1), (HEALTH,)), (withheld(1, HEALTH), (HEALTH,)), (withheld(1, HARM), (HEALTH,)), (withheld(1, HEALTH), ())],
)
def test_health_data_owes_an_opinion_of_the_last_six_months_either_way(
    said: object, marked: tuple[Exemption, ...]
) -> None:
    def owing(**known: object) -> None:
        base = told(1) if said == told(1) else said
        check(type(base)(**{name: getattr(base, name) for name in base.__slots__} | known), line(*marked), DAY)

    with pytest.raises(UsageError, match="owes a health professional's opinion"):
        owing()
    with pytest.raises(UsageError, match="owes a health professional's opinion"):
        owing(opinion="file 12")
    with pytest.raises(UsageError, match="is not of the last six months"):
        owing(opinion="file 12", opinion_on=date(2026, 6, 29))
    with pytest.raises(UsageError, match="is not of the last six months"):
        owing(opinion="file 12", opinion_on=date(2027, 1, 1))
    owing(opinion="file 12", opinion_on=date(2026, 6, 30))


def test_opinion_is_not_owed_on_what_is_known_withheld_on_other_grounds_or_no_health_data() -> None:
    check(told(1, known_already=True), line(HEALTH), DAY)
    check(withheld(1, CRIME), line(HEALTH), DAY)
    check(withheld(1, HARM), line(SOCIAL), DAY)
    with pytest.raises(UsageError, match="owes"):
        check(told(1, word="withhold", exemption=HEALTH, known_already=True), line(HEALTH), DAY)


def test_months_go_back_to_the_last_day_of_a_shorter_month() -> None:
    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2026, 12, 15), 6) == date(2026, 6, 15)
    assert months_before(date(2026, 6, 30), 6) == date(2025, 12, 30)


def test_draft_and_verdict_are_read_as_they_were_written() -> None:
    drafted = Draft(UUID(int=3), (UUID(int=4),), "SAR-2026-17", (line(CRIME, HEALTH),), 1, 2)
    said = told(1, opinion="file 12", opinion_on=DAY)

    assert read(write(drafted)) == drafted
    assert read_verdict(write_verdict(said)) == said
    assert read_verdict(write_verdict(withheld(2))) == withheld(2)
