"""One fault at a time: each is said in our own words, and stops nothing but itself."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import yaml
from bad_night import ours
from example_agreements import copied
from leaks import in_database
from tcp_road import never_answering

from connectors.frameworki import Frameworki
from connectors.frameworki.counterpart.load import load
from connectors.nhs_fhir import NhsFhir
from connectors.nhs_fhir.counterpart.__main__ import admission_bundle
from wye import bootstrap
from wye.county import make
from wye.errors import ContractBroken, EnvironmentFault, SourceUnavailable, UsageError
from wye.exchange.inbound import InboundMessage
from wye.ports import Connector, SourceRow
from wye.road import receive
from wye.road.hub import Hub
from wye.road.ingest import Ingested, ingest, map_landed
from wye.road.once import once
from wye.settings import Settings

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOSPITAL = "adult-care-acute"
NOBODY = "127.0.0.1:1"
NEW_COLUMN = "ALTER TABLE mosaic.dm_care_packages ADD COLUMN shoe_size text DEFAULT 'Zzhelddrop'"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    make(folder, 60, 5)
    return folder


@pytest.fixture
def settings(tmp_path: Path, county: Path, database_url: str) -> Settings:
    """A hub with one system, Mosaic, in the hub's own database, and no broker."""
    load(county / "frameworki", database_url)
    return Settings(
        home=tmp_path,
        database_url=database_url,
        amqp_url=f"amqp://wye:wye@{NOBODY}/wye",
        agreements=ROOT / "sharing_agreements",
        allow_example_signers=True,
        sources={"frameworki": {"url": database_url}},
    )


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    with bootstrap.open_hub(settings) as one:
        yield one


def do(hub: Hub, statement: str) -> None:
    hub.conn.execute(statement)  # type: ignore[call-overload]  # ours


def wye(*words: str, settings: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(Path(sys.executable).parent / "wye"), *words],
        env={"PATH": "/usr/bin:/bin", **settings},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def mapped(hub: Hub, stream: str) -> int:
    found = hub.conn.execute("SELECT count(*) FROM canonical.row WHERE stream = %s", (stream,)).fetchone()
    return int(str(found[0])) if found else 0


@pytest.mark.timeout(60)
def test_source_that_never_answers_is_given_up_on_by_its_patience(hub: Hub) -> None:
    with never_answering("http://crm.example") as url:
        slow = {"crm": {"url": url, "token": "t", "patience_seconds": "2"}}
        with pytest.raises(SourceUnavailable, match=r"`contacts`: no answer \(ReadTimeout\)"):
            ingest(with_sources(hub, slow), "crm")


def with_sources(hub: Hub, more: dict[str, dict[str, str]]) -> Hub:
    """Give a hub that reaches other systems too."""
    settings = hub.settings.model_copy(update={"sources": {**hub.settings.sources, **more}})
    return replace(hub, settings=settings, make_connector=lambda name: bootstrap.make_connector(settings, name))


@pytest.mark.parametrize("words", [("run", "--json"), ("people", "review")])
def test_database_absent_says_how_to_start_it(words: tuple[str, ...], tmp_path: Path) -> None:
    url = f"postgresql://wye:Zzinjected@{NOBODY}/wye"
    done = wye(
        *words, settings={"WYE_HOME": str(tmp_path), "WYE_DATABASE_URL": url, "WYE_AMQP_URL": f"amqp://{NOBODY}/wye"}
    )

    assert done.returncode == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("wye: the database does not answer; start it with `wye services up`")
    assert "Zzinjected" not in line


def test_database_that_goes_away_ends_the_run_and_says_so(settings: Settings) -> None:
    def lose() -> None:
        with bootstrap.open_hub(settings) as hub:
            found = hub.conn.execute("SELECT pg_backend_pid()").fetchone()
            with psycopg.connect(str(settings.database_url), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", found)
            once(hub, lambda _: None)

    with pytest.raises(EnvironmentFault, match="the database went away; start it") as said:
        lose()
    assert said.value.__cause__ is None


def test_held_batch_is_mapped_once_its_contract_names_the_column(hub: Hub, tmp_path: Path) -> None:
    do(hub, NEW_COLUMN)
    held = ingest(hub, "frameworki")
    schemas = hub.conn.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|mosaic|information)'"
    ).fetchall()
    leaks = list(in_database(str(hub.settings.database_url), ours(), tuple(str(name) for (name,) in schemas)))

    amended = naming(tmp_path, "packages", "SHOE_SIZE")
    done = ingest(replace(hub, make_connector=lambda _: amended(hub), _connectors={}, _contracts={}), "frameworki")

    assert [reason.count("`SHOE_SIZE`") for reason in held.held] == [1]
    assert leaks == []
    assert (done.held, done.landed) == ([], 0)
    assert mapped(hub, "packages") > 0


def naming(folder: Path, stream: str, column: str) -> "type[Connector]":
    """Make the connector of a contract that names one more column."""
    content = yaml.safe_load(Frameworki.contract.read_text(encoding="utf-8"))
    (schema,) = [each for each in content["schema"] if each["name"] == stream]
    schema["properties"].append({"name": column, "logicalType": "string", "classification": "none"})
    path = folder / "contract.odcs.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")

    class Amended(Frameworki):
        contract = path

        def __init__(self, hub: Hub) -> None:
            super().__init__(hub.settings.sources["frameworki"])

    return Amended


def test_held_batch_gives_way_once_the_column_is_dropped_though_no_row_changed(hub: Hub) -> None:
    do(hub, NEW_COLUMN)
    held = ingest(hub, "frameworki").held
    still = ingest(hub, "frameworki")
    do(hub, "ALTER TABLE mosaic.dm_care_packages DROP COLUMN shoe_size")

    done = ingest(hub, "frameworki")
    after = ingest(hub, "frameworki")

    assert still.held == held != []
    assert still.landed == 0
    assert done.held == []
    assert mapped(hub, "packages") > 0
    assert after.landed == 0


def test_lost_column_is_named_once_all_else_is_read_and_mapped(hub: Hub) -> None:
    do(hub, "ALTER TABLE mosaic.dm_persons RENAME COLUMN restricted TO hidden")
    do(hub, NEW_COLUMN)

    with pytest.raises(ContractBroken, match=r"lacks `RESTRICTED`.*held: stream `packages`"):
        ingest(hub, "frameworki")

    assert mapped(hub, "persons") == 0
    assert mapped(hub, "addresses") > 0


BROKEN = {
    "twice": ("\ntitle: again\n", "key `title` stands twice"),
    "unknown": ("\ncolour: red\n", "unknown key `colour`"),
    "no-yaml": ("\ncolour: [red\n", "not YAML"),
    "no-text": ("\0\n", "a NUL"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_agreement_is_refused_with_its_line_and_no_other(fault: str, settings: Settings, tmp_path: Path) -> None:
    agreements = copied(tmp_path)
    path = agreements / HOSPITAL / "agreement.yaml"
    more, said = BROKEN[fault]
    path.write_text(path.read_text() + more)

    with bootstrap.open_hub(settings.model_copy(update={"agreements": agreements})) as hub:
        assert sorted(hub.feeds) == ["care-packages-finance", "safeguarding-police"]
        (name,) = hub.refused
        assert name == "adult-care-acute"
        assert said in hub.refused[name]
        assert hub.refused[name].startswith("adult-care-acute/agreement.yaml:")


def test_source_that_breaks_in_an_unforeseen_way_stops_no_other_and_tells_no_value(hub: Hub) -> None:
    def made(name: str) -> Connector:
        if name == "agresso":
            raise RuntimeError("Zzinjected")
        return bootstrap.make_connector(hub.settings, name)

    done = once(replace(hub, make_connector=made), lambda _: None)

    faults = [str(fault) for fault in done["faults"]]
    assert "ingest agresso: stopped by an unexpected RuntimeError; WYE_TRACEBACK=1 shows where" in faults
    assert any(fault.startswith("ingest crm: setting `WYE_SOURCES__CRM__URL` is missing") for fault in faults)
    assert ours().search(str(faults).encode()) is None
    assert mapped(hub, "persons") > 0


def test_held_batch_is_a_fault_of_the_run_with_its_column(hub: Hub) -> None:
    do(hub, NEW_COLUMN)

    done = once(hub, lambda _: None)

    (fault,) = [str(each) for each in done["faults"] if str(each).startswith("ingest frameworki: ")]
    assert fault.startswith("ingest frameworki: held: stream `packages` holds column `SHOE_SIZE`")


def test_what_a_task_raises_is_ours_and_carries_no_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WYE_BATCH_ROWS", "Zzinjected")

    with pytest.raises(UsageError, match="setting `WYE_BATCH_ROWS`") as said:
        bootstrap.run("identify")

    assert ours().search(str(said.value).encode()) is None
    assert (said.value.__cause__, said.value.__suppress_context__) == (None, True)


class Brittle(NhsFhir):
    """Break on one message, as no connector should."""

    def rows(self, stream: str, body: bytes, received_at: datetime) -> Sequence[SourceRow]:
        if b"Zzunread" in body:
            raise RuntimeError(body.decode())
        return super().rows(stream, body, received_at)


def admissions(county: Path) -> list[InboundMessage]:
    """Make two messages of the hospital's; the first is the brittle reader's undoing."""
    line = (county / "hospital" / "admissions.jsonl").read_text(encoding="utf-8").splitlines()[0]
    made = []
    for number, name in enumerate(("Zzunread", "Underhay"), start=1):
        admission = json.loads(line) | {"id": f"adm-{number}", "family_name": name}
        body = json.dumps(admission_bundle(admission)).encode()
        made.append(
            InboundMessage(
                UUID(int=number), "arrowshire-hospitals", HOSPITAL, "1.0", None, AT, "application/fhir+json", body
            )
        )
    return made


def test_message_that_breaks_its_reader_waits_sealed_and_the_next_lands(hub: Hub, county: Path) -> None:
    done = Ingested("nhs_fhir")
    receive._land(hub, "nhs_fhir", "admissions", HOSPITAL, Brittle({}), admissions(county), done)
    map_landed(hub, "nhs_fhir", done)

    assert (done.read, done.landed, done.quarantined) == (2, 1, 1)
    rules = hub.conn.execute("SELECT rule, stream FROM intake.quarantine").fetchall()
    assert rules == [("reading it fails with RuntimeError", "admissions")]
    assert list(in_database(str(hub.settings.database_url), ours(), ("audit", "canonical", "intake"))) == []
    assert mapped(hub, "admissions") > 0


def test_message_landed_before_its_agreement_was_suspended_waits_for_it(hub: Hub, county: Path) -> None:
    done = Ingested("nhs_fhir")
    receive._land(hub, "nhs_fhir", "admissions", HOSPITAL, NhsFhir({}), admissions(county), done)

    map_landed(replace(hub, agreements={}), "nhs_fhir", done)
    suspended = mapped(hub, "admissions")
    map_landed(hub, "nhs_fhir", done)

    assert suspended == 0
    assert mapped(hub, "admissions") > 0
