"""What each role does and is refused on the trail; and what is caught when the database itself is bypassed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from audit_log import AT, ORIGIN, OTHER, PERSON, a_log, an_event
from logins import logins_of

from wye import bootstrap
from wye.audit.append import Appended, append
from wye.audit.export import export
from wye.audit.search import search, show
from wye.audit.sequencer import sequence
from wye.audit.verify import verify
from wye.cli.main import run
from wye.keys.file import FileKeys
from wye.local.cluster import Cluster
from wye.local.places import Logins
from wye.road.sequence import sequence as sequence_verb
from wye.settings import Settings
from wye.store.database import connect

pytestmark = pytest.mark.services

TRAIL = ("entry", "token", "staged", "index", "node", "checkpoint", "cosignature")
COLUMN = {
    "entry": "header", "token": "token", "staged": "entry", "index": "leaf", "node": "hash", "checkpoint": "note",
    "cosignature": "line",
}  # fmt: skip
APPEND_ONLY = ("entry", "index", "node", "checkpoint", "cosignature")
UPDATES = ["UPDATE audit.{0} SET {1} = {1}".format(table, COLUMN[table]) for table in TRAIL]  # noqa: S608  our words
DELETES = [f"DELETE FROM audit.{table}" for table in TRAIL]  # noqa: S608  our words

REFUSED = {
    "application": [
        *UPDATES,
        *DELETES,
        "INSERT INTO audit.index SELECT 99, id, header FROM audit.entry LIMIT 1",
        "INSERT INTO audit.node VALUES (9, 9, '')",
        "INSERT INTO audit.checkpoint VALUES (99, '', '', now())",
        "INSERT INTO audit.cosignature VALUES (99, 'police', '', now())",
        "SELECT FROM audit.checkpoint",
        "DELETE FROM keys.wrap",
    ],
    "sequencer": [
        *UPDATES,
        *[statement for statement in DELETES if not statement.endswith("staged")],
        "SELECT ciphertext FROM audit.entry",
        "SELECT token_salt FROM audit.entry",
        "SELECT * FROM audit.entry",
        "SELECT FROM audit.token",
        "SELECT FROM keys.wrap",
        "SELECT FROM canonical.row",
        "SELECT FROM identity.golden",
        "SELECT FROM exchange.outbox",
        "INSERT INTO audit.entry VALUES (gen_random_uuid(), '', '', '', now())",
        "INSERT INTO audit.token SELECT id, 'person', '' FROM audit.entry LIMIT 1",
        "INSERT INTO audit.staged SELECT id FROM audit.entry LIMIT 1",
    ],
    "auditor": [
        *UPDATES,
        *DELETES,
        "INSERT INTO audit.index SELECT 99, id, header FROM audit.entry LIMIT 1",
        "INSERT INTO audit.node VALUES (9, 9, '')",
        "INSERT INTO audit.checkpoint VALUES (99, '', '', now())",
        "UPDATE keys.wrap SET wrapped = ''",
        "DELETE FROM keys.wrap",
        "SELECT FROM canonical.row",
        "SELECT FROM identity.golden",
        "SELECT FROM identity.person_link",
        "SELECT FROM exchange.outbox",
        "SELECT FROM intake.landed",
    ],
}


@dataclass(frozen=True)
class Made:
    url: str
    logins: Logins
    home: Path
    keys: FileKeys
    log: list[Appended]


@pytest.fixture(scope="module")
def made(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Eight indexed entries, two that wait, and a cosignature, so that no table is empty."""
    name, home = f"test_{uuid4().hex}", tmp_path_factory.mktemp("home")
    url = cluster.create_database(name, template)
    keys = FileKeys.open(home / "keys")
    with connect(url) as conn:
        log = a_log(conn, keys, 5, 3) + append(conn, keys, [an_event(), an_event(person=OTHER)], AT)
        conn.execute("INSERT INTO audit.cosignature VALUES (8, 'police', '', now())")
    yield Made(url, logins_of(cluster, url), home, keys, log)
    cluster.drop_database(name)


@pytest.fixture
def logins(cluster: Cluster, database_url: str) -> Logins:
    return logins_of(cluster, database_url)


@pytest.mark.parametrize(
    ("role", "statement"), [(role, statement) for role, statements in REFUSED.items() for statement in statements]
)
def test_role_is_refused(made: Made, role: str, statement: str) -> None:
    with connect(getattr(made.logins, role)) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("how", ["UPDATE audit.{} SET {} = {}", "DELETE FROM audit.{}", "TRUNCATE audit.{} CASCADE"])
def test_owner_and_superuser_are_refused_by_triggers(made: Made, table: str, how: str) -> None:
    with connect(made.url) as conn, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        conn.execute(how.format(table, COLUMN[table], COLUMN[table]))


def test_each_role_does_its_own_part_and_the_log_verifies(logins: Logins, tmp_path: Path) -> None:
    keys = FileKeys.open(tmp_path / "keys")
    with connect(logins.application) as conn:
        wrote = append(conn, keys, [an_event(), an_event(person=OTHER)], AT)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sequence(conn, keys, ORIGIN, AT)
    with connect(logins.sequencer) as conn:
        made = sequence(conn, keys, ORIGIN, AT)
    with connect(logins.auditor) as conn:
        verified = verify(conn, keys)
        found = search(conn, keys, person=PERSON, searcher="an-auditor", purpose="complaint", at=AT)
        looked = show(conn, keys, wrote[1].id, searcher="an-auditor", purpose="complaint", at=AT)
        exported = export(conn, tmp_path / "log")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sequence(conn, keys, ORIGIN, AT)
        waiting = verify(conn, keys).waiting

    assert (made.size, verified.ok, verified.entries, exported.size) == (2, True, 2, 2)
    assert [each.event.person for each in found] == [PERSON]
    assert looked.event.person == OTHER
    assert waiting == 2  # the auditor's own looks


def test_look_that_cannot_be_put_on_the_record_shows_nothing(cluster: Cluster, database_url: str, made: Made) -> None:
    logins = logins_of(cluster, database_url)
    with connect(database_url) as owner:
        a_log(owner, made.keys, 2)
        owner.execute("REVOKE INSERT ON audit.entry FROM wye_auditor")

    with connect(logins.auditor) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        search(conn, made.keys, person=PERSON, searcher="an-auditor", purpose="complaint", at=AT)


def test_hub_by_its_logins_appends_as_one_and_sequences_as_the_other(
    cluster: Cluster, database_url: str, tmp_path: Path
) -> None:
    logins = logins_of(cluster, database_url)
    settings = Settings(
        home=tmp_path,
        database_url=logins.application,
        sequencer_database_url=logins.sequencer,
        auditor_database_url=logins.auditor,
        amqp_url="amqp://nobody@127.0.0.1:1/none",
        agreements=tmp_path,
    )
    with bootstrap.open_hub(settings) as hub:
        append(hub.conn, hub.keys, [an_event()], AT)
        size = sequence_verb(hub)["size"]
        signed_in = hub.conn.execute("SELECT current_user::text").fetchone()

    assert (size, signed_in) == (1, ("wye_application_login",))


def test_hub_without_a_login_for_the_sequencer_gives_no_index(
    cluster: Cluster, database_url: str, tmp_path: Path
) -> None:
    url = logins_of(cluster, database_url).application
    settings = Settings(home=tmp_path, database_url=url, amqp_url="amqp://nobody@127.0.0.1:1/none", agreements=tmp_path)
    with bootstrap.open_hub(settings) as hub:
        append(hub.conn, hub.keys, [an_event()], AT)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sequence_verb(hub)


def test_commands_on_the_trail_sign_in_as_the_auditor(
    made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WYE_HOME", str(made.home))
    monkeypatch.setenv("WYE_DATABASE_URL", made.logins.application)
    monkeypatch.setenv("WYE_AUDITOR_DATABASE_URL", made.logins.auditor)

    by_auditor = run(["audit", "verify", "--json"])
    monkeypatch.delenv("WYE_AUDITOR_DATABASE_URL")
    by_application = run(["audit", "verify", "--json"])
    keys = run(["keys", "status", "--json"])

    assert (by_auditor, by_application, keys) == (0, 2, 0), capsys.readouterr().err


SWITCHED_OFF = "SET session_replication_role = replica"
CAUGHT = [
    # A superuser whose session lets triggers and foreign keys sleep.
    ("migrator", "UPDATE audit.entry SET header = set_byte(header, 9, get_byte(header, 9) # 1) WHERE id = {2}", "header"),
    ("migrator", "UPDATE audit.entry SET ciphertext = set_byte(ciphertext, 9, get_byte(ciphertext, 9) # 1) WHERE id = {2}", "ciphertext"),
    ("migrator", "DELETE FROM audit.entry WHERE id = {2}", "entry"),
    ("migrator", "UPDATE audit.token SET token = '' WHERE entry = {2} AND field = 'person'", "tokens"),
    ("migrator", "DELETE FROM audit.index WHERE index = 2", "index"),
    ("migrator", "UPDATE audit.index SET entry = {9} WHERE index = 2", "header"),
    ("migrator", "DELETE FROM audit.node WHERE level = 1 AND position = 1", "node"),
    ("migrator", "UPDATE audit.checkpoint SET note = replace(note, 'arrowshire', 'marches') WHERE size = 8", "checkpoint"),
    # What each role may do, misused.
    ("application", "INSERT INTO audit.entry SELECT gen_random_uuid(), header, ciphertext, token_salt, staged_at FROM audit.entry WHERE id = {2}", "index"),
    ("application", "INSERT INTO audit.token VALUES ({2}, 'recipient', 'x')", "tokens"),
    ("auditor", "INSERT INTO audit.token VALUES ({2}, 'recipient', 'x')", "tokens"),
    ("sequencer", "DELETE FROM audit.staged WHERE entry = {9}", "index"),
    ("sequencer", "INSERT INTO audit.index SELECT 8, id, header FROM audit.entry WHERE id = {9}", "index"),
    ("sequencer", "INSERT INTO audit.node VALUES (7, 7, '')", "node"),
    ("sequencer", "INSERT INTO audit.checkpoint SELECT 9, root, replace(note, E'audit\\n8', E'audit\\n9'), at FROM audit.checkpoint WHERE size = 8", "checkpoint"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "statement", "check"), CAUGHT)
def test_what_the_database_does_not_refuse_is_caught_by_verification(
    logins: Logins, database_url: str, tmp_path: Path, role: str, statement: str, check: str
) -> None:
    keys = FileKeys.open(tmp_path / "keys")
    with connect(database_url) as conn:
        log = a_log(conn, keys, 5, 3) + append(conn, keys, [an_event(), an_event(person=OTHER)], AT)
    with connect(logins.auditor) as auditor:
        assert verify(auditor, keys).ok
        with connect(getattr(logins, role)) as conn:
            if role == "migrator":
                conn.execute(SWITCHED_OFF)
            for number, each in enumerate(log):
                statement = statement.replace(f"{{{number}}}", f"'{each.id}'")
            changed = conn.execute(statement).rowcount
        found = verify(auditor, keys)

    assert (changed, found.ok, found.check) == (1, False, check)
