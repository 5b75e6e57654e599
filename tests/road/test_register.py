"""The register, the record of processing and the assets: made from agreements in force, contracts and what was sent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from county_hub import hub_on_database
from example_agreements import MORE

from wye.audit.append import append
from wye.audit.event import Event
from wye.cli import agreements_register
from wye.cli.main import run
from wye.road.agreement_life import enforce
from wye.road.assets import assets
from wye.road.hub import Hub
from wye.road.processing import lacking, processing
from wye.road.register import register
from wye.store.database import connect
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
SENT = """INSERT INTO exchange.outbox (id, agreement, version, partner, person, subject, kind, sealed, body_hash, fingerprint,
 audit_id, state, created_at, published_at)
VALUES (%(id)s, %(agreement)s, '1.0', 'arrowshire-hospitals', %(person)s, %(id)s, %(kind)s, '', '', '', %(id)s, 'delivered',
 %(at)s, %(at)s)"""


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub that has brought nothing in."""
    with hub_on_database(database_url, tmp_path / "home", AT) as one:
        yield one


def send(url: str, people: int, at: datetime, kind: str = "put", times: int = 1) -> None:
    """Rows of what was sent; no entry or key is behind them, which counting does not ask for."""
    with connect(url) as conn:
        conn.execute("SET session_replication_role = replica")
        for _ in range(people):
            person = uuid7()
            for _ in range(times):
                conn.execute(
                    SENT,
                    {"id": uuid7(), "agreement": "adult-care-acute", "person": person, "kind": kind, "at": at},
                )


def months(hub: Hub, agreement: str) -> dict[str, int | None]:
    found = {each["id"]: each for each in orjson.loads(orjson.dumps(register(hub).data))["agreements"]}
    return {month["month"]: month["people"] for month in found[agreement]["people_a_month"]}


def test_people_are_counted_once_a_month_and_only_in_whole_months(hub, database_url):
    send(database_url, 11, datetime(2026, 10, 5, tzinfo=UTC), times=2)
    send(database_url, 5, datetime(2026, 9, 30, 22, 30, tzinfo=UTC))
    send(database_url, 20, datetime(2026, 9, 30, 23, 30, tzinfo=UTC))  # October in London
    send(database_url, 40, datetime(2026, 10, 7, tzinfo=UTC), kind="withdraw")
    send(database_url, 40, datetime(2026, 11, 2, tzinfo=UTC))  # the month that runs
    send(database_url, 40, datetime(2025, 10, 2, tzinfo=UTC))  # longer ago

    enforced(hub, datetime(2025, 9, 30, 12, tzinfo=UTC))

    told = months(hub, "adult-care-acute")

    assert list(told) == ["2025-11", "2025-12", *(f"2026-{month:02}" for month in range(1, 11))]
    assert told["2026-10"] == 30
    assert {month: people for month, people in told.items() if people} == {"2026-10": 30}
    assert set(months(hub, "safeguarding-police").values()) == {None}


def enforced(hub: Hub, since: datetime) -> None:
    """Every agreement as if this hub had enforced it since an instant."""
    at = hub.at
    hub.at = lambda: since
    for each in hub.agreements.values():
        enforce(hub, each)
    hub.at = at


def test_only_months_since_this_hub_enforced_it_are_told(hub, database_url):
    assert months(hub, "adult-care-acute") == {}, "not enforced yet"
    assert "No whole month has passed since it began" in register(hub).pages["index.html"]

    enforced(hub, datetime(2026, 8, 31, 23, 30, tzinfo=UTC))  # September in London
    send(database_url, 20, datetime(2026, 10, 5, tzinfo=UTC))

    assert months(hub, "adult-care-acute") == {"2026-09": None, "2026-10": 20}


def test_open_data_tell_releases_and_no_people(database_url, tmp_path):
    with hub_on_database(database_url, tmp_path / "home", AT, MORE) as hub:
        enforced(hub, datetime(2026, 9, 2, tzinfo=UTC))
        for when in (datetime(2026, 9, 30, 23, 30, tzinfo=UTC), AT):  # October in London; the month that runs
            told = Event(kind=EventKind.PUBLICATION, at=when, actor="anna", agreement="open-data-care", version="1.0")
            looked = replace(told, kind=EventKind.CONSULTATION)
            with hub.conn.transaction():
                append(hub.conn, hub.keys, [told, looked], when)

        made = register(hub)

    found = {each["id"]: each for each in orjson.loads(orjson.dumps(made.data))["agreements"]}["open-data-care"]
    assert found["people_a_month"] is None
    assert found["releases_a_month"] == [{"month": "2026-09", "releases": 0}, {"month": "2026-10", "releases": 1}]
    assert "Releases, by month; nothing was sent about anybody" in made.pages["index.html"]


def test_register_holds_what_is_in_force(hub):
    made = register(hub)

    published = {each.agreement.id for each in hub.agreements.values() if each.agreement.publication.in_register}
    assert published
    assert set(made.pages) == {"index.html", *(f"{each}.html" for each in published)}
    assert "Arrowshire Council" in made.pages["index.html"]


def test_pages_of_what_is_no_longer_in_force_are_taken_away(tmp_path):
    folder = tmp_path / "register"
    both = {"index.html": "", "one.html": "1", "two.html": "2"}
    agreements_register.write_pages(folder, both, {"agreements": [{"page": "one.html"}, {"page": "two.html"}]})
    (folder / "logo.html").write_text("the council's own")

    agreements_register.write_pages(folder, {"index.html": "", "two.html": "2"}, {"agreements": [{"page": "two.html"}]})

    assert {path.name for path in folder.iterdir()} == {"index.html", "two.html", "logo.html", "register.json"}


def test_record_of_processing_answers_each_letter_of_the_article(hub):
    found = processing(hub)

    assert {each.source.split()[1] for each in found if each.source.startswith("agreement")} == set(hub.agreements)
    acute = next(each for each in found if each.source.startswith("agreement adult-care-acute"))
    assert acute.recipients == "Arrowshire Hospitals NHS Trust"
    assert "special:health" in acute.data
    assert "care package" in acute.data
    assert "Article 6(1)(c)" in acute.lawful_basis
    assert "8 years" in acute.kept
    frameworki = next(each for each in found if each.source == "contract frameworki")
    assert "adult-care-acute" in frameworki.recipients
    assert frameworki.owner == "head-of-social-care-systems"


def test_what_the_hub_cannot_know_is_asked_for(hub):
    assert lacking(hub) == ["WYE_COUNCIL_CONTACT", "WYE_DATA_PROTECTION_OFFICER"]
    assert "NOT SAID" in processing(hub)[0].data_protection_officer

    hub.settings = hub.settings.model_copy(
        update={"council_contact": "1 Shire Row", "data_protection_officer": "dpo@example.org"}
    )

    assert lacking(hub) == []
    assert processing(hub)[0].data_protection_officer == "dpo@example.org"
    assert {each.controller for each in processing(hub)} == {"Arrowshire Council, 1 Shire Row"}


def test_every_stream_is_an_asset_with_an_owner(hub):
    found = {each.asset: each for each in assets(hub)}

    assert set(found) == {f"{source}.{name}" for source in hub.source_names for name in hub.contract(source).streams}
    assert all(each.owner and each.controller for each in found.values())
    persons = found["frameworki.persons"]
    assert "identifier" in persons.classes
    assert "RESTRICTED" in persons.protects
    assert "adult-care-acute" in persons.used_under


def test_commands_write_for_people_and_machines(database_url, tmp_path, monkeypatch, capsys):
    root = Path(__file__).parents[2]
    for name, value in {
        "HOME": tmp_path / "home", "DATABASE_URL": database_url, "AGREEMENTS": root / "sharing_agreements",
        "AMQP_URL": "amqp://nobody@127.0.0.1:1/none", "ALLOW_EXAMPLE_SIGNERS": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"WYE_{name}", str(value))

    assert run(["agreements", "register", "--out", str(tmp_path / "out"), "--json"]) == 0
    shown = orjson.loads(capsys.readouterr().out)
    assert run(["agreements", "processing", "--csv", str(tmp_path / "processing.csv")]) == 1
    assert "set WYE_COUNCIL_CONTACT" in capsys.readouterr().err
    assert run(["agreements", "assets", "--csv", str(tmp_path / "assets.csv")]) == 0

    assert shown == orjson.loads((tmp_path / "out" / "register.json").read_bytes())
    assert (tmp_path / "out" / "adult-care-acute.html").exists()
    assert (tmp_path / "processing.csv").read_text(encoding="utf-8-sig").startswith("activity,controller,")
    assert "frameworki.persons" in (tmp_path / "assets.csv").read_text(encoding="utf-8-sig")
