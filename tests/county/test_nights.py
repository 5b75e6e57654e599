"""A night: about the share of records changes, later stamps mark it, and everything still fits together."""

import json
from pathlib import Path

import pytest
from made_county import CIVICA, MadeCounty, make_county

from wye.county import change
from wye.errors import UsageError


@pytest.fixture
def before(tmp_path: Path) -> MadeCounty:
    return make_county(tmp_path / "county", 1_500, 5)


def by_key(county: MadeCounty, name: str, column: str) -> dict[object, dict[str, object]]:
    return {row[column]: row for row in county.json_lines(name)}


def test_night_updates_removes_and_adds_what_it_says(before: MadeCounty):
    old = by_key(before, "frameworki/DM_PERSONS.jsonl", "PERSON_ID")

    counts = change(before.folder, 5, share=0.1)

    new = by_key(before, "frameworki/DM_PERSONS.jsonl", "PERSON_ID")
    found = counts["frameworki/DM_PERSONS.jsonl"]
    changed = [key for key in old.keys() & new.keys() if old[key] != new[key]]
    assert len(changed) == found.updated > 0
    assert len(old.keys() - new.keys()) == found.deleted > 0
    assert len(new.keys() - old.keys()) == found.added > 0
    assert all(str(new[key]["LAST_UPDATED"]).startswith("2026-11-02") for key in changed)
    assert 0.05 < found.updated / len(old) < 0.16
    written = json.loads((before.folder / "changes.json").read_bytes())
    assert written["frameworki/DM_PERSONS.jsonl"] == {
        "updated": found.updated,
        "deleted": found.deleted,
        "added": found.added,
    }


def test_night_gives_changed_contacts_a_later_version(before: MadeCounty):
    old = by_key(before, "crm/contacts.jsonl", "contactid")
    highest = max(int(str(row["versionnumber"])) for row in old.values())

    change(before.folder, 5, share=0.1)

    new = by_key(before, "crm/contacts.jsonl", "contactid")
    changed = [row for key, row in new.items() if old.get(key) != row]
    assert changed
    assert all(int(str(row["versionnumber"])) > highest for row in changed)
    masters = {row["_masterid_value"] for row in new.values() if row["merged"]}
    assert masters <= new.keys()


def test_night_leaves_no_orphans_and_no_clash_of_numbers(before: MadeCounty):
    change(before.folder, 5, share=0.2)
    change(before.folder, 5, share=0.2)

    people = [row["PERSON_ID"] for row in before.json_lines("frameworki/DM_PERSONS.jsonl")]
    assert len(set(people)) == len(people)
    for table, column in (
        ("DM_ADDRESSES", "PERSON_ID"),
        ("DM_PERSONAL_RELATIONSHIPS", "OTHER_PERSON_ID"),
        ("DM_CACHED_FORM_ANSWERS", "SUBJECT_PERSON_ID"),
    ):
        assert {row[column] for row in before.json_lines(f"frameworki/{table}.jsonl")} <= set(people)
    bearing = (
        *(("frameworki", "persons", str(person)) for person in people),
        *(("crm", "contacts", str(row["contactid"])) for row in before.json_lines("crm/contacts.jsonl")),
        *((CIVICA, "accounts", row["account_ref"]) for row in before.csv_rows(f"{CIVICA}/ctaccount.csv")),
        *((CIVICA, "members", f"{row['claim_id']}|{row['house_id']}|{row['member_id']}") for row in before.csv_rows(f"{CIVICA}/hbmember.csv")),
        *(("nhs_fhir", "admissions", str(row["id"])) for row in before.json_lines("hospital/admissions.jsonl")),
        *(("police", "notices", str(row["id"])) for row in before.json_lines("police/notices.jsonl")),
    )  # fmt: skip
    assert sorted(bearing) == sorted(before.truth())
    properties = [row["property_ref"] for row in before.csv_rows(f"{CIVICA}/ctproperty.csv")]
    assert len(set(properties)) == len(properties)
    assert {row["property_ref"] for row in before.csv_rows(f"{CIVICA}/ctoccupation.csv")} <= set(properties)
    numbers = [row["nhs"] for row in before.csv_rows("truth/residents.csv")]
    assert len(set(numbers)) == len(numbers)


def test_night_spares_the_marker_people(before: MadeCounty):
    def marked() -> list[dict[str, object]]:
        return [row for row in before.json_lines("frameworki/DM_PERSONS.jsonl") if row["LAST_NAME"] == "Zzyvaquist"]

    old = marked()

    change(before.folder, 5, share=1.0)

    assert len(old) == 1
    assert marked() == old


def test_night_with_the_same_seed_gives_the_same_bytes(before: MadeCounty, tmp_path: Path):
    again = make_county(tmp_path / "again", 1_500, 5)

    change(before.folder, 9)
    change(again.folder, 9)

    for name in (*before.summary.rows, "changes.json", "truth/county.json"):
        assert (before.folder / name).read_bytes() == (again.folder / name).read_bytes(), name


@pytest.mark.parametrize("share", [0, -0.1, 1.1])
def test_night_of_an_impossible_share_is_refused(before: MadeCounty, share: float):
    with pytest.raises(UsageError, match=str(share)):
        change(before.folder, 5, share)


def test_night_without_a_county_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="holds no county"):
        change(tmp_path, 5)
