"""`wye health`: each thing that an operator must see is seen, by itself, and names nobody."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from audit_log import AT, ORIGIN, a_log, an_event
from county_hub import hub_on_database
from shredding import MARKER, known

from wye import bootstrap
from wye.agreements.in_force import Standing, read_agreement, standing
from wye.audit.append import append
from wye.audit.backlog import ALARM, STOP
from wye.audit.checkpoint import sign
from wye.audit.outside import KeptCheckpoints
from wye.audit.rows import newest_checkpoint
from wye.errors import WyeError
from wye.exchange.topology import Route
from wye.keys.file import FileKeys
from wye.road import runs
from wye.road.health import services, trail
from wye.road.health.agreements import agreements, offices
from wye.road.health.finding import Finding, Level, worst
from wye.road.health.jobs import expected, jobs
from wye.road.health.look import look
from wye.road.health.work import LIMITS, waiting
from wye.road.verbs import VERBS
from wye.settings import Settings
from wye.store.database import connect

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[2]
NOWHERE = "amqp://nobody@127.0.0.1:1/none"
WITNESS = {"police": {"url": "http://127.0.0.1:1", "key": "unused"}}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def settings(database_url: str, amqp_url: str, tmp_path: Path) -> Settings:
    FileKeys.open(tmp_path / "keys")
    return Settings(
        home=tmp_path, database_url=database_url, amqp_url=amqp_url, agreements=ROOT / "sharing_agreements",
        allow_example_signers=True,
    )  # fmt: skip


def found(settings: Settings, at: datetime = AT, *, services_only: bool = False) -> dict[str, Finding]:
    return {each.name: each for each in look(settings, ["crm"], at, services_only=services_only)}


def test_new_hub_is_sound_and_says_what_was_never_done(settings: Settings) -> None:
    told = found(settings)

    wrong = {name for name, each in told.items() if each.level in {Level.RED, Level.DOWN}} - {"queues"}
    assert wrong == set()
    assert {
        "database",
        "broker",
        "keys",
        "sequencing",
        "log",
        "witnesses",
        "held batches",
        "quarantine",
        "outbox",
    } <= set(told)
    assert {"identity", "agreement adult-care-acute", "job score", "job sample adult-care-acute", "job train"} <= set(
        told
    )
    assert told["job score"].level is Level.WARN
    assert told["witnesses"].level is Level.WARN


def test_services_that_are_away_are_each_said_and_keys_are_not_made(settings: Settings, tmp_path: Path) -> None:
    away = settings.model_copy(
        update={"database_url": "postgresql://nobody@127.0.0.1:1/none", "amqp_url": NOWHERE, "home": tmp_path / "new"}
    )

    told = found(away)

    assert {name: told[name].level for name in ("database", "broker", "keys")} == dict.fromkeys(
        ("database", "broker", "keys"), Level.DOWN
    )
    assert "wye services up" in told["database"].said
    assert not (tmp_path / "new").exists()
    assert "outbox" not in told


def test_services_only_looks_at_nothing_else(settings: Settings) -> None:
    assert {name: each.level for name, each in found(settings, services_only=True).items()} == dict.fromkeys(
        ("database", "broker", "keys"), Level.OK
    )


def test_tables_of_another_revision_are_down(settings: Settings, database_url: str) -> None:
    with connect(database_url) as conn:
        conn.execute("UPDATE public.wye_revision SET version_num = '0001'")

    told = found(settings)["database"]

    assert told.level is Level.DOWN
    assert "python -m wye.store migrate" in told.said


def test_queue_that_is_missing_is_red(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    route = Route(f"never-declared-{uuid4().hex}", "arrowshire-hospitals", inbound=False)
    monkeypatch.setattr("wye.road.health.services.routes_of", lambda _: (route,))

    (told,) = services.queues(settings)

    assert told.level is Level.RED
    assert route.agreement in told.said


def test_entry_without_an_index_turns_red_and_then_says_that_nothing_is_disclosed(
    settings: Settings, database_url: str
) -> None:
    keys = FileKeys.open(settings.keys)
    with connect(database_url) as conn:
        append(conn, keys, [an_event()], AT)
        (soon,), (late,), (stopped,) = (
            trail.sequencing(conn, AT + age) for age in (ALARM, ALARM + MINUTE, STOP + MINUTE)
        )

    assert [each.level for each in (soon, late, stopped)] == [Level.OK, Level.RED, Level.RED]
    assert "nothing is disclosed" not in late.said
    assert "nothing is disclosed" in stopped.said


def test_older_log_and_a_lost_checkpoint_are_red(settings: Settings, database_url: str) -> None:
    keys, kept = FileKeys.open(settings.keys), KeptCheckpoints(settings.keys)
    with connect(database_url) as conn:
        a_log(conn, keys, 3, 2)
        newest = newest_checkpoint(conn)
        assert newest is not None

        (lost,) = trail.log(conn, keys, settings)
        kept.keep(newest.note)
        (whole,) = trail.log(conn, keys, settings)

    assert (lost.level, "no checkpoint of ours" in lost.said) == (Level.RED, True)
    assert whole.level is Level.OK
    kept.keep(sign(ORIGIN, 9, bytes(32), AT, keys.signing_key()).note)
    older = found(settings)["log"]
    assert (older.level, "an older log was restored" in older.said) == (Level.RED, True)
    kept.keep(sign(ORIGIN, 5, bytes(32), AT, keys.signing_key()).note)
    rewritten = found(settings)["log"]
    assert (rewritten.level, "history was rewritten" in rewritten.said) == (Level.RED, True)


def test_witness_that_has_not_seen_the_newest_turns_red_with_time(settings: Settings, database_url: str) -> None:
    watched = settings.model_copy(update={"witnesses": Settings(witnesses=WITNESS).witnesses})
    with connect(database_url) as conn:
        a_log(conn, FileKeys.open(settings.keys), 3)
        levels = [next(trail.witnesses(conn, watched, AT + age)).level for age in (HOUR, 2 * HOUR, 2 * DAY)]
        conn.execute("INSERT INTO audit.cosignature VALUES (3, 'police', '', %s)", (AT,))
        (seen,) = trail.witnesses(conn, watched, AT + 2 * DAY)

    assert levels == [Level.OK, Level.WARN, Level.RED]
    assert (seen.name, seen.level, seen.said) == ("witness police", Level.OK, "has cosigned all of the log (3)")


BATCH = (
    "INSERT INTO intake.batch (batch, source, stream, state, rows_read, landed_at)"
    " VALUES (%(id)s, 'crm', 'contacts', '{}', 1, %(since)s)"
)
LANDED = [
    BATCH.format("mapped"),
    "INSERT INTO intake.landed VALUES (%(id)s, %(id)s, %(id)s, false, %(since)s, '')",
]
QUARANTINED = (
    'INSERT INTO intake.quarantine (id, record, value, source, stream, rule, "column", dimension, owner, found_at)'
    " VALUES (%(id)s, %(id)s, %(id)s, 'crm', 'contacts', 'r', 'c', 'validity', 'o', %(since)s)"
)
PENDING = (
    "INSERT INTO canonical.pending_protection"
    " VALUES (%(id)s, %(id)s, %(id)s, 'crm', 'contacts', 'held', false, true, '[]', %(since)s)"
)
DOUBT = (
    "INSERT INTO identity.doubt (record_a, record_b, weight, found_at, queued)"
    " VALUES ('00000000-0000-0000-0000-000000000001', %(id)s, 1, %(since)s, true)"
)
ENTRY = "INSERT INTO audit.entry VALUES (%(id)s, '', '', '', %(since)s)"
OUTBOX = (
    "INSERT INTO exchange.outbox (id, agreement, version, partner, person, subject, kind, sealed, body_hash, fingerprint,"
    " audit_id, state, created_at, published_at) VALUES"
    " (%(id)s, 'adult-care-acute', '1.0', 'p', %(id)s, 's', 'put', '', '', '', %(id)s, '{}', %(since)s, %(since)s)"
)
HANDED = "INSERT INTO exchange.handed_on VALUES ('frameworki', 'notices', %(id)s, 'b', '', %(since)s, NULL)"
ONE_OFF = "INSERT INTO sharing.one_off VALUES (%(id)s, 'anna', %(since)s, true, '')"
DECIDED_ONCE = (
    "INSERT INTO sharing.one_off_decision VALUES (%(id)s, %(id)s, 'share', 'anna', %(since)s,"
    " %(since)s::timestamptz + interval '1 day', '')"
)
GLASS = (
    "INSERT INTO sharing.break_glass VALUES (%(id)s, 'feed', '1.0', %(id)s, 'anna', %(since)s,"
    " %(since)s::timestamptz + interval '1 hour', %(since)s::timestamptz + interval '1 day', '')"
)
GLASS_REVIEWED = (
    "INSERT INTO sharing.break_glass_review VALUES (%(id)s, %(id)s, 'anna', 'right', 'bert', %(since)s, '')"
)
NOTICE = "INSERT INTO sharing.break_glass_notice VALUES (%(id)s, %(id)s, 'anna', {}, %(since)s, '')"
REFERRED = (
    "INSERT INTO sharing.referred VALUES (%(id)s, %(id)s, 'feed', '1.0', 'partner', 'an office', %(since)s,"
    " %(since)s::timestamptz + interval '1 day')"
)
RECALL = "INSERT INTO exchange.recall VALUES (%(id)s, 'erasure', 'anna', %(since)s::timestamptz - interval '1 day', %(since)s, '')"
RECALL_LINE = "INSERT INTO exchange.recall_line VALUES (%(id)s, %(id)s, 'feed', 'partner', %(id)s, NULL)"
NONE = timedelta(0)
WAITS: list[tuple[str, list[str], timedelta, timedelta]] = [
    ("held batches", [BATCH.format("held")], NONE, NONE),
    ("batches not mapped", [BATCH.format("landed")], 2 * HOUR, 6 * HOUR),
    ("quarantine", [*LANDED, QUARANTINED], 7 * DAY, 28 * DAY),
    ("unplaced protections", [*LANDED, PENDING], NONE, NONE),
    ("identity", ["INSERT INTO canonical.changed VALUES (%(id)s, %(since)s)"], 2 * HOUR, 6 * HOUR),
    ("doubtful matches", [DOUBT], 7 * DAY, 28 * DAY),
    ("decisions due", ["INSERT INTO sharing.due VALUES ('feed', %(id)s, %(since)s, 'identity')"], 2 * HOUR, 6 * HOUR),
    ("outbox", [ENTRY, OUTBOX.format("waiting")], 2 * HOUR, 6 * HOUR),
    ("receipts", [ENTRY, OUTBOX.format("published")], DAY, 7 * DAY),
    ("notices held", [GLASS, GLASS_REVIEWED, NOTICE.format("true")], 7 * DAY, 28 * DAY),
    ("notices to send", [GLASS, GLASS_REVIEWED, NOTICE.format("false")], 7 * DAY, 28 * DAY),
    ("items to hand on", [HANDED], 2 * HOUR, DAY),
]


@pytest.mark.parametrize(("name", "statements", "warn", "red"), WAITS, ids=[each[0] for each in WAITS])
def test_what_waits_too_long_is_said_and_then_red(
    database_url: str, name: str, statements: list[str], warn: timedelta, red: timedelta
) -> None:
    with connect(database_url) as conn:
        words = {"id": uuid4(), "since": AT}
        for statement in statements:
            conn.execute(statement, words)

        def at(age: timedelta) -> dict[str, Finding]:
            return {each.name: each for each in waiting(conn, AT + age, ["feed"])}

        soon, later, much_later = at(warn)[name], at(red)[name], at(red + HOUR)[name]
        others = {other for other, each in at(NONE).items() if each.said != "none"}

    assert soon.level is (Level.RED if red == NONE else Level.OK)
    assert later.level is (Level.RED if red == NONE else Level.WARN)
    assert much_later.level is Level.RED
    assert much_later.said.startswith("1, the oldest since ")
    assert others == {name}
    assert {each[0] for each in WAITS} == set(LIMITS)


def test_office_that_nobody_holds_is_said_with_who_refers_to_it(settings: Settings) -> None:
    standing_now = standing(settings, None, AT)
    office = "head of safeguarding, Arrowshire Council"

    (unheld,) = offices(standing_now, frozenset())
    (held,) = offices(standing_now, frozenset({office}))

    assert (unheld.name, unheld.level) == (f"office {office}", Level.WARN)
    assert "safeguarding-police" in unheld.said
    assert (held.name, held.level) == ("offices", Level.OK)
    assert found(settings)[f"office {office}"] == unheld
    named = settings.model_copy(update={"offices": {office: ("carl",)}})
    assert found(named)["offices"] == held


def test_agreement_that_lapses_is_said_two_months_before_and_red_in_its_last_week(settings: Settings) -> None:
    agreement = read_agreement(settings.agreements / "adult-care-acute").agreement
    ends = min(day for day in (agreement.expires, agreement.confidentiality.expires) if day is not None)
    noon = datetime(ends.year, ends.month, ends.day, 12, tzinfo=AT.tzinfo)
    found = standing(settings, None, noon)

    def level(left: int) -> Level:
        return next(
            each.level for each in agreements(found, noon - left * DAY) if each.name.endswith("adult-care-acute")
        )

    assert [level(left) for left in (61, 60, 8, 7, 0)] == [Level.OK, Level.WARN, Level.WARN, Level.RED, Level.RED]
    refused = Standing({}, {"adult-care-acute": f"expired after {ends}"})
    (lapsed,) = agreements(refused, noon + DAY)
    assert (lapsed.level, lapsed.said) == (Level.RED, f"nothing is shared under it: expired after {ends}")


def test_job_that_failed_or_stands_still_is_red(settings: Settings) -> None:
    runs.note(settings, "score", None, AT)
    runs.note(settings, "train", None, AT)
    runs.note(settings, "train", None, AT + 2 * HOUR, "no model")
    runs.note(settings, "ingest", "crm", AT)

    def at(age: timedelta) -> dict[str, Finding]:
        due = expected(["crm"], ["adult-care-acute"], witnesses=False)
        return {each.name: each for each in jobs(settings, AT + age, due)}

    told = at(4 * HOUR)
    assert told["job score"].level is Level.OK
    assert (told["job train"].level, told["job ingest crm"].level) == (Level.RED, Level.RED)
    assert told["job train"].said.endswith("(last done 2026-11-21 09:30 UTC): no model")
    assert at(31 * HOUR)["job score"].level is Level.RED
    assert told["job identify"].level is Level.WARN


def test_every_verb_of_the_road_is_a_job_that_is_watched() -> None:
    watched = {job.verb for job in expected(["crm"], ["adult-care-acute"], witnesses=True)}

    assert watched == set(VERBS) - {"check_held", "check_overdue"}, "each has a check of its own"


def test_scheduled_run_is_noted_done_and_failed_and_a_repeated_note_is_not_written_twice(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "HOME": settings.home, "DATABASE_URL": settings.database_url, "AMQP_URL": settings.amqp_url,
        "AGREEMENTS": settings.agreements, "ALLOW_EXAMPLE_SIGNERS": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"WYE_{name}", str(value))

    bootstrap.run("sequence")
    with pytest.raises(WyeError, match="no source"):
        bootstrap.run("ingest", "nowhere")

    noted = {(each.verb, each.name): each for each in runs.noted(settings)}
    assert noted["sequence", None].fault is None
    assert (noted["ingest", "nowhere"].fault or "").startswith("no source `nowhere`")
    assert noted["ingest", "nowhere"].done_at is None
    first = noted["sequence", None].at
    runs.note(settings, "sequence", None, first + HOUR / 120)
    assert next(each for each in runs.noted(settings) if each.verb == "sequence").at == first
    (tmp_path / "runs" / "broken.json").write_text("{")
    assert len(list(runs.noted(settings))) == 2


def test_nothing_of_a_person_is_shown(database_url: str, settings: Settings) -> None:
    with hub_on_database(database_url, settings.home) as hub:
        person = known(hub)
        with connect(database_url) as conn:
            conn.execute("UPDATE intake.batch SET state = 'held', held_reason = 'Quillfeather'")

    findings = look(settings, bootstrap.sources(), AT)

    told = json.dumps([each.said for each in findings])
    assert "held batches" in {each.name for each in findings if each.level is Level.RED}
    assert not MARKER.search(told.encode())
    assert str(person) not in told


@pytest.mark.parametrize(
    ("away", "words", "code", "level"),
    [({}, ("--services",), 0, "ok"), ({"WYE_AMQP_URL": NOWHERE}, (), 3, "down"), ({}, (), 1, "red")],
    ids=["ok", "down", "red"],
)
def test_command_ends_by_the_worst(
    settings: Settings, away: dict[str, str], words: tuple[str, ...], code: int, level: str
) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("WYE_")}
    place = {
        "WYE_HOME": str(settings.home), "WYE_DATABASE_URL": str(settings.database_url), "WYE_AMQP_URL": str(settings.amqp_url),
    }  # fmt: skip
    with connect(str(settings.database_url)) as conn:
        conn.execute(BATCH.format("held"), {"id": uuid4(), "since": AT})

    def wye(*more: str) -> "subprocess.CompletedProcess[str]":
        line = [str(Path(sys.executable).with_name("wye")), "health", *words, *more]
        return subprocess.run(
            line, capture_output=True, text=True, check=False, env=clean | place | away, cwd=ROOT, timeout=60
        )

    done, text = wye("--json"), wye()

    assert (done.returncode, done.stderr, json.loads(done.stdout)["level"]) == (code, "", level)
    assert (text.returncode, text.stderr) == (code, "")
    assert text.stdout.splitlines()[-1] == ("the hub is ok" if level == "ok" else f"the worst is {level}")


def test_worst_of_nothing_is_ok_and_down_is_worse_than_red() -> None:
    assert worst([]) is Level.OK
    assert worst([Finding("a", Level.DOWN, ""), Finding("b", Level.RED, "")]) is Level.DOWN
