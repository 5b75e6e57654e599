"""What each role may do in the database: every right on every table, and what a login without them meets."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from logins import logins_of

from wye.errors import EnvironmentFault
from wye.local.cluster import Cluster
from wye.local.places import ROLES, Logins
from wye.store.database import bring_up_to_date, connect, migrate, newest, revision

pytestmark = pytest.mark.services

APPLICATION, SEQUENCER, AUDITOR = ROLES
ALL = "DELETE INSERT SELECT UPDATE"
APPEND = "INSERT SELECT"
READ = "SELECT"

RIGHTS = {
    "audit.entry": {APPLICATION: APPEND, AUDITOR: APPEND},
    "audit.token": {APPLICATION: APPEND, AUDITOR: APPEND},
    "audit.staged": {APPLICATION: APPEND, AUDITOR: APPEND, SEQUENCER: "DELETE SELECT"},
    "audit.index": {APPLICATION: READ, AUDITOR: READ, SEQUENCER: APPEND},
    "audit.node": {AUDITOR: READ, SEQUENCER: APPEND},
    "audit.checkpoint": {AUDITOR: READ, SEQUENCER: APPEND},
    "audit.cosignature": {AUDITOR: APPEND, SEQUENCER: APPEND},
    "keys.wrap": {APPLICATION: "INSERT SELECT UPDATE", AUDITOR: APPEND},
    "audit.index_check": {APPLICATION: APPEND, AUDITOR: APPEND},
    "audit.account": {AUDITOR: APPEND},
    "audit.destroyed": {APPLICATION: READ, AUDITOR: READ},
    "keys.legal_hold": {APPLICATION: "INSERT SELECT UPDATE", AUDITOR: READ},
    "keys.shred": {APPLICATION: "INSERT SELECT UPDATE", AUDITOR: READ},
    "keys.superseded": {APPLICATION: "INSERT SELECT UPDATE", AUDITOR: READ},
    "report.draft": {AUDITOR: APPEND},
    "report.decision": {AUDITOR: APPEND},
    "report.release": {AUDITOR: APPEND},
    "sharing.one_off": {APPLICATION: APPEND},
    "sharing.one_off_decision": {APPLICATION: APPEND},
    "sharing.one_off_given": {APPLICATION: APPEND},
    "sharing.one_off_review": {APPLICATION: APPEND},
    "sharing.consent_word": {APPLICATION: APPEND},
    "sharing.consent_word_record": {APPLICATION: APPEND},
    "sharing.objection_answer": {APPLICATION: APPEND},
    "sharing.objection_upheld": {APPLICATION: APPEND},
    "sharing.restriction": {APPLICATION: APPEND},
    "sharing.restriction_record": {APPLICATION: APPEND},
    "sharing.restriction_lifted": {APPLICATION: APPEND},
    "sharing.referred": {APPLICATION: APPEND},
    "sharing.referred_answer": {APPLICATION: APPEND},
    "sharing.break_glass": {APPLICATION: APPEND},
    "sharing.break_glass_review": {APPLICATION: APPEND},
    "sharing.break_glass_notice": {APPLICATION: APPEND},
    "sharing.break_glass_notice_word": {APPLICATION: APPEND},
    "exchange.recall": {APPLICATION: APPEND},
    "exchange.recall_line": {APPLICATION: APPEND},
    "exchange.recall_answer": {APPLICATION: APPEND},
    "public.wye_revision": {APPLICATION: READ, AUDITOR: READ, SEQUENCER: READ},
    "identity.event": {APPLICATION: APPEND},
    "identity.word": {APPLICATION: APPEND},
    "identity.model": {APPLICATION: APPEND},
    "identity.model_use": {APPLICATION: APPEND},
    "sharing.agreement_event": {APPLICATION: APPEND},
    "sharing.agreement_text": {APPLICATION: APPEND},
    "sharing.lapse_warning": {APPLICATION: APPEND},
    "identity.block": {APPLICATION: "DELETE INSERT SELECT TRUNCATE UPDATE"},
    "identity.frequency": {APPLICATION: "DELETE INSERT SELECT TRUNCATE UPDATE"},
}
"""Every table of another kind than the application's own, of which it may do all but empty them."""

OWN = ("canonical", "exchange", "identity", "intake", "quality", "scorecard", "sharing")

HELD = """
SELECT n.nspname || '.' || c.relname, r.rolname, string_agg(p.name, ' ' ORDER BY p.name)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN unnest(%s::text[]) AS r (rolname)
CROSS JOIN unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (name)
WHERE c.relkind IN ('r', 'v', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND has_table_privilege(r.rolname, c.oid, p.name)
GROUP BY 1, 2
"""
TABLES = """
SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of this test's own: roles belong to a whole server."""
    one = Cluster(tmp_path / "home", durable=False)
    one.start()
    yield one
    one.erase()


@pytest.fixture
def logins(cluster: Cluster, database_url: str) -> Logins:
    return logins_of(cluster, database_url)


def test_every_table_has_exactly_the_rights_that_are_told(database_url: str) -> None:
    with connect(database_url) as conn:
        tables = [str(name) for (name,) in conn.execute(TABLES)]
        found = {(table, role): rights for table, role, rights in conn.execute(HELD, (list(ROLES),))}

    expected = {table: RIGHTS.get(table, {APPLICATION: ALL} if table.split(".")[0] in OWN else {}) for table in tables}
    assert found == {(table, role): rights for table, roles in expected.items() for role, rights in roles.items()}
    assert set(RIGHTS) <= set(tables)


def test_group_roles_are_nobody_s_login_and_have_no_power_over_the_server(database_url: str) -> None:
    with connect(database_url) as conn:
        found = conn.execute(
            "SELECT bool_or(rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls),"
            " count(*) FROM pg_roles WHERE rolname = ANY(%s)",
            (list(ROLES),),
        ).fetchone()
        owned = conn.execute(
            "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = ANY(%s)", (list(ROLES),)
        ).fetchone()

    assert (found, owned) == ((False, 3), (0,))


def test_logins_of_the_embedded_server_are_members_of_one_role_each_and_no_superusers(logins: Logins) -> None:
    for url, role in zip((logins.application, logins.sequencer, logins.auditor), ROLES, strict=True):
        with connect(url) as conn:
            found = conn.execute(
                "SELECT current_user::text, rolsuper OR rolcreaterole OR rolcreatedb,"
                " ARRAY(SELECT rolname::text FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')"
                " AND rolname <> current_user) FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert found == (f"{role}_login", False, [role])
            for other in {"wye", *ROLES} - {role}:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(f"SET ROLE {other}")


def test_application_analyses_its_tables_without_a_warning(logins: Logins) -> None:
    said: list[str] = []
    with connect(logins.application) as conn:
        conn.add_notice_handler(lambda note: said.append(str(note.message_primary)))
        conn.execute(
            "ANALYZE scorecard.failing, scorecard.rule, intake.present, intake.landed, intake.batch, intake.quarantine,"
            " canonical.row, identity.person_link, identity.golden, identity.feature, identity.frequency, identity.block"
        )
        assert said == []
        conn.execute("ANALYZE audit.entry")

    assert ["permission denied" in each for each in said] == [True]


@pytest.mark.parametrize("role", ["application", "sequencer", "auditor"])
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (a int)",
        "ALTER TABLE audit.entry DISABLE TRIGGER ALL",
        "DROP TRIGGER entry_is_append_only ON audit.entry",
        "CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "SET session_replication_role = replica",
        "TRUNCATE audit.entry CASCADE",
        "SELECT public.wye_grant_rights()",
    ],
)
def test_no_login_changes_tables_triggers_or_rights(logins: Logins, role: str, statement: str) -> None:
    with connect(getattr(logins, role)) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement)


def test_hub_opens_by_the_application_s_login_without_its_owner(logins: Logins) -> None:
    bring_up_to_date(logins.application, "postgresql://nobody@127.0.0.1:1/none")

    with connect(logins.sequencer) as conn:
        assert revision(conn) == newest()


def test_old_tables_are_not_brought_up_to_date_by_who_does_not_own_them(database_url: str, logins: Logins) -> None:
    with connect(database_url) as conn:
        conn.execute("UPDATE wye_revision SET version_num = '0010'")

    with pytest.raises(EnvironmentFault, match="as the owner of the tables"):
        bring_up_to_date(logins.application, logins.application)


def test_newest_revision_is_the_head_of_the_migrations() -> None:
    from alembic.script import ScriptDirectory

    from wye.store.database import _config

    assert ScriptDirectory.from_config(_config()).get_heads() == [newest()]


def test_databases_that_migrate_at_once_share_the_roles_that_one_of_them_makes(own: Cluster) -> None:
    urls = [own.create_database(f"hub_{number}") for number in range(3)]

    clean = {key: value for key, value in os.environ.items() if not key.startswith("WYE_")}
    words = [sys.executable, "-m", "wye.store", "migrate"]

    all_at_once = [
        subprocess.Popen(words, env=clean | {"WYE_DATABASE_URL": url}, stderr=subprocess.PIPE, text=True)
        for url in urls
    ]
    said = [child.communicate(timeout=120)[1] for child in all_at_once]

    assert [(child.returncode, words) for child, words in zip(all_at_once, said, strict=True)] == [(0, "")] * 3
    for url in urls:
        with connect(url) as conn:
            assert conn.execute("SELECT has_table_privilege('wye_sequencer', 'audit.index', 'INSERT')").fetchone() == (
                True,
            )


def test_role_that_another_database_is_just_making_is_waited_for_and_used(own: Cluster) -> None:
    url = own.create_database("hub")
    with ThreadPoolExecutor(1) as pool, connect(own.url("postgres")) as other, connect(own.url("postgres")) as watching:
        with other.transaction():
            other.execute("CREATE ROLE wye_sequencer NOLOGIN")
            migrating = pool.submit(migrate, url)
            until = time.monotonic() + 60
            while watching.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").rowcount == 0:
                assert time.monotonic() < until
                time.sleep(0.02)

        assert migrating.result(60) == []
    with connect(url) as conn:
        assert conn.execute("SELECT has_table_privilege('wye_sequencer', 'audit.index', 'INSERT')").fetchone() == (
            True,
        )


def test_owner_who_may_make_no_role_works_without_and_grants_when_they_are_there(own: Cluster) -> None:
    url = own.create_database("hub", owner=own.login("council_owner"))

    missing = migrate(url)
    bring_up_to_date(url, url)
    with connect(own.url("hub")) as dba:
        for role in ROLES:
            dba.execute(f"CREATE ROLE {role} NOLOGIN")
    logins = logins_of(own, url)
    with connect(logins.application) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("SELECT FROM audit.entry")
    again = migrate(url)

    assert (missing, again) == (list(ROLES), [])
    with connect(logins.application) as conn:
        assert conn.execute("SELECT count(*) FROM audit.entry").fetchone() == (0,)


def test_lost_password_of_a_login_is_replaced(own: Cluster) -> None:
    one = own.login("wye_one")
    before = own.url("postgres", one)
    (own.services / "postgres.wye_one.password").unlink()

    after = own.url("postgres", own.login("wye_one"))

    assert after != before
    with connect(after) as conn:
        assert conn.execute("SELECT current_user::text").fetchone() == ("wye_one",)
    with pytest.raises(EnvironmentFault):
        connect(before).__enter__()
    assert (own.services / "postgres.wye_one.password").stat().st_mode & 0o777 == 0o600
