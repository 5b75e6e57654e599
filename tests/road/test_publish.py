"""Open data is counted, hidden, written once for a quarter and on the record; who is protected is in no number."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from county_hub import hub_on_database
from example_agreements import MORE
from known_people import put_person

from wye.agreements.words import Frequency
from wye.audit.search import FoundEntry, search
from wye.errors import UsageError
from wye.road.hub import Hub
from wye.road.preview import preview
from wye.road.publish import Published, id_of, period_of, publish
from wye.road.relay import relay
from wye.road.share import share
from wye.sharing.due import mark_due
from wye.vocabulary import EventKind

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
ID = "open-data-care"
MANY = 12


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub that has brought nothing in, under the examples that the demo does not play."""
    with hub_on_database(database_url, tmp_path / "home", AT, MORE) as one:
        yield one


def row(source: str, **values: object) -> dict[str, object]:
    return {"source": source, "values": values}


def put(
    hub: Hub, count: int, service: str, town: str, born: str = "1941-03-08", **rows: list[dict[str, object]]
) -> list[UUID]:
    """People with one care package each, in a town."""
    held = {
        "person": [row("frameworki", family_name="Okafor", given_name="Ada", birth_date=born)],
        "care_package": [row("frameworki", service=service, reference="40001", provider="Nether Care")],
        "address": [row("frameworki", kind="home", lines="4 Mill Lane", town=town, postcode="AR1 2BC")],
    }
    facts = {"person": {"birth_date": [{"value": born, "source": "frameworki"}]}, "rows": held | rows}
    with hub.conn.transaction():
        return [put_person(hub.conn, facts, AT) for _ in range(count)]


def a_county(hub: Hub) -> None:
    for service in ("home-care", "day-care", "residential"):
        for town in ("Netherby", "Overton", "Weirham"):
            for born in ("1941-03-08", "1951-03-08"):
                put(hub, MANY, service, town, born)


def made(hub: Hub, folder: Path | None = None) -> Published:
    return publish(hub, ID, folder, lambda _: None)


def numbers(found: Published, table: str) -> dict[tuple[str, ...], int | None]:
    return {each.categories: each.people for each in found.release.tables[table]}


def entries(hub: Hub, kind: EventKind) -> list[FoundEntry]:
    found = search(hub.conn, hub.keys, agreement=ID, searcher="auditor", purpose="test", at=AT)
    return [
        each for each in found if each.event and each.event.kind is kind and each.event.purpose == "agreements publish"
    ]


def test_release_tells_large_numbers_and_hides_small_ones_with_others(hub: Hub, tmp_path: Path) -> None:
    a_county(hub)
    put(hub, 4, "meals", "Netherby")

    found = made(hub, tmp_path / "out")

    towns = numbers(found, "service-by-town")
    assert towns["(all)", "(all)"] == 220
    assert {people for people in towns.values() if people is not None} <= {25, 70, 75, 220}
    assert not [1 for people in towns.values() if people is not None and people < 10]
    assert ("meals", "Netherby") not in towns, "a category of a few is not even named"
    assert towns["(other or not known)", "Netherby"] is None
    assert found.release.hidden_beside > 0


PROTECTED = {
    "restricted-record": {"flag": [row("frameworki", kind="restricted-record")]},
    "safe-address": {"flag": [row("frameworki", kind="safe-address")]},
    "former-identity-sealed": {"flag": [row("frameworki", kind="former-identity-sealed")]},
    "objected": {"consent": [row("frameworki", kind="objection", scope="share-inside-council", given=True)]},
}


@pytest.mark.parametrize("kind", PROTECTED)
def test_who_is_protected_is_in_no_number(hub: Hub, kind: str) -> None:
    a_county(hub)
    before = made(hub).release.tables
    put(hub, MANY, "home-care", "Overton", **PROTECTED[kind])

    assert made(hub).release.tables == before


def test_who_is_not_protected_is_counted(hub: Hub) -> None:
    """What the test above rests on: the same people without a protection change numbers."""
    a_county(hub)
    before = made(hub).release.tables
    put(hub, MANY, "home-care", "Overton")

    assert made(hub).release.tables != before


def test_whoever_has_two_services_is_counted_once(hub: Hub) -> None:
    a_county(hub)
    two = [row("frameworki", service=each, reference=each) for each in ("home-care", "day-care")]
    put(hub, MANY, "home-care", "Overton", care_package=two)

    found = numbers(made(hub), "service-by-town")

    assert found["(all)", "(all)"] == 230
    told = {people for (service, _), people in found.items() if service == "home-care" and people is not None}
    assert told <= {25, 70}, "35, or 85, if they were in home care as well"
    assert told


def test_files_hold_numbers_and_what_a_reader_must_know_and_nobody(hub: Hub, tmp_path: Path) -> None:
    a_county(hub)

    found = made(hub, tmp_path / "out")

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(found.files) == [
        "open-data-care-2026-Q4-service-by-age.csv", "open-data-care-2026-Q4-service-by-town.csv", "open-data-care-2026-Q4.json",
    ]  # fmt: skip
    about = orjson.loads((tmp_path / "out" / "open-data-care-2026-Q4.json").read_bytes())
    assert about["digest"] == hub.agreements[ID].digest.hex()
    assert about["licence"] == "Open Government Licence v3.0"
    assert (about["minimum"], about["rounded_to"], about["counted_on"]) == (10, 5, "2026-11-21")
    lines = list(csv.DictReader(io.StringIO(found.files["open-data-care-2026-Q4-service-by-town.csv"].decode())))
    assert lines[0].keys() == {"care_package.service", "address.town", "people", "note"}
    assert [line for line in lines if line["people"] == ""] == [line for line in lines if line["note"]]
    for told, written in zip(about["tables"][1]["rows"], lines, strict=True):
        assert str(told["people"] or "") == written["people"]
    everything = b"".join(found.files.values()).decode()
    assert not [word for word in ("Okafor", "Mill Lane", "1941", "Nether Care", "AR1") if word in everything]


def test_a_period_has_one_release_whatever_happens_to_its_files(hub: Hub, tmp_path: Path) -> None:
    a_county(hub)
    made(hub, tmp_path / "out")
    put(hub, 1, "home-care", "Overton")

    with pytest.raises(UsageError, match="was published for 2026-Q4 already"):
        made(hub, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()

    hub.at = lambda: AT + timedelta(days=60)
    made(hub, tmp_path / "out")
    assert (tmp_path / "out" / "open-data-care-2027-Q1.json").exists()


def test_release_is_on_the_record_with_totals_and_about_nobody(hub: Hub, tmp_path: Path) -> None:
    a_county(hub)

    made(hub)
    assert entries(hub, EventKind.PUBLICATION) == []
    (looked,) = entries(hub, EventKind.CONSULTATION)
    made(hub, tmp_path / "out")
    (entry,) = entries(hub, EventKind.PUBLICATION)

    assert looked.event is not None
    assert entry.event is not None
    assert (entry.event.person, entry.event.message) == (None, id_of(ID, "2026-Q4"))
    assert entry.event.counts is not None
    assert entry.event.counts["people"] == 18 * MANY
    assert entry.event.detail["period"] == "2026-Q4"


def test_failed_writing_leaves_no_entry_and_no_file(hub: Hub, tmp_path: Path) -> None:
    a_county(hub)
    (tmp_path / "out").write_text("a file")

    with pytest.raises(UsageError, match="is a file"):
        made(hub, tmp_path / "out")

    assert entries(hub, EventKind.PUBLICATION) == []


def test_too_few_people_are_not_published(hub: Hub, tmp_path: Path) -> None:
    put(hub, 11, "home-care", "Overton")

    found = made(hub)

    assert found.release.tables
    with pytest.raises(UsageError, match="is no open data"):
        publish(hub, "revenues-social-care", tmp_path / "out", lambda _: None)


def test_nothing_leaves_about_a_person_by_any_other_road(hub: Hub) -> None:
    a_county(hub)
    people = put(hub, 1, "home-care", "Overton")
    mark_due(hub.conn, [ID], people, "test", AT)

    assert share(hub, ID).released == 0
    assert relay(hub, ID).published == 0
    assert hub.conn.execute("SELECT count(*) FROM exchange.outbox").fetchone() == (0,)
    assert ID not in hub.feeds
    with pytest.raises(UsageError, match="is open data and discloses nobody"):
        preview(hub, hub.agreements[ID].folder, lambda _: None)


@pytest.mark.parametrize(("day", "month", "quarter"), [
    ("2026-01-31", "2026-01", "2026-Q1"), ("2026-03-31", "2026-03", "2026-Q1"), ("2026-04-01", "2026-04", "2026-Q2"),
    ("2026-12-31", "2026-12", "2026-Q4"),
])  # fmt: skip
def test_period_of_a_day(day: str, month: str, quarter: str) -> None:
    from datetime import date

    assert period_of(date.fromisoformat(day), Frequency.MONTHLY) == month
    assert period_of(date.fromisoformat(day), Frequency.QUARTERLY) == quarter


def test_command_shows_tables_and_makes_the_release(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from wye.cli import hub as opening
    from wye.cli.main import run

    a_county(hub)
    for name, value in (
        ("WYE_HOME", str(hub.settings.home)), ("WYE_DATABASE_URL", str(hub.settings.database_url)),
        ("WYE_AMQP_URL", "amqp://nobody@127.0.0.1:1/none"), ("WYE_AGREEMENTS", str(hub.settings.agreements)),
        ("WYE_ALLOW_EXAMPLE_SIGNERS", "true"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    assert opening.open_hub is not None

    assert run(["agreements", "publish", ID]) == 0
    assert "nothing was published; `--out FOLDER` makes the release, once" in capsys.readouterr().out
    assert run(["agreements", "publish", ID, "--out", str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["made"] is True
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == told["files"]
    assert run(["agreements", "publish", ID, "--out", str(tmp_path / "again")]) == 2
    assert "already" in capsys.readouterr().err
