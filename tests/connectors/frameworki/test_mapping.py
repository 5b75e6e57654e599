"""Map Mosaic's rows: what each becomes, what is refused, and what a refusal never says."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.frameworki import Frameworki
from connectors.frameworki.tables import TABLES
from wye.ports import BadInput, SourceRow, record_id
from wye.quality.contract import load_contract

MOSAIC = Frameworki({})
PERSON = record_id("frameworki", "persons", "7")
GOOD: dict[str, dict[str, object]] = {
    "persons": {"PERSON_ID": 7, "FIRST_NAME": "Ash", "LAST_NAME": "Hollowell", "GENDER": "F"},
    "addresses": {"PERSON_ID": "7", "ADDRESS": "1 Invented Row", "ADDRESS_TYPE": "HOME"},
    "telephones": {"PERSON_ID": "7", "TELEPHONE_NUMBER": "07700 900123", "TELEPHONE_NUMBER_TYPE": "Mobile"},
    "relationships": {"PERSON_ID": 7, "OTHER_PERSON_ID": 8, "FAMILY_CATEGORY": "MOTHER"},
    "involvements": {"PERSON_ID": 7, "PROF_REL_TYPE_CODE": "ALLOCATED_SW", "PERSON_CONTEXT_FLAG": "A"},
    "groups": {"PERSON_ID": 7, "FULL_GROUP_TYPE": "SAFE_ADDRESS"},
    "referrals": {"PERSON_ID": 7, "REFERRAL_TYPE": "S42", "REASON": "SELF_NEGLECT"},
    "answers": {"SUBJECT_PERSON_ID": 7, "QUESTION_USER_CODE": "CONSENT_SHARE_HEALTH", "TEXT_ANSWER": "Yes"},
    "packages": {"PERSON_ID": 7, "PACKAGE_ID": 40001, "SERVICE_TYPE": "HOME_CARE", "WEEKLY_COST": "240.10"},
}


def mapped(stream: str, **changed: object) -> list[dict[str, object]]:
    row = SourceRow("7", GOOD[stream] | changed, datetime(2026, 3, 1, tzinfo=UTC))
    return [{"entity": record.entity} | record.model_dump(exclude_none=True) for record in MOSAIC.map(stream, row)]


@pytest.mark.parametrize("stream", MOSAIC.streams())
def test_good_row_maps_to_records_about_its_person(stream):
    records = mapped(stream)

    assert records
    assert {record["subject"] for record in records} == {PERSON}


def test_person_maps_whole():
    records = mapped(
        "persons",
        FIRST_NAME=" Ash  Bryn Cai",
        TITLE="Mx",
        DATE_OF_BIRTH="1980-05-01T00:00:00",
        DATE_OF_DEATH="2026-01-31T00:00:00",
        GENDER="f",
        FULL_ETHNICITY_CODE="WBRI",
        FIRST_LANGUAGE="Welsh",
        INTERPRETER_REQUIRED="Y",
        NHS_ID="123456789",
        UPN_ID="A000000000000",
        RESTRICTED="Y",
        EMAIL_ADDRESS=" Ash@Example.org ",
    )

    assert records == [
        {
            "entity": "person",
            "subject": PERSON,
            "family_name": "Hollowell",
            "given_name": "Ash",
            "middle_names": "Bryn Cai",
            "title": "Mx",
            "birth_date": date(1980, 5, 1),
            "death_date": date(2026, 1, 31),
            "sex": "F",
            "ethnicity": "WBRI",
            "first_language": "Welsh",
            "interpreter_needed": True,
            "nhs_number": "0123456789",
            "upn": "A000000000000",
            "case_number": "7",
        },
        {"entity": "flag", "subject": PERSON, "kind": "restricted-record"},
        {"entity": "contact_point", "subject": PERSON, "kind": "email", "value": "ash@example.org"},
    ]


@pytest.mark.parametrize(("held", "flags"), [("Y", 1), ("y", 1), ("N", 0), (None, 0), (" ", 0)])
def test_restriction_is_flagged_only_where_it_stands(held, flags):
    assert [record["entity"] for record in mapped("persons", RESTRICTED=held)].count("flag") == flags


def test_restriction_that_cannot_be_read_is_refused():
    with pytest.raises(BadInput, match="`RESTRICTED`"):
        mapped("persons", RESTRICTED="?")


@pytest.mark.parametrize(("held", "right"), [("ab12cd", "AB1 2CD"), ("AB1  2CD ", "AB1 2CD"), ("sw1a1aa", "SW1A 1AA")])
def test_postcode_gets_capitals_and_one_space(held, right):
    assert mapped("addresses", POST_CODE=held)[0]["postcode"] == right


def test_unique_id_is_the_uprn():
    assert mapped("addresses", UNIQUE_ID="10090000001")[0]["uprn"] == "10090000001"


@pytest.mark.parametrize(
    ("held", "value", "kind"),
    [
        ("07700 900123", "+447700900123", "mobile"),
        ("+44 (0)7700 900123", "+447700900123", "mobile"),
        ("00447700900123", "+447700900123", "mobile"),
        ("(01632) 960 123", "+441632960123", "phone"),
        ("07012 345678", "+447012345678", "phone"),
        ("+33 6 12 34 56 78", "+33612345678", "phone"),
    ],
)
def test_telephone_is_written_as_e164(held, value, kind):
    (record,) = mapped("telephones", TELEPHONE_NUMBER=held)

    assert (record["value"], record["kind"]) == (value, kind)


@pytest.mark.parametrize("held", ["", None, "none", "123456", "077009001234", "ask mum"])
def test_telephone_that_nobody_can_dial_is_refused_by_its_column(held):
    with pytest.raises(BadInput, match="`TELEPHONE_NUMBER`"):
        mapped("telephones", TELEPHONE_NUMBER=held)


@pytest.mark.parametrize(
    ("held", "kind"),
    [("MOTHER", "mother"), ("CHILD", "child"), ("DUPLICATE", "duplicate"), ("Sibling", "sibling")],
)
def test_relationship_says_what_the_other_is_to_the_person(held, kind):
    (record,) = mapped("relationships", FAMILY_CATEGORY=held)

    assert (record["kind"], record["other"]) == (kind, record_id("frameworki", "persons", "8"))


def test_tie_of_a_person_to_themselves_is_refused():
    with pytest.raises(BadInput, match="same person"):
        mapped("relationships", OTHER_PERSON_ID="7")


@pytest.mark.parametrize(
    ("code", "flag", "service"),
    [
        ("ALLOCATED_SW", "A", "adult-social-care"),
        ("OT", "C", "childrens-social-care"),
        ("REL.PERSONALADVISOR", "A", "childrens-social-care"),
    ],
)
def test_involvement_is_of_the_service_that_holds_the_record(code, flag, service):
    assert mapped("involvements", PROF_REL_TYPE_CODE=code, PERSON_CONTEXT_FLAG=flag)[0]["service"] == service


@pytest.mark.parametrize("flag", ["B", None, "?"])
def test_involvement_of_no_one_service_is_refused(flag):
    with pytest.raises(BadInput, match="`PERSON_CONTEXT_FLAG`"):
        mapped("involvements", PERSON_CONTEXT_FLAG=flag)


@pytest.mark.parametrize(
    ("group", "entity", "word"),
    [
        ("ADULT_SOCIAL_CARE", "involvement", "adult-social-care"),
        ("CHILDRENS_SOCIAL_CARE", "involvement", "childrens-social-care"),
        ("SAFE_ADDRESS", "flag", "safe-address"),
        ("FORMER_IDENTITY_SEALED", "flag", "former-identity-sealed"),
        ("RISK_TO_STAFF", "flag", "risk-to-staff"),
    ],
)
def test_group_is_a_service_or_a_warning(group, entity, word):
    (record,) = mapped("groups", FULL_GROUP_TYPE=group)

    assert (record["entity"], record.get("kind") or record.get("service")) == (entity, word)


def test_group_that_is_not_known_is_refused_since_it_may_be_a_warning():
    with pytest.raises(BadInput, match="`FULL_GROUP_TYPE`"):
        mapped("groups", FULL_GROUP_TYPE="MAPPA")


@pytest.mark.parametrize(
    ("nfa", "closure", "status", "closed_on"),
    [
        (None, None, "open", None),
        (None, "2026-02-02", "closed", date(2026, 2, 2)),
        ("2026-02-01", None, "no-further-action", date(2026, 2, 1)),
        ("2026-02-01", "2026-02-02", "no-further-action", date(2026, 2, 2)),
    ],
)
def test_referral_has_one_status(nfa, closure, status, closed_on):
    (record,) = mapped("referrals", NFA_DATE=nfa, CLOSURE_DATE=closure)

    assert (record["status"], record.get("closed_on")) == (status, closed_on)


@pytest.mark.parametrize(
    ("held", "kind", "reason"), [("CIN", "safeguarding-child", "self-neglect"), ("CARE", "care", "self-neglect")]
)
def test_referral_kind_follows_its_type(held, kind, reason):
    (record,) = mapped("referrals", REFERRAL_TYPE=held)

    assert (record["kind"], record["reason"]) == (kind, reason)


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("CONSENT_SHARE_HEALTH", "Yes", ("confidentiality", "share-with-health", True)),
        ("CONSENT_SHARE_HEALTH", "No", ("confidentiality", "share-with-health", False)),
        ("OBJECT_SHARE_HEALTH", "Yes", ("objection", "share-with-health", True)),
        ("OBJECT_SHARE_HEALTH", "No", ("objection", "share-with-health", False)),
        ("CONSENT_SHARE_POLICE", "Yes", ("confidentiality", "share-with-police", True)),
    ],
)
def test_answer_is_a_consent_or_an_objection(question, answer, expected):
    (record,) = mapped("answers", QUESTION_USER_CODE=question, TEXT_ANSWER=answer, WORKFLOW_STEP_ID=5000)

    assert (record["kind"], record["scope"], record["given"]) == expected
    assert record["evidence"] == "form of workflow step 5000"


@pytest.mark.parametrize("answer", ["", None, "maybe", "Y"])
def test_answer_that_is_neither_yes_nor_no_is_refused(answer):
    with pytest.raises(BadInput, match="`TEXT_ANSWER`"):
        mapped("answers", TEXT_ANSWER=answer)


@settings(deadline=None)  # the first example loads libraries
@given(pence=st.integers(0, 99_999_999))
def test_weekly_cost_comes_back_to_the_penny(pence):
    (record,) = mapped("packages", WEEKLY_COST=f"{pence // 100}.{pence % 100:02d}")

    assert record["weekly_cost_pence"] == pence


@pytest.mark.parametrize("held", ["0.005", "NaN", "Infinity", "ten"])
def test_weekly_cost_that_is_no_sum_of_money_is_refused(held):
    with pytest.raises(BadInput, match="`WEEKLY_COST`"):
        mapped("packages", WEEKLY_COST=held)


@settings(deadline=None)  # the first example loads libraries
@given(number=st.integers(0, 9_999_999_999))
def test_nhs_number_comes_back_from_a_number_column(number):
    assert mapped("persons", NHS_ID=str(number))[0]["nhs_number"] == f"{number:010d}"


@settings(deadline=None)  # the first example loads libraries
@given(day=st.dates())
def test_day_comes_back_from_midnight(day):
    assert mapped("persons", DATE_OF_BIRTH=f"{day.isoformat()}T00:00:00")[0]["birth_date"] == day


CONTRACT = load_contract(MOSAIC.contract, "frameworki")
ANYTHING = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def refused(stream: str, changed: dict[str, object]) -> BadInput | None:
    try:
        mapped(stream, **changed)
    except BadInput as refusal:
        return refusal
    return None


@settings(deadline=None)  # the first example loads libraries
@given(data=st.data(), stream=st.sampled_from(MOSAIC.streams()))
def test_any_row_maps_or_is_refused_without_telling_a_value(data, stream):
    marker = "Zyx98765"
    column = data.draw(st.sampled_from(sorted(CONTRACT.streams[stream].columns)))
    held = data.draw(ANYTHING | st.just(marker))

    refusal = refused(stream, {column: held})

    assert refusal is None or (f"`{column}`" in str(refusal) and marker not in str(refusal))
    assert refusal is None or refusal.__cause__ is None


class Watched(Mapping[str, object]):
    """A row that remembers which columns were asked for."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values_held, self.asked = values, set[str]()

    def __getitem__(self, column: str) -> object:
        self.asked.add(column)
        return self.values_held[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_held)

    def __len__(self) -> int:
        return len(self.values_held)


@pytest.mark.parametrize("stream", MOSAIC.streams())
def test_reading_insists_on_every_column_that_the_mapping_reads(stream):
    table = TABLES[stream]
    watched = Watched(GOOD[stream])

    list(MOSAIC.map(stream, SourceRow("7", watched, datetime(2026, 3, 1, tzinfo=UTC))))

    assert watched.asked <= {table.key.upper(), *table.needed}
