"""Every contract says for how long what came from its system is kept, on whose word; and what that comes to."""

from datetime import date
from pathlib import Path

import pytest

from wye.errors import ContractBroken
from wye.quality.contract import load_contract
from wye.quality.retention import StreamRetention, load_retention
from wye.vocabulary import RetentionStart

CONNECTORS = sorted((Path(__file__).parents[2] / "connectors").glob("*/contract.odcs.yaml"))
CARE = StreamRetention(8, RetentionStart.END_OF_CARE, "a schedule", confirmed=True, known_as_child=75)
SCHEMA = "schema: [{name: rows, properties: []}]\n"
LINE = (
    "slaProperties:\n  - property: retention\n    value: 6\n    unit: y\n    element: rows\n    customProperties:\n"
    "      - {property: start, value: last-contact}\n      - {property: status, value: read}\n"
    "      - {property: source, value: a schedule}\n"
)


@pytest.mark.parametrize("path", CONNECTORS, ids=lambda path: path.parent.name)
def test_every_stream_states_its_retention_with_a_source_or_as_unconfirmed(path: Path) -> None:
    source = path.parent.name

    found = load_retention(path, source)

    assert set(found) == set(load_contract(path, source).streams)
    assert all(each.source for each in found.values())
    assert all("unconfirmed" in each.words() for each in found.values() if not each.confirmed)


@pytest.mark.parametrize(
    ("birth", "first", "until"),
    [
        (date(1950, 5, 4), date(2018, 1, 1), date(2032, 6, 1)),
        (date(2010, 5, 4), date(2018, 1, 1), date(2085, 5, 4)),
        (date(2000, 1, 1), date(2018, 1, 1), date(2032, 6, 1)),
        (date(2000, 1, 2), date(2018, 1, 1), date(2075, 1, 2)),
        (None, date(2018, 1, 1), None),
    ],
    ids=["adult", "child", "of age that day", "of age a day later", "unknown"],
)
def test_who_was_known_as_a_child_is_kept_from_birth(birth: date | None, first: date, until: date | None) -> None:
    assert CARE.until(first, date(2024, 6, 1), birth) == until


def test_financial_year_ends_before_the_years_are_counted_and_birth_makes_no_difference() -> None:
    revenues = StreamRetention(6, RetentionStart.END_OF_FINANCIAL_YEAR, "habit", confirmed=False)

    assert revenues.until(date(2018, 1, 1), date(2024, 6, 1), None) == date(2031, 3, 31)


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("unit: y", "unit: d", "is in `d`; right is `y`"),
        ("value: 6\n", "value: 6.5\n", "right is a whole number of years"),
        ("value: last-contact", "value: someday", "starts at `someday`"),
        ("value: read", "value: surely", "needs a `source` and a `status`"),
        ("source, value: a schedule", "note, value: a schedule", "says `note`"),
        ("element: rows", "element: other", "once for each of rows"),
    ],
)
def test_retention_that_is_not_understood_is_refused(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    path = tmp_path / "contract.odcs.yaml"
    head = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n"
    path.write_text(head + LINE + SCHEMA)
    assert load_retention(path, "x")["rows"].years == 6

    path.write_text(head + LINE.replace(wrong, right) + SCHEMA)

    with pytest.raises(ContractBroken, match=said.replace("`", ".")):
        load_retention(path, "x")
