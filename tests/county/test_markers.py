"""Marker people: strings that occur where they were planted and nowhere else."""

import json
import re
from collections.abc import Mapping

from made_county import CIVICA, MadeCounty

from wye.county.systems.agresso import PAYMENTS

SYSTEM_FOLDERS = {
    "frameworki": "frameworki",
    "crm": "crm",
    "civica_revenues": CIVICA,
    "nhs_fhir": "hospital",
    "police": "police",
}


def markers(county: MadeCounty) -> list[dict[str, str]]:
    found = json.loads((county.folder / "truth/markers.json").read_bytes())
    people: list[dict[str, str]] = found["people"]
    return people


def text_of(county: MadeCounty, folder: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((county.folder / folder).iterdir())).casefold()


def test_each_system_holds_at_least_three_marker_people(county: MadeCounty):
    for system, folder in SYSTEM_FOLDERS.items():
        text = text_of(county, folder)
        held = {person["family_name"] for person in markers(county) if person["family_name"].casefold() in text}
        assert held == {person["family_name"] for person in markers(county) if system in person["systems"]}
        assert len(held) >= 3


def test_agresso_pays_for_at_least_three_marker_packages(county: MadeCounty):
    truth = county.truth()
    marked = {person["person"] for person in markers(county)}
    packages = {
        str(row["PACKAGE_ID"])
        for row in county.json_lines("frameworki/DM_CARE_PACKAGES.jsonl")
        if truth["frameworki", "persons", str(row["PERSON_ID"])] in marked
    }

    assert len(packages & {row["ext_inv_ref"] for row in county.csv_rows(PAYMENTS)}) >= 3


def test_marker_values_are_in_no_row_about_anybody_else(county: MadeCounty):
    truth = county.truth()
    marked = {person["person"] for person in markers(county)}
    values = [value.casefold() for value in json.loads((county.folder / "truth/markers.json").read_bytes())["values"]]
    pattern = re.compile("|".join(map(re.escape, values)))

    def others(system: str, stream: str, key: str) -> bool:
        return truth[system, stream, key] not in marked

    rows: list[tuple[bool, Mapping[str, object]]] = [
        *((others("frameworki", "persons", str(row["PERSON_ID"])), row) for row in county.json_lines("frameworki/DM_PERSONS.jsonl")),
        *((others("frameworki", "persons", str(row["PERSON_ID"])), row) for row in county.json_lines("frameworki/DM_ADDRESSES.jsonl")),
        *((others("crm", "contacts", str(row["contactid"])), row) for row in county.json_lines("crm/contacts.jsonl")),
        *((others("nhs_fhir", "admissions", str(row["id"])), row) for row in county.json_lines("hospital/admissions.jsonl")),
        *((others("police", "notices", str(row["id"])), row) for row in county.json_lines("police/notices.jsonl")),
        *((others(CIVICA, "accounts", row["account_ref"]), row) for row in county.csv_rows(f"{CIVICA}/ctaccount.csv")),
    ]  # fmt: skip
    assert all(bool(pattern.search(json.dumps(row, ensure_ascii=False).casefold())) != other for other, row in rows)


def test_stories_are_told_by_the_data(county: MadeCounty):
    persons = {str(row["LAST_NAME"]): row for row in county.json_lines("frameworki/DM_PERSONS.jsonl")}
    answers = county.json_lines("frameworki/DM_CACHED_FORM_ANSWERS.jsonl")
    groups = county.json_lines("frameworki/DM_SERVICE_USER_GROUPS.jsonl")
    family = {person["story"]: person["family_name"] for person in markers(county)}

    def said(story: str, question: str) -> list[object]:
        person = persons[family[story]]["PERSON_ID"]
        return [
            row["TEXT_ANSWER"]
            for row in answers
            if row["SUBJECT_PERSON_ID"] == person and row["QUESTION_USER_CODE"] == question
        ]

    assert said("releasable", "CONSENT_SHARE_HEALTH") == ["Yes"]
    assert said("objecting", "OBJECT_SHARE_HEALTH") == ["Yes"]
    assert persons[family["releasable"]]["RESTRICTED"] == "N"
    assert persons[family["restricted"]]["RESTRICTED"] == "Y"
    assert persons[family["quarantined"]]["DATE_OF_BIRTH"] == "2199-01-01"
    assert any(
        row["PERSON_ID"] == persons[family["releasable"]]["PERSON_ID"]
        and (row["FULL_GROUP_TYPE"], row["END_DATE"]) == ("ADULT_SOCIAL_CARE", None)
        for row in groups
    )
    contacts = [row for row in county.json_lines("crm/contacts.jsonl") if row["lastname"] == family["quarantined"]]
    assert [str(row["firstname"])[-1] for row in contacts] == ["\0", "\ud83d"]
    accounts = [row["lead_liab_forename"] for row in county.csv_rows(f"{CIVICA}/ctaccount.csv")]
    assert any(forename == "FYODRELLE\0" for forename in accounts)
    assert family["not in care"] not in persons
