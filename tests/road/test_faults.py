"""A night on which everything goes wrong: what can flow flows, what cannot is said, and in the morning nothing is lost."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import UUID, uuid5

import pytest
from bad_night import (
    NUMBERS,
    ROOT,
    Run,
    add_bad_rows,
    bad_admissions,
    bad_notices,
    expected_quarantine,
    mosaic,
    ours,
    personal,
    send_messages,
    wye,
)
from example_agreements import copied
from journey import consume, hub_on, nameless
from leaks import in_database
from tcp_road import gone_after

from wye.county.truth import read_truth
from wye.demo.stage import Stage, set_stage, settings_of
from wye.errors import BrokerUnavailable
from wye.exchange.broker import open_channel
from wye.exchange.publisher import Publisher
from wye.local.broker import Broker
from wye.local.cluster import Cluster
from wye.ports import record_id
from wye.road.hub import Hub
from wye.road.ingest import ingest
from wye.road.people import different, same
from wye.road.receipts import receipts
from wye.road.relay import relay
from wye.store.database import connect

pytestmark = pytest.mark.timeout(900)

POLICE = "safeguarding-police"
HOSPITAL = "adult-care-acute"
COUNCIL = ("agresso", "civica_revenues", "crm", "frameworki")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, broker: Broker) -> Iterator[Stage]:
    home = tmp_path_factory.mktemp("stage")
    one = set_stage(home, people=100, seed=5, cluster=cluster, broker=broker, agreements=ROOT / "sharing_agreements")
    with one.processes:
        yield one


def ask(stage: Stage, query: str, *words: object) -> list[tuple[object, ...]]:
    with connect(stage.databases["hub"]) as conn:
        return conn.execute(query, words).fetchall()  # type: ignore[call-overload, no-any-return]  # ours


def counts(stage: Stage, query: str, *words: object) -> dict[str, int]:
    return cast("dict[str, int]", dict(ask(stage, query, *words)))


def outbox(stage: Stage, agreement: str = HOSPITAL) -> dict[str, int]:
    return counts(stage, "SELECT state, count(*) FROM exchange.outbox WHERE agreement = %s GROUP BY state", agreement)


def depth(hub: Hub, queue: str) -> int:
    with open_channel(hub.amqp_url) as channel:
        return int(channel.queue_declare(queue, passive=True).method.message_count)


@dataclass
class Night:
    """Hold what was seen during the night, step by step."""

    stage: Stage
    sent: int
    run: Run
    """CRM down, a strange column, a lost column, an altered agreement, no broker."""
    cursors: set[tuple[object, ...]]
    canonical: dict[str, int]
    held: list[tuple[object, ...]]
    waiting: dict[str, int]
    leaks: list[str]
    checked: Run
    cut_said: str = ""
    after_cut: dict[str, int] | None = None
    inbound_left: tuple[int, int] = (0, 0)


@pytest.fixture(scope="module")
def night(stage: Stage, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Night:
    sent = send_messages(stage)
    add_bad_rows(stage)
    stage.processes.end("crm")
    mosaic(
        stage,
        "ALTER TABLE mosaic.dm_care_packages ADD COLUMN shoe_size text DEFAULT 'Zzhelddrop'",
        "ALTER TABLE mosaic.dm_telephone_numbers RENAME COLUMN telephone_number TO telephone_no",
    )
    agreements = copied(tmp_path_factory.mktemp("agreements"))
    text = agreements / POLICE / "agreement.yaml"
    text.write_text(text.read_text() + "title: twice\n")
    stage.environment |= {"WYE_AGREEMENTS": str(agreements), "WYE_SOURCES__CRM__PATIENCE_SECONDS": "2"}

    broker.stop()
    try:
        run = wye(stage, "run", "--json")
    finally:
        broker.start()
    seen = Night(
        stage,
        sent,
        run,
        set(ask(stage, "SELECT source, stream FROM intake.cursor")),
        counts(stage, "SELECT source || '.' || stream, count(*) FROM canonical.row GROUP BY 1"),
        ask(stage, "SELECT source, stream, held_reason FROM intake.batch WHERE state = 'held'"),
        outbox(stage),
        list(
            in_database(
                stage.databases["hub"],
                personal(stage),
                ("audit", "exchange", "intake", "keys", "sharing"),
            )
        ),
        wye(stage, "agreements", "check"),
    )
    stage.settings = settings_of(stage.environment)
    with hub_on(stage) as hub:
        before = depth(hub, f"inbound.{POLICE}")
        ingest(hub, "police")
        seen.inbound_left = (before, depth(hub, f"inbound.{POLICE}"))
        with gone_after(hub.amqp_url, 20_000) as url, Publisher(url, window=3, patience=1) as publisher:
            try:
                relay(hub, HOSPITAL, publisher)
            except BrokerUnavailable as error:
                seen.cut_said = str(error)
    seen.after_cut = outbox(stage)
    return seen


@dataclass
class Morning:
    """Hold what was seen after all was mended: first with a full disk, then with room."""

    night: Night
    full: Run
    drops_when_full: list[str]
    reserved_when_full: set[tuple[object, ...]]
    good: Run

    @property
    def stage(self) -> Stage:
        return self.night.stage


@pytest.fixture(scope="module")
def morning(night: Night) -> Morning:
    stage = night.stage
    stage.processes.environment["CRM_COUNTERPART_TOKEN"] = stage.environment["WYE_SOURCES__CRM__TOKEN"]
    crm = stage.processes.announce("crm", "connectors.crm.counterpart", "--data", str(stage.data / "crm"))
    mosaic(
        stage,
        "ALTER TABLE mosaic.dm_care_packages DROP COLUMN shoe_size",
        "ALTER TABLE mosaic.dm_telephone_numbers RENAME COLUMN telephone_no TO telephone_number",
    )
    stage.environment |= {"WYE_AGREEMENTS": str(ROOT / "sharing_agreements"), "WYE_SOURCES__CRM__URL": crm["url"]}
    stage.settings = settings_of(stage.environment)

    full = wye(stage, "run", "--json", file_limit=64)
    drops = [path.name for path in drop_files(stage)]
    reserved = set(ask(stage, "SELECT system, batch FROM exchange.handed_on WHERE written_at IS NULL"))
    good = wye(stage, "run", "--json")
    consume(stage)
    with hub_on(stage) as hub:
        receipts(hub)
    return Morning(night, full, drops, reserved, good)


def drop_files(stage: Stage) -> list[Path]:
    """List what lies where the council's systems look for files from the hub."""
    folders = (stage.home / "drops" / "mosaic", Path(stage.settings.sources["agresso"]["drop_folder"]))
    return [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]


def test_source_down_is_named_and_stops_no_other(night: Night) -> None:
    said = night.run.fault("ingest crm")

    assert night.run.code == 1
    assert "the CRM does not serve `contacts`: no answer (ConnectError)" in said
    assert {name for name in COUNCIL if night.run.out.count(f'"name": "{name}"')} == {"agresso", "civica_revenues"}
    assert night.canonical["civica_revenues.members"] > 0
    assert night.run.counts("identify")["persons_new"] > 0


def test_source_down_moves_no_cursor_and_loses_none(night: Night) -> None:
    assert not any(source == "crm" for source, _ in night.cursors)
    assert not any(name.startswith("crm.") for name in night.canonical)


def test_new_column_holds_its_stream_by_name_and_no_other(night: Night) -> None:
    assert [(source, stream) for source, stream, _ in night.held] == [("frameworki", "packages")]
    assert "`SHOE_SIZE`" in str(night.held[0][2])
    assert f"held: {night.held[0][2]}" in night.run.fault("ingest frameworki")
    assert "frameworki.packages" not in night.canonical
    assert night.canonical["frameworki.persons"] > 0
    assert ("frameworki", "packages") in night.cursors


def test_lost_column_stops_its_stream_by_name_and_no_other(night: Night) -> None:
    assert "lacks `TELEPHONE_NUMBER`" in night.run.fault("ingest frameworki")
    assert "frameworki.telephones" not in night.canonical
    assert ("frameworki", "telephones") not in night.cursors
    assert night.canonical["frameworki.answers"] > 0  # read after it


def test_altered_agreement_is_refused_with_its_line_and_others_go_on(night: Night) -> None:
    (said,) = [fault for fault in night.run.faults if fault.startswith("agreement ")]

    assert f"agreement {POLICE} is not in force" in said
    assert f"{POLICE}/agreement.yaml:" in said
    assert "key `title` stands twice" in said
    assert night.run.counts("share", HOSPITAL)["released"] > 0


def test_agreements_check_finds_the_altered_one(night: Night) -> None:
    assert night.checked.code == 1
    assert "key `title` stands twice" in night.checked.out
    assert f"{HOSPITAL}: in order" in night.checked.out


def test_broker_down_is_said_at_each_step_that_needs_it_and_nothing_is_lost(night: Night) -> None:
    for step in ("ingest nhs_fhir", f"relay {HOSPITAL}", "deliver", "receipts"):
        assert "the broker does not answer" in night.run.fault(step), step
        assert "nothing was lost" in night.run.fault(step), step
    assert set(night.waiting) == {"waiting"}
    assert night.waiting["waiting"] == night.run.counts("share", HOSPITAL)["released"]


def test_broker_gone_in_the_middle_of_a_relay_keeps_what_it_did_not_take(night: Night) -> None:
    assert night.after_cut is not None
    assert "wye services up" in night.cut_said
    assert set(night.after_cut) <= {"published", "numbered", "waiting"}
    assert 0 < night.after_cut["numbered"] <= night.waiting["waiting"]
    assert sum(night.after_cut.values()) == night.waiting["waiting"]


def test_messages_under_an_agreement_not_in_force_stay_on_their_queue(night: Night) -> None:
    before, after = night.inbound_left

    assert before == after > len(bad_notices(night.stage))


def test_bad_rows_wait_with_rule_and_dimension_and_the_others_flow(night: Night, morning: Morning) -> None:
    expected = expected_quarantine()
    found: dict[object, set[tuple[object, object]]] = {}
    for record, rule, dimension in ask(
        night.stage, "SELECT record, rule, dimension FROM intake.quarantine WHERE record = ANY(%s)", list(expected)
    ):
        found.setdefault(record, set()).add((rule, dimension))

    assert morning.good.code == 0
    assert {record: said <= found.get(record, set()) for record, said in expected.items()} == dict.fromkeys(
        expected, True
    )
    assert ask(night.stage, "SELECT count(*) FROM canonical.row WHERE record = ANY(%s)", list(expected)) == [(0,)]


def test_bad_messages_wait_sealed_with_their_reason_and_the_others_land(morning: Morning) -> None:
    said = [
        str(rule)
        for (rule,) in ask(morning.stage, "SELECT rule FROM intake.quarantine WHERE source IN ('nhs_fhir', 'police')")
    ]
    landed = ask(morning.stage, "SELECT count(*) FROM exchange.inbound")
    reasons = [why for bad in (bad_admissions, bad_notices) for _, why in bad(morning.stage).values()]

    for why in reasons:
        assert any(why in each for each in said), why
    assert landed == [(morning.night.sent,)]
    bad = [record_id("nhs_fhir", "admissions", "bad-birthDate")]
    bad += [record_id("police", "notices", str(uuid5(NUMBERS, name))) for name in ("nul", "day")]
    assert ask(morning.stage, "SELECT count(*) FROM intake.landed WHERE record = ANY(%s)", bad) == [(len(bad),)]
    assert ask(morning.stage, "SELECT count(*) FROM canonical.row WHERE record = ANY(%s)", bad) == [(0,)]
    good = counts(morning.stage, "SELECT source, count(*) FROM canonical.row WHERE superseded_at IS NULL GROUP BY 1")
    assert min(good["nhs_fhir"], good["police"]) > 0


def test_full_disk_is_said_and_leaves_no_partial_file(morning: Morning) -> None:
    assert morning.full.code == 1
    for step in ("deliver", "hand_on"):
        assert "no" in morning.full.fault(step)
        assert "make room" in morning.full.fault(step)
    assert morning.drops_when_full == []
    assert {system for system, _ in morning.reserved_when_full} == {"agresso", "frameworki"}


def test_next_run_writes_the_same_batches_once(morning: Morning) -> None:
    written = ask(
        morning.stage,
        "SELECT DISTINCT system, batch FROM exchange.handed_on WHERE written_at IS NOT NULL",
    )

    assert morning.good.code == 0
    assert morning.reserved_when_full == set(written)
    assert ask(morning.stage, "SELECT count(*) FROM exchange.handed_on WHERE written_at IS NULL") == [(0,)]
    names = [path.name for path in drop_files(morning.stage)]
    for system, batch in morning.reserved_when_full:
        suffix = ".ctl" if system == "agresso" else ".json"
        assert names.count(f"{batch}{suffix}") == 1


def test_source_and_columns_that_came_back_are_caught_up_with(morning: Morning) -> None:
    now = counts(morning.stage, "SELECT source || '.' || stream, count(*) FROM canonical.row GROUP BY 1")

    assert morning.full.counts("ingest", "crm")["landed"] > 0
    assert {"crm.contacts", "crm.incidents", "frameworki.telephones", "frameworki.packages"} <= set(now)
    assert ask(morning.stage, "SELECT count(*) FROM intake.batch WHERE state <> 'mapped'") == [(0,)]
    assert morning.good.faults == []


def test_all_that_waited_is_delivered_and_applied_once(morning: Morning) -> None:
    states = counts(morning.stage, "SELECT state, count(*) FROM exchange.outbox GROUP BY state")
    delivered = ask(
        morning.stage, "SELECT agreement, count(*) FROM exchange.outbox WHERE state = 'delivered' GROUP BY 1"
    )

    assert set(states) <= {"delivered", "superseded"}
    assert {name for name, _ in delivered} == {HOSPITAL, POLICE, "care-packages-finance"}
    for name in ("arrowshire-hospitals", "marches-police", "finance"):
        with connect(morning.stage.databases[name]) as conn:
            found = conn.execute(
                "SELECT outcome, count(*), count(DISTINCT id) FROM partner.inbox GROUP BY 1"
            ).fetchall()
        assert [outcome for outcome, _, _ in found] == ["applied"], name
        assert all(each == ids for _, each, ids in found)


def test_nothing_personal_is_printed_or_rests_in_clear(morning: Morning) -> None:
    wanted = personal(morning.stage)

    for run in (morning.night.run, morning.full, morning.good):
        assert wanted.search(run.out.encode()) is None
        assert wanted.search(run.err.encode()) is None
        assert "Traceback" not in run.err
    assert morning.night.leaks == []
    # The columns of the model rest in clear, those of the marker people too; what was never mapped does so nowhere.
    sealed = ("audit", "exchange", "intake", "keys", "sharing")
    everywhere = (*sealed, "canonical", "identity")
    assert list(in_database(morning.stage.databases["hub"], wanted, sealed)) == []
    assert list(in_database(morning.stage.databases["hub"], ours(), everywhere)) == []


@pytest.mark.long
def test_all_ends_as_on_an_undisturbed_night(
    morning: Morning, tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, broker: Broker
) -> None:
    other = set_stage(
        tmp_path_factory.mktemp("quiet"),
        people=100,
        seed=5,
        cluster=cluster,
        broker=broker,
        agreements=ROOT / "sharing_agreements",
    )
    with other.processes:
        send_messages(other)
        add_bad_rows(other)
        run = wye(other, "run", "--json")
        consume(other)
        # Names are counted when half the records are there, or when all are: a weak pair that was joined by the first
        # count is in doubt by the second. That is a steward's to decide, and the same decisions end in the same.
        decided: set[tuple[UUID, UUID]] = set()
        while doubtful := (doubts(morning.stage) | doubts(other)) - decided:
            decided |= doubtful
            for stage in (morning.stage, other):
                decide(stage, doubtful)
    disturbed, undisturbed = final(morning.stage), final(other)

    assert run.faults == []
    assert doubts(morning.stage) == doubts(other) == set()
    assert len(decided) < 10
    assert disturbed == undisturbed
    assert all(undisturbed.values())


def doubts(stage: Stage) -> set[tuple[UUID, UUID]]:
    """Give the pairs of records that wait for a steward."""
    found = ask(stage, "SELECT record_a, record_b FROM identity.doubt WHERE decided_at IS NULL")
    return cast("set[tuple[UUID, UUID]]", set(found))


def decide(stage: Stage, pairs: set[tuple[UUID, UUID]]) -> None:
    """Decide pairs by the county's truth, as a steward who knew would, and share what follows."""
    truth = {record_id(*key): person for key, person in read_truth(stage.data / "truth").items()}
    with hub_on(stage) as hub:
        for a, b in sorted(pairs):
            (same if truth[a] == truth[b] else different)(hub, a, b, "both opened")
    assert wye(stage, "run", "--json").faults == []
    consume(stage)
    assert wye(stage, "run", "--json").faults == []


def final(stage: Stage) -> dict[str, Counter[str]]:
    """Tell what is known and who holds what, without the names that differ from run to run."""
    found = {
        "canonical": "SELECT concat_ws(' ', record, entity, part, subject, body) FROM canonical.row WHERE superseded_at IS NULL",
        "people": "SELECT string_agg(record::text, ' ' ORDER BY record) FROM identity.person_link"
        " WHERE superseded_at IS NULL GROUP BY person",
        "holders": "SELECT agreement || string_agg(record::text, ' ' ORDER BY record) FROM exchange.recipient_state"
        " JOIN identity.person_link USING (person) WHERE superseded_at IS NULL GROUP BY agreement, person",
        "quarantine": "SELECT concat_ws(' ', record, rule) FROM intake.quarantine WHERE cleared_at IS NULL",
    }
    ends = {name: Counter(str(line) for (line,) in ask(stage, query)) for name, query in found.items()}
    for name in ("arrowshire-hospitals", "marches-police", "finance"):
        with connect(stage.databases[name]) as conn:
            rows = conn.execute("SELECT agreement, subject, body FROM partner.held").fetchall()
        ends[name] = Counter(f"{agreement} {nameless(str(body), str(subject))}" for agreement, subject, body in rows)
    return ends
