"""Error rates: one file with reasons; each defect is in the data, as often as the file says, and is what it says."""

from datetime import date
from math import sqrt

import pytest
from made_county import CIVICA, MadeCounty
from stdnum.gb import nhs, upn

from wye.county.errors import SYSTEMS, Defect, error_rates, parse_error_rates
from wye.errors import UsageError

SIGMAS = 5


def entry(rate: float = 0.1) -> str:
    return "  of: all\n  reason: because\n  rates: {" + ", ".join(f"{system}: {rate}" for system in SYSTEMS) + "}\n"


def test_every_rate_has_its_reason():
    assert set(error_rates()) == set(Defect)
    assert all(len(rate.reason) > 20 and rate.of for rate in error_rates().values())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nickname:\n" + entry(), "birth_date_slip"),
        ("".join(f"{defect}:\n{entry()}" for defect in Defect) + "gremlin:\n" + entry(), "gremlin"),
        ("".join(f"{defect}:\n{entry(1.5)}" for defect in Defect), "nickname"),
        ("".join(f"{defect}:\n{entry()}" for defect in Defect).replace("crm: 0.1, ", "", 1), "crm"),
        ("".join(f"{defect}:\n{entry()}" for defect in Defect).replace("reason", "excuse", 1), "reason"),
        ("", "nickname"),
    ],
)
def test_file_that_is_not_as_it_should_be_is_refused_by_name(text: str, named: str):
    with pytest.raises(UsageError, match=named):
        parse_error_rates(text)


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_defect_is_planted_at_its_rate(county: MadeCounty, system: str):
    tally = county.summary.tallies[system]
    for defect, rate in error_rates().items():
        expected, could = rate.rates[system], tally.could[defect]
        spread = sqrt(could * expected * (1 - expected))
        assert abs(tally.does[defect] - could * expected) <= SIGMAS * spread + 1, defect
        assert not expected or could, f"{defect} has a rate but nothing could show it"


def test_every_defect_frequent_enough_to_be_expected_occurs(county: MadeCounty):
    expected = dict.fromkeys(Defect, 0.0)
    planted = dict.fromkeys(Defect, 0)
    for system, tally in county.summary.tallies.items():
        for defect, rate in error_rates().items():
            expected[defect] += rate.rates[system] * tally.could[defect]
            planted[defect] += tally.does[defect]

    assert all(planted[defect] for defect in Defect if expected[defect] > 8)
    assert sum(found > 8 for found in expected.values()) >= len(Defect) - 6


def test_noted_defects_are_the_tallied_ones(county: MadeCounty):
    noted: dict[tuple[str, str], int] = {}
    for (system, _, _), defects in county.defects().items():
        for defect in defects:
            noted[system, defect] = noted.get((system, defect), 0) + 1

    tallied = {
        (system, defect.value): found
        for system, tally in county.summary.tallies.items()
        for defect, found in tally.does.items()
        if found
    }
    assert noted == tallied


def test_frameworki_rows_show_exactly_the_defects_noted_on_them(county: MadeCounty):
    residents, truth, defects = county.residents(), county.truth(), county.defects()
    numbers = {resident["nhs"] for resident in residents.values()}
    wrong_births = {"transposed_day_month", "birth_date_slip", "default_birth_date", "future_birth_date"}
    checked = 0
    for row in county.json_lines("frameworki/DM_PERSONS.jsonl"):
        key = ("frameworki", "persons", str(row["PERSON_ID"]))
        shown, resident = defects.get(key, set()), residents.get(truth[key])
        if resident is None or resident["kind"] == "marker":
            continue
        checked += 1
        assert (row["NHS_ID"] is None) == ("missing_nhs_number" in shown)
        if row["NHS_ID"] is not None:
            assert nhs.is_valid(str(row["NHS_ID"])) == ("bad_nhs_check_digit" not in shown)
            assert (str(row["NHS_ID"]) == resident["nhs"]) == (
                not shown & {"bad_nhs_check_digit", "relatives_nhs_number"}
            )
            assert "relatives_nhs_number" not in shown or str(row["NHS_ID"]) in numbers
        assert (row["DATE_OF_BIRTH"] is None) == ("missing_birth_date" in shown)
        if not shown & wrong_births:
            assert row["DATE_OF_BIRTH"] in {None, resident["birth"]}
        assert (str(row["DATE_OF_BIRTH"] or "") > "2026-11-01") == ("future_birth_date" in shown)
        died_first = bool(row["DATE_OF_DEATH"]) and str(row["DATE_OF_DEATH"]) < resident["birth"]
        assert died_first == ("death_before_birth" in shown)
        assert (row["LAST_NAME"] is None) == ("missing_surname" in shown)
        if pupil := str(row["UPN_ID"] or ""):
            assert (upn.calc_check_digit(pupil[1:]) == pupil[0]) == ("upn_slip" not in shown)
    assert checked > 1_000


def test_transposed_births_swap_day_and_month(county: MadeCounty):
    residents, truth, defects = county.residents(), county.truth(), county.defects()
    swapped = 0
    for row in county.json_lines("crm/contacts.jsonl"):
        key = ("crm", "contacts", str(row["contactid"]))
        if "transposed_day_month" in defects.get(key, set()):
            held, true = (date.fromisoformat(str(text)) for text in (row["birthdate"], residents[truth[key]]["birth"]))
            assert (held.year, held.month, held.day) == (true.year, true.day, true.month)
            swapped += 1
    assert swapped > 5


def test_merged_contacts_and_marked_persons_are_duplicates_of_the_same_person(county: MadeCounty):
    truth, defects = county.truth(), county.defects()
    merged = [row for row in county.json_lines("crm/contacts.jsonl") if row["_masterid_value"]]
    marked = [
        row
        for row in county.json_lines("frameworki/DM_PERSONAL_RELATIONSHIPS.jsonl")
        if row["FAMILY_CATEGORY"] == "DUPLICATE"
    ]

    for row in merged:
        assert truth["crm", "contacts", str(row["contactid"])] == truth["crm", "contacts", str(row["_masterid_value"])]
    assert len(merged) == sum(
        "duplicate_marked" in shown for (system, _, _), shown in defects.items() if system == "crm"
    )
    assert len(marked) == sum(
        "duplicate_marked" in shown for (system, _, _), shown in defects.items() if system == "frameworki"
    )


def test_civica_writes_capitals_and_birth_dates_as_text(county: MadeCounty):
    for row in county.csv_rows(f"{CIVICA}/hbmember.csv"):
        assert row["surname"] == row["surname"].upper()
        assert len(row["birth_date"]) in {0, 10}
        assert not row["birth_date"] or row["birth_date"][2] == row["birth_date"][5] == "/"
    assert any(row["nino"] for row in county.csv_rows(f"{CIVICA}/hbmember.csv"))
