"""The files of a released report: a spreadsheet that runs nothing, a page that escapes, a Bundle after IHE BALP."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from audit_log import AT, PERSON
from hypothesis import given
from hypothesis import strategies as st
from reporting import texts, to_hospital

from wye.audit.search import FoundEntry
from wye.errors import EvidenceBroken
from wye.road.report.audit_event import PROFILE, bundle
from wye.road.report.draft_body import Draft, Line, Sent
from wye.road.report.lines import lines_of
from wye.road.report.page import page
from wye.road.report.released import Released, told
from wye.road.report.spreadsheet import HEADINGS, spreadsheet
from wye.spreadsheet import defused
from wye.vocabulary import Transform

FORMULA = '=HYPERLINK("http://evil.example","Trust")'
REPORT = UUID(int=7)


def sent(number: int, *fields: str, message: int | None = 90) -> Sent:
    at = AT + timedelta(days=number)
    return Sent(UUID(int=number), at, None if message is None else UUID(int=message + number), fields)


def released(*lines: Line, recipient: str | None = None) -> Released:
    found = texts()
    if recipient is not None:
        named = {}
        for name, one in found.agreements.items():
            parties = tuple(party.model_copy(update={"name": recipient}) for party in one.parties)
            named[name] = one.model_copy(update={"parties": parties})
        found = replace(found, agreements=named)
    draft = Draft(PERSON, (), "SAR-2026-17", lines, 0, 0)
    return told(draft, REPORT, AT + timedelta(days=40), lines, found)


def a_line(number: int = 1, *parts: Sent) -> Line:
    parts = parts or (sent(1, "person.family_name", "person.sex"),)
    return Line(number, "arrowshire-hospitals", "adult-care-acute", "1.0", "direct-care", (), parts)


def rows_of(page_of_csv: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page_of_csv.removeprefix("\ufeff"))))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0@", "\uff1d", "  \t", "|", "%"])
def test_cell_that_a_spreadsheet_would_run_is_defused(start: str) -> None:
    assert defused(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("cell", ["", "Trust", "a=b", "2026-11-21", "it's", " plain", "'=1"])
def test_cell_that_runs_nothing_is_as_it_was(cell: str) -> None:
    assert defused(cell) == cell


@given(st.text())
def test_no_cell_survives_as_a_formula_and_none_loses_a_letter(cell: str) -> None:
    made = defused(cell)

    assert made.lstrip(" \u00a0")[:1] not in set("=+-@\t\r\n")
    assert made in {cell, f"'{cell}"}


def test_formula_in_an_agreement_reaches_the_spreadsheet_as_text() -> None:
    made = spreadsheet(released(a_line(), recipient=FORMULA))

    headings, row, *notes = rows_of(made)
    assert tuple(headings) == HEADINGS
    assert row[0] == f"'{FORMULA}"
    assert row[1:4] == ["2026-11-22", "2026-11-22", "1"]
    cells = [cell for each in rows_of(made) for cell in each]
    assert [cell for cell in cells if cell[:1] in set("=+-@\t\r")] == []
    assert len(notes) == 5
    assert made.startswith('\ufeff"To whom",')


def test_markup_in_an_agreement_is_escaped_on_the_page() -> None:
    made = page(released(a_line(), recipient="<script>alert(1)</script>"))

    assert "<script" not in made
    assert "&lt;script&gt;alert(1)" in made
    assert "http" not in made


def test_bundle_has_an_event_to_each_entry_with_what_the_profile_requires() -> None:
    first, second = sent(1, "person.sex"), sent(2, "person.family_name", message=None)
    again = replace(first, fields=("care_package.service",))

    made = json.loads(bundle(released(a_line(1, first, second), a_line(2, again))))

    assert (made["resourceType"], made["type"]) == ("Bundle", "collection")
    assert [each["fullUrl"] for each in made["entry"]] == [first.entry.urn, second.entry.urn]
    one, other = (each["resource"] for each in made["entry"])
    assert one["meta"]["profile"] == [PROFILE]
    assert (one["type"]["code"], one["action"], one["outcome"]) == ("110106", "R", "0")
    assert [(each["system"], each["code"]) for each in one["subtype"]] == [
        ("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose")
    ]
    assert one["recorded"] == "2026-11-22T09:30:00.000Z"
    source, recipient = one["agent"]
    assert (source["type"]["coding"][0]["code"], source["requestor"]) == ("110153", True)
    assert source["who"] == one["source"]["observer"]  # BALP's val-audit-source
    assert (recipient["type"]["coding"][0]["code"], recipient["requestor"]) == ("110152", False)
    assert recipient["who"]["display"] == "Arrowshire Hospitals NHS Trust"
    assert [each["network"]["extension"][0]["valueCode"] for each in one["agent"]] == ["unknown"] * 2
    patient, data = one["entity"]
    assert (patient["type"]["code"], patient["role"]["code"], patient["what"]["type"]) == ("1", "1", "Patient")
    assert patient["what"]["identifier"] == {"system": "urn:ietf:rfc:3986", "value": PERSON.urn}
    assert data["what"]["identifier"]["value"] == UUID(int=91).urn
    assert [each["valueString"] for each in data["detail"]] == ["care_package.service", "person.sex"]
    assert other["entity"][1]["what"]["identifier"]["value"] == second.entry.urn


def test_bundle_of_nothing_is_a_bundle() -> None:
    made = json.loads(bundle(released()))

    assert made["type"] == "collection"
    assert "entry" not in made


def test_bundle_that_fhir_refuses_is_not_written_and_its_values_are_not_told() -> None:
    with pytest.raises(EvidenceBroken, match=r"makes no FHIR Bundle, at: .*display") as refused:
        bundle(replace(released(a_line()), council=""))

    assert refused.value.__cause__ is None
    assert "Hospitals" not in str(refused.value)


def test_version_whose_text_is_gone_is_said_to_be_and_is_marked() -> None:
    old = to_hospital(version="0.9")

    (line,) = lines_of([FoundEntry(UUID(int=1), 0, AT, old)], texts())

    assert [each.value for each in line.marks] == ["crime-and-tax"]
    words = texts().words(line)
    assert words.recipient == "Arrowshire Hospitals NHS Trust"
    assert (words.purpose, words.sources) == ("direct-care", ())
    assert "no longer kept here" in words.law[0]
    assert words.data == ("person: Day of birth", "person: Family name, also called surname")


def test_what_an_agreement_does_to_a_field_is_said() -> None:
    one = texts().agreements["adult-care-acute"]
    items = tuple(
        item.model_copy(update={"transform": Transform.YEAR_OF_BIRTH}) if item.field == "birth_date" else item
        for item in one.data_items
    )
    found = replace(texts(), agreements={one.id: one.model_copy(update={"data_items": items})})

    assert found.words(a_line(1, sent(1, "person.birth_date"))).data == ("person: Day of birth, the year only",)
