"""A version of an agreement is run over today's people before anybody signs it: what it would add and stop, in hidden numbers."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from county_hub import hub_on_database
from example_agreements import AGREEMENTS, dumped, plain
from known_people import put_person

from wye.cli.main import run
from wye.errors import AgreementRefused
from wye.road.hub import Hub
from wye.road.preview import Moved, Preview, preview

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
ID = "adult-care-acute"
HIDDEN, NOTHING = Moved(None, None), Moved(0, 0)


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub that has brought nothing in."""
    with hub_on_database(database_url, tmp_path / "home", AT) as one:
        yield one


def put(hub: Hub, count: int, *, language: str = "Bengali", born: str = "1941-03-08") -> list[UUID]:
    """People whom adult social care looks after, each with two ways to be reached."""
    person = {"family_name": "Okafor", "given_name": "Ada", "birth_date": born, "first_language": language}
    care = {"service": "adult-social-care", "role": "allocated worker", "from_date": "2025-02-01"}
    return [
        put_person(
            hub.conn,
            {
                "person": {"birth_date": [{"value": born, "source": "frameworki"}]},
                "rows": {
                    "person": [{"source": "frameworki", "values": person}],
                    "involvement": [{"source": "frameworki", "values": care}],
                    "contact_point": [
                        {"source": "frameworki", "values": {"kind": "mobile", "value": f"+4477009001{number:02}"}}
                        for number in (place, place + 1)
                    ],
                },
            },
            AT,
        )
        for place in range(count)
    ]


def version(to: Path, change: Callable[[dict], None]) -> Path:
    """A changed version with two cases that hold, unsigned."""
    folder = to / ID
    shutil.copytree(AGREEMENTS / ID, folder, ignore=shutil.ignore_patterns("signatures"))
    agreement, cases = plain(ID), read_cases(folder)
    change(agreement)
    agreement["version"] = 2.0
    cases["cases"] = [case for case in cases["cases"] if case["shows"] == ["request"]]
    (folder / "agreement.yaml").write_bytes(dumped(agreement))
    (folder / "cases.yaml").write_bytes(dumped(cases))
    return folder


def read_cases(folder: Path) -> dict:
    import yaml

    return yaml.safe_load((folder / "cases.yaml").read_text(encoding="utf-8"))


def item(agreement: dict, entity: str, field: str) -> dict:
    return next(
        each
        for each in agreement["data_items"]
        if (each["entity"], each["field"], each["direction"]) == (entity, field, "out")
    )


def previewed(hub: Hub, folder: Path) -> Preview:
    return preview(hub, folder, lambda _: None)


def test_version_that_is_in_force_changes_nothing(hub):
    put(hub, 12)

    found = previewed(hub, AGREEMENTS / ID)

    assert (found.looked_at, found.newly, found.stopped, found.newly_by_field) == (10, NOTHING, NOTHING, {})


def test_field_taken_out_and_field_put_in_are_counted_by_people_and_values(hub, tmp_path):
    put(hub, 12)

    def change(agreement: dict) -> None:
        agreement["data_items"].remove(item(agreement, "person", "first_language"))
        item(agreement, "contact_point", "value")["transform"] = "flag-only"

    found = previewed(hub, version(tmp_path, change))

    assert found.in_force == "1.0"
    assert found.stopped_by_field == {
        "contact_point.kind": Moved(10, 10),  # two rows that say the same are one
        "contact_point.value": Moved(10, 25),
        "person.first_language": Moved(10, 10),
    }
    assert found.stopped == Moved(10, 50)
    assert set(found.newly_by_field) == {"contact_point.value"}  # "there is one" was not said before


def test_few_people_are_hidden_with_their_values(hub, tmp_path):
    put(hub, 9)
    put(hub, 11, language="")

    def change(agreement: dict) -> None:
        agreement["data_items"].remove(item(agreement, "person", "first_language"))

    found = previewed(hub, version(tmp_path, change))

    assert found.looked_at == 20
    assert found.stopped == HIDDEN
    assert found.stopped_by_field == {"person.first_language": HIDDEN}


def test_wider_subjects_are_disclosed_whole_and_narrower_ones_stop(hub, tmp_path):
    put(hub, 12)
    put(hub, 14, born="2010-05-05")

    wider = previewed(hub, version(tmp_path / "wider", lambda agreement: agreement["subjects"].pop("minimum_age")))
    narrower = previewed(
        hub, version(tmp_path / "narrower", lambda agreement: agreement["subjects"].update(minimum_age=99))
    )

    assert wider.newly.people == 15
    assert wider.newly_by_field["person.family_name"] == Moved(15, 15)
    assert wider.stopped == NOTHING
    assert (narrower.stopped.people, narrower.newly) == (10, NOTHING)


def test_agreement_of_which_nothing_is_in_force_discloses_everything_newly(hub):
    put(hub, 12)
    hub.agreements = {}

    found = previewed(hub, AGREEMENTS / ID)

    assert found.in_force is None
    assert found.newly_by_field["person.family_name"] == Moved(10, 10)


def test_subjects_who_are_withheld_are_told_by_clause(hub):
    for person in put(hub, 12):
        hub.conn.execute(
            "UPDATE canonical.row SET body = body || '{\"restricted\": true}' WHERE entity = 'person' AND subject IN"
            " (SELECT record FROM identity.person_link WHERE person = %s)",
            (person,),
        )

    found = previewed(hub, AGREEMENTS / ID)

    assert found.newly == found.stopped == NOTHING
    assert found.withheld == {} or set(found.withheld.values()) == {10}


def test_version_to_come_is_decided_as_on_its_first_day(hub, tmp_path):
    put(hub, 12)

    def change(agreement: dict) -> None:
        agreement.update(effective="2027-01-01")

    assert previewed(hub, version(tmp_path, change)).stopped == NOTHING


def test_version_of_which_a_case_fails_is_not_run(hub, tmp_path):
    folder = version(tmp_path, lambda _: None)
    cases = read_cases(folder)
    cases["cases"][0]["expect"] = {"outcome": "release", "released": ["person.family_name"]}
    (folder / "cases.yaml").write_bytes(dumped(cases))

    with pytest.raises(AgreementRefused, match="expected release"):
        previewed(hub, folder)


def test_look_is_on_the_record_and_nothing_is_due_or_sent(hub):
    put(hub, 12)

    previewed(hub, AGREEMENTS / ID)

    noted = hub.conn.execute("SELECT count(*) FROM audit.entry").fetchone()
    assert noted == (1,)
    assert hub.conn.execute("SELECT count(*) FROM exchange.outbox").fetchone() == (0,)


def test_people_are_decided_in_batches(hub):
    put(hub, 12)
    hub.settings = hub.settings.model_copy(update={"batch_rows": 5})
    told: list[str] = []

    found = preview(hub, AGREEMENTS / ID, told.append)

    assert told == ["5 of 12 people decided", "10 of 12 people decided", "12 of 12 people decided"]
    assert found.newly == NOTHING


def test_command_says_in_words_and_in_json(database_url, tmp_path, monkeypatch, capsys):
    with hub_on_database(database_url, tmp_path / "home", AT) as hub:
        put(hub, 12)
    folder = version(
        tmp_path, lambda agreement: agreement["data_items"].remove(item(agreement, "person", "first_language"))
    )
    for name, value in {
        "HOME": tmp_path / "home", "DATABASE_URL": database_url, "AGREEMENTS": AGREEMENTS,
        "AMQP_URL": "amqp://nobody@127.0.0.1:1/none", "ALLOW_EXAMPLE_SIGNERS": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"WYE_{name}", str(value))

    assert run(["agreements", "preview", str(folder)]) == 0
    text = capsys.readouterr().out
    assert run(["agreements", "preview", str(folder), "--json"]) == 0
    data = orjson.loads(capsys.readouterr().out)

    assert "adult-care-acute 2.0 against version 1.0, in force; about 10 people decided" in text
    assert "would newly disclose: nothing" in text
    assert "person.first_language  about 10 people, about 10 values" in text
    assert data["stopped_by_field"] == {"person.first_language": {"people": 10, "rows": 10}}
    assert "Okafor" not in text
