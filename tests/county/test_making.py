"""The county: same seed, same bytes; layouts as the vendors' own; households that hang together."""

import hashlib
import os
import subprocess
import sys
import tracemalloc
from datetime import date
from pathlib import Path

import pytest
from made_county import CIVICA, MadeCounty, make_county
from stdnum.gb import nhs

from wye.county import make
from wye.county.identifiers import CAPACITY, mobile, nhs_number, nino
from wye.county.places import localities, place
from wye.errors import UsageError

TODAY = date(2026, 11, 1)


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_make_with_the_same_seed_in_other_processes_gives_the_same_bytes(tmp_path: Path):
    program = "import sys, pathlib, wye.county as c; c.make(pathlib.Path(sys.argv[1]), 300, 11)"
    for name, hash_seed in (("one", "1"), ("two", "2")):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo" if name == "two" else "UTC"}
        subprocess.run([sys.executable, "-c", program, str(tmp_path / name)], check=True, env=environment)

    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    assert len(digest(tmp_path / "one")) == 28


def test_make_with_another_seed_gives_other_people(tmp_path: Path):
    one, two = make_county(tmp_path / "one", 200, 1), make_county(tmp_path / "two", 200, 2)

    assert digest(one.folder)["truth/residents.csv"] != digest(two.folder)["truth/residents.csv"]


def test_make_twice_into_one_folder_leaves_nothing_of_the_first(tmp_path: Path):
    make(tmp_path / "again", 400, 1)
    make(tmp_path / "again", 200, 2)
    make(tmp_path / "once", 200, 2)

    assert digest(tmp_path / "again") == digest(tmp_path / "once")


@pytest.mark.parametrize("people", [0, -1, CAPACITY])
def test_make_of_an_impossible_size_is_refused(tmp_path: Path, people: int):
    with pytest.raises(UsageError, match=f"`{people}`"):
        make(tmp_path, people, 1)


def test_make_of_one_person_gives_every_file(tmp_path: Path):
    county = make_county(tmp_path, 1, 1)

    assert county.summary.people == 7
    assert all((tmp_path / name).exists() for name in county.summary.rows)


def test_memory_does_not_grow_with_people(tmp_path: Path):
    def peak(people: int) -> int:
        tracemalloc.start()
        make(tmp_path / str(people), people, 1)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(600)  # warms the caches, which are bounded

    assert peak(600) - peak(100) < 150_000, "five hundred people left more than 300 bytes each"


def test_summary_counts_the_rows_of_every_file(county: MadeCounty):
    for name, rows in county.summary.rows.items():
        found = county.csv_rows(name) if name.endswith(".csv") else county.json_lines(name)
        assert len(found) == rows, name


def test_nhs_numbers_are_valid_different_and_in_the_test_range():
    numbers = [
        nhs_number(3, index) for index in (*range(2_000), *range(99_990, 100_010), *range(CAPACITY - 20, CAPACITY))
    ]

    assert len(set(numbers)) == len(numbers)
    assert all(nhs.is_valid(number) and number.startswith("999") for number in numbers)


def test_ninos_and_mobiles_differ_between_residents():
    assert len({nino(3, index) for index in range(50_000)}) == 50_000
    assert len({mobile(3, index) for index in range(150_000)}) == 150_000


def test_there_are_nine_localities_and_no_two_places_share_address_or_uprn():
    places = [place(number) for number in range(40_000)]

    assert len(localities()) == 9
    assert len({(found.house, found.street, found.locality) for found in places}) == len(places)
    assert len({found.uprn for found in places}) == len(places)
    assert {found.locality for found in places} == set(localities())


def test_residents_live_in_households_that_hang_together(county: MadeCounty):
    residents = county.residents()
    by_household: dict[str, list[dict[str, str]]] = {}
    for resident in residents.values():
        by_household.setdefault(resident["household"], []).append(resident)

    assert len(residents) == county.summary.people == 6_006
    assert len(by_household) == county.summary.households
    assert all(len({member["uprn"] for member in members}) == 1 for members in by_household.values())
    assert 2.2 < len(residents) / len(by_household) < 2.7
    alone = [members[0] for members in by_household.values() if len(members) == 1 and members[0]["kind"] != "marker"]
    assert all(date.fromisoformat(resident["birth"]) <= date(2008, 11, 1) for resident in alone)
    assert all(not row["death"] or row["birth"] <= row["death"] <= "2026-11-01" for row in residents.values())


def test_county_holds_twins_namesakes_and_strangers_alike(county: MadeCounty):
    residents = [row for row in county.residents().values() if row["kind"] != "marker"]
    born = [(row["household"], row["birth"], row["family"]) for row in residents]
    named = [(row["household"], row["given"], row["family"]) for row in residents]
    alike: dict[tuple[str, str, str], set[str]] = {}
    for row in residents:
        alike.setdefault((row["given"], row["family"], row["birth"]), set()).add(row["household"])

    assert len(born) - len(set(born)) >= 20
    assert len(named) - len(set(named)) >= 10
    assert sum(len(households) > 1 for households in alike.values()) >= 5
    assert sum(bool(row["former_family"]) for row in residents) > 500
    assert sum(int(row["stays"]) > 1 for row in residents) > 1_200
    assert any(not row["family"].isascii() for row in residents)
    assert any("-" in row["family"] for row in residents)


def test_relationships_are_between_people_of_one_household_or_mark_a_duplicate(county: MadeCounty):
    truth, residents = county.truth(), county.residents()
    kinds: dict[str, int] = {}
    for row in county.json_lines("frameworki/DM_PERSONAL_RELATIONSHIPS.jsonl"):
        one, other = (truth["frameworki", "persons", str(row[column])] for column in ("PERSON_ID", "OTHER_PERSON_ID"))
        kind = str(row["FAMILY_CATEGORY"])
        kinds[kind] = kinds.get(kind, 0) + 1
        assert (one == other) == (kind == "DUPLICATE")
        assert residents[one]["household"] == residents[other]["household"]
        if kind in {"MOTHER", "FATHER", "PARENT"}:
            assert residents[other]["birth"] < residents[one]["birth"]
        if kind == "MOTHER":
            assert (residents[other]["sex"], row["IS_MOTHER"]) == ("F", "Y")

    assert {"MOTHER", "FATHER", "PARENT", "CHILD", "PARTNER", "SIBLING", "DUPLICATE"} == set(kinds)


def test_every_reference_between_files_is_held(county: MadeCounty):
    persons = {row["PERSON_ID"] for row in county.json_lines("frameworki/DM_PERSONS.jsonl")}
    for name in (
        "DM_ADDRESSES",
        "DM_TELEPHONE_NUMBERS",
        "DM_PROF_RELATIONSHIPS",
        "DM_SERVICE_USER_GROUPS",
        "DM_CIN_REFERRALS",
        "DM_CARE_PACKAGES",
    ):
        assert {row["PERSON_ID"] for row in county.json_lines(f"frameworki/{name}.jsonl")} <= persons
    packages = {str(row["PACKAGE_ID"]) for row in county.json_lines("frameworki/DM_CARE_PACKAGES.jsonl")}
    contacts = {row["contactid"] for row in county.json_lines("crm/contacts.jsonl")}
    accounts = {row["account_ref"] for row in county.csv_rows(f"{CIVICA}/ctaccount.csv")}
    properties = [row["property_ref"] for row in county.csv_rows(f"{CIVICA}/ctproperty.csv")]
    claims = {row["claim_id"] for row in county.csv_rows(f"{CIVICA}/hbclaim.csv")}
    occupations = county.csv_rows(f"{CIVICA}/ctoccupation.csv")
    masters = [row for row in county.json_lines("crm/contacts.jsonl") if row["merged"]]

    assert {row["ext_inv_ref"] for row in county.csv_rows("agresso/payment_status.csv")} <= packages
    assert {row["_customerid_value"] for row in county.json_lines("crm/incidents.jsonl")} <= contacts
    assert len(set(properties)) == len(properties)
    assert {row["property_ref"] for row in occupations} <= set(properties)
    assert {row["account_ref"] for row in occupations} == accounts
    assert len([row for row in occupations if row["vacation_date"] == "2099-12-31"]) == len(accounts)
    assert {row["claim_id"] for row in county.csv_rows(f"{CIVICA}/hbmember.csv")} == claims
    assert {row["claim_id"] for row in county.csv_rows(f"{CIVICA}/hbhousehold.csv")} == claims
    assert masters
    assert all(row["_masterid_value"] in contacts and row["statecode"] == 1 for row in masters)


def test_truth_names_every_person_bearing_row_once(county: MadeCounty):
    rows = county.summary.rows
    bearing = (
        "frameworki/DM_PERSONS.jsonl",
        "crm/contacts.jsonl",
        f"{CIVICA}/ctaccount.csv",
        f"{CIVICA}/hbmember.csv",
        "hospital/admissions.jsonl",
        "police/notices.jsonl",
    )

    assert len(county.truth()) == rows["truth/people.csv"] == sum(rows[name] for name in bearing)
    assert {(system, stream) for system, stream, _ in county.truth()} == {
        ("frameworki", "persons"), ("crm", "contacts"), (CIVICA, "accounts"), (CIVICA, "members"),
        ("nhs_fhir", "admissions"), ("police", "notices"),
    }  # fmt: skip


def test_values_fit_the_vendors_columns(county: MadeCounty):
    widths = {
        "FULL_NAME": 62,
        "TITLE": 8,
        "FIRST_NAME": 30,
        "LAST_NAME": 30,
        "PERSON_ID_LEGACY": 16,
        "UPN_ID": 13,
        "FULL_ETHNICITY_CODE": 33,
    }
    for row in county.json_lines("frameworki/DM_PERSONS.jsonl"):
        assert row["FULL_NAME"]
        assert row["GENDER"] in {"M", "F", "U"}
        assert all(len(str(row[column] or "")) <= width for column, width in widths.items())
    for row in county.json_lines("frameworki/DM_ADDRESSES.jsonl"):
        assert len(str(row["POST_CODE"] or "")) <= 16
    for row in county.csv_rows(f"{CIVICA}/ctaccount.csv"):
        assert len(row["lead_liab_name"]) <= 32
        assert len(row["lead_liab_surname"]) <= 32
    for row in county.csv_rows(f"{CIVICA}/hbmember.csv"):
        assert len(row["title"]) <= 4
        assert len(row["name"]) <= 32
    for row in county.csv_rows(f"{CIVICA}/syphone.csv"):
        assert len(row["phonenum1"]) <= 20


def test_nothing_is_stamped_after_the_countys_day(county: MadeCounty):
    for name in county.summary.rows:
        if name.startswith("frameworki/"):
            assert all(str(row["LAST_UPDATED"]) < "2026-11-01" for row in county.json_lines(name)), name
    for row in county.json_lines("crm/contacts.jsonl"):
        assert str(row["createdon"]) <= str(row["modifiedon"]) < "2026-11-01"
    for row in county.json_lines("hospital/admissions.jsonl"):
        assert str(row["admitted_at"]) < "2026-11-01"
        assert row["discharged_at"] is None or str(row["admitted_at"]) < str(row["discharged_at"]) < "2026-11-01"
