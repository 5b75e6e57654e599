"""The search index rebuilt from the entries: each row dropped, added or changed behind the triggers' back is found and named."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from audit_log import AT, OTHER, PERSON, a_log, an_event, sequence_all
from logins import logins_of

from wye.audit import entry as entries
from wye.audit import search_index
from wye.audit.append import Appended, append
from wye.audit.rows import insert_entries
from wye.audit.search import search
from wye.audit.search_index import Outcome, check_index, standing
from wye.audit.verify import verify
from wye.keys.file import FileKeys
from wye.keys.rows import insert_wraps
from wye.local.cluster import Cluster
from wye.store.changes import TABLES
from wye.store.database import Connection, connect
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services
NUMBER = "9434765919"


@dataclass(frozen=True)
class Change:
    """What is done to the log of 8 entries; `{3}` stands for entry 3, which alone has an NHS number."""

    what: str
    statements: tuple[str, ...]
    found: tuple[tuple[int, str, str | None], ...]


CHANGES = [
    Change("dropped", ("DELETE FROM audit.token WHERE entry = {5} AND field = 'person'",), ((5, "missing", "person"),)),
    Change("dropped number", ("DELETE FROM audit.token WHERE entry = {3} AND field = 'nhs-number'",), ((3, "changed", "nhs-number"),)),
    Change(
        "all dropped",
        ("DELETE FROM audit.token WHERE entry = {5}",),
        tuple((5, "missing", field) for field in ("actor", "agreement", "person", "recipient")),
    ),
    Change(
        "all dropped, and the wraps",
        ("DELETE FROM audit.token WHERE entry = {5}", "DELETE FROM keys.wrap WHERE value = {5}"),
        ((5, "missing", None),),
    ),
    Change("added", ("INSERT INTO audit.token VALUES ({5}, 'message', 'x')",), ((5, "added", "message"),)),
    Change("a second one added", ("INSERT INTO audit.token VALUES ({5}, 'person', 'x')",), ((5, "added", "person"),)),
    Change("number added", ("INSERT INTO audit.token VALUES ({5}, 'nhs-number', 'x')",), ((5, "added", "nhs-number"),)),
    Change(
        "another's added",
        ("INSERT INTO audit.token SELECT {5}, field, token FROM audit.token WHERE entry = {2} AND field = 'person'",),
        ((5, "added", "person"),),
    ),
    Change("changed", ("UPDATE audit.token SET token = 'x' WHERE entry = {5} AND field = 'person'",), ((5, "changed", "person"),)),
    Change("number changed", ("UPDATE audit.token SET token = 'x' WHERE entry = {3} AND field = 'nhs-number'",), ((3, "changed", "nhs-number"),)),
    Change("changed and beside a number", ("UPDATE audit.token SET token = 'x' WHERE entry = {3} AND field = 'actor'",), ((3, "changed", "actor"),)),
    Change(
        "changed, nobody can read it",
        ("UPDATE audit.token SET token = 'x' WHERE entry = {5} AND field = 'person'", "DELETE FROM keys.wrap WHERE value = {5}"),
        ((5, "changed", None),),
    ),
    Change(
        "moved to another entry",
        ("UPDATE audit.token SET entry = {6}, field = 'message' WHERE entry = {5} AND field = 'person'",),
        ((5, "missing", "person"), (6, "added", "message")),
    ),
    Change("moved to no month", ("UPDATE audit.token SET entry = gen_random_uuid() WHERE entry = {5} AND field = 'actor'",), ((-1, "added", "actor"), (5, "missing", "actor"))),
    Change("salt", ("UPDATE audit.entry SET token_salt = 'x' WHERE id = {5}",), ((5, "changed", "nhs-number"),)),
    Change("header", ("UPDATE audit.entry SET header = 'x' WHERE id = {5}",), ((5, "header", None),)),
    Change("entry dropped", ("DELETE FROM audit.entry WHERE id = {7}", "DELETE FROM audit.token WHERE entry = {7}"), ((7, "entry", None),)),
    Change("ciphertext", ("UPDATE audit.entry SET ciphertext = 'x' WHERE id = {5}",), ((5, "body", None),)),
    Change("index dropped", ("DELETE FROM audit.index WHERE index = 4",), ((4, "index", None),)),
    Change("shred pretended", ("DELETE FROM audit.token WHERE entry = {5}", "INSERT INTO audit.destroyed VALUES ({5}, gen_random_uuid())", "INSERT INTO audit.token VALUES ({5}, 'actor', 'x')"), ((5, "added", "actor"),)),
]  # fmt: skip


@pytest.fixture
def log(conn: Connection, keys: FileKeys) -> list[Appended]:
    """Eight entries, indexed."""
    made = a_log(conn, keys, 3) + append(conn, keys, [an_event(nhs_number=NUMBER)], AT)
    made += append(conn, keys, [an_event(), an_event(), an_event(person=OTHER), an_event(person=None)], AT)
    sequence_all(conn, keys)
    return made


@pytest.fixture
def asleep(database_url: str) -> Iterator[Connection]:
    """A superuser's session in which triggers sleep."""
    with connect(database_url) as conn:
        conn.execute("SET session_replication_role = replica")
        yield conn


def alter(conn: Connection, log: list[Appended], statement: str) -> int:
    for number, each in enumerate(log):
        statement = statement.replace(f"{{{number}}}", f"'{each.id}'")
    return conn.execute(statement).rowcount


def check(conn: Connection, keys: FileKeys, *, whole: bool = False, told: bool = False) -> Outcome:
    return check_index(conn, keys, actor="night", at=AT, whole=whole, told=told)


def named(found: Outcome) -> tuple[tuple[int, str, str | None], ...]:
    return tuple((each.index, each.check, each.field) for each in found.findings)


def told_of(conn: Connection, keys: FileKeys) -> list[object]:
    found = search(conn, keys, actor="night", searcher="auditor", purpose="test", at=AT)
    return [each.event for each in found if each.event and each.event.kind is EventKind.VERIFICATION]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.what)
def test_change_is_found_and_named_by_index(
    conn: Connection, keys: FileKeys, asleep: Connection, log: list[Appended], change: Change
) -> None:
    assert check(conn, keys).findings == ()

    for statement in change.statements:
        assert alter(asleep, log, statement) >= 1
    found = check(conn, keys)

    assert named(found) == change.found
    assert found.found == len(change.found)
    assert found.standing.verified == min(each for each, *_ in change.found if each >= 0)
    (event,) = told_of(conn, keys)
    assert event.outcome == "wrong"
    assert len(event.detail) == len(change.found)
    assert f"index {change.found[-1][0]}, entry" in event.detail[f"finding {len(change.found) - 1}"]


def test_tokens_that_were_wrong_from_the_beginning_are_found_though_the_log_verifies(
    conn: Connection, keys: FileKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hiding(_: object) -> Iterator[tuple[str, str]]:
        yield "actor", "wye"
        yield "person", str(PERSON)

    with monkeypatch.context() as patched:
        patched.setattr(entries, "terms", hiding)
        append(conn, keys, [an_event(person=OTHER, agreement=None, recipient=None)], AT)
    sequence_all(conn, keys)

    assert verify(conn, keys).ok
    assert named(check(conn, keys)) == ((0, "unlike", "person"),)


@pytest.mark.usefixtures("log")
def test_check_without_findings_is_no_entry_unless_an_account_asked(conn: Connection, keys: FileKeys) -> None:
    check(conn, keys)
    assert told_of(conn, keys) == []

    check(conn, keys, told=True)

    (event,) = told_of(conn, keys)
    assert (event.outcome, event.counts["rebuilt"], event.counts["verified"]) == ("right", 8, 8)


def test_shredded_entries_are_right_without_their_tokens(
    conn: Connection, keys: FileKeys, asleep: Connection, log: list[Appended]
) -> None:
    for statement in (
        "DELETE FROM audit.token WHERE entry = {6}",
        "DELETE FROM keys.wrap WHERE value = {6}",
        "INSERT INTO audit.destroyed VALUES ({6}, gen_random_uuid())",
    ):
        alter(asleep, log, statement)

    found = check(conn, keys)

    assert (found.findings, found.rebuilt, found.unreadable, found.standing.verified) == ((), 7, 1, 8)


def test_check_begins_where_the_one_before_left_off_and_goes_round_the_old(
    conn: Connection, keys: FileKeys, log: list[Appended], asleep: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "AGAIN", 3)
    assert (check(conn, keys).rebuilt, standing(conn).verified) == (8, 8)
    append(conn, keys, [an_event(), an_event()], AT)
    sequence_all(conn, keys)
    alter(asleep, log, "DELETE FROM audit.token WHERE entry = {7} AND field = 'actor'")

    rounds = [check(conn, keys) for _ in range(4)]

    assert [each.rebuilt for each in rounds] == [5, 3, 3, 6]
    assert [named(each) for each in rounds] == [(), (), ((7, "missing", "actor"),), ((7, "missing", "actor"),)]
    assert [each.standing.verified for each in rounds] == [10, 10, 7, 7]
    assert rounds[0].standing.whole_at == AT


def test_whole_check_believes_nothing_that_was_noted_before(
    conn: Connection, keys: FileKeys, log: list[Appended], asleep: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "AGAIN", 1)
    check(conn, keys)
    check(conn, keys)
    alter(asleep, log, "DELETE FROM audit.token WHERE entry = {5} AND field = 'person'")
    assert check(conn, keys).findings == ()

    assert named(check(conn, keys, whole=True)) == ((5, "missing", "person"),)


@pytest.mark.usefixtures("log")
def test_log_that_is_shorter_than_what_was_verified_is_a_finding(
    conn: Connection, keys: FileKeys, asleep: Connection
) -> None:
    check(conn, keys)
    asleep.execute("DELETE FROM audit.index WHERE index >= 6")

    found = check(conn, keys)

    assert [(each.index, each.check) for each in found.findings] == [(6, "index")]
    assert (found.standing.verified, found.standing.size) == (6, 6)


def test_many_findings_are_counted_and_the_first_are_told(
    conn: Connection, keys: FileKeys, asleep: Connection, log: list[Appended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "SHOWN", 5)
    alter(asleep, log, "DELETE FROM audit.token")

    found = check(conn, keys)

    assert (found.found > 20, len(found.findings), found.standing.verified) == (True, 5, 0)


@pytest.mark.usefixtures("log")
def test_application_and_auditor_check_and_neither_takes_a_word_back(
    cluster: Cluster, database_url: str, conn: Connection, keys: FileKeys
) -> None:
    logins = logins_of(cluster, database_url)
    for url in (logins.application, logins.auditor):
        with connect(url) as one:
            assert check(one, keys, told=True).standing.verified == 8
    with pytest.raises(Exception, match="append-only"):
        conn.execute("DELETE FROM audit.index_check")


def test_finding_holds_no_term_and_no_token(
    conn: Connection, keys: FileKeys, asleep: Connection, log: list[Appended]
) -> None:
    alter(asleep, log, "UPDATE audit.token SET token = 'x' WHERE entry = {3}")

    told = json.dumps([vars_of(each) for each in check(conn, keys).findings])

    assert NUMBER not in told
    assert str(PERSON) not in told


def vars_of(finding: object) -> dict[str, object]:
    return {name: getattr(finding, name) for name in finding.__slots__}


@pytest.mark.usefixtures("log")
def test_months_are_made_ahead_and_take_what_lay_without_one(
    cluster: Cluster, database_url: str, conn: Connection, keys: FileKeys
) -> None:
    months = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit.token'::regclass"
    assert conn.execute(months).fetchone() == (5,)
    conn.execute("DROP TABLE audit_token.other")
    for (name,) in conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'audit_token'").fetchall():
        conn.execute(f"CREATE TEMP TABLE kept AS TABLE audit_token.{name}; DROP TABLE audit_token.{name}")
        conn.execute("CREATE TABLE IF NOT EXISTS audit_token.other PARTITION OF audit.token DEFAULT")
        conn.execute("INSERT INTO audit.token TABLE kept; DROP TABLE kept")
    old = conn.execute("SELECT audit.first_id('2021-05-31T23:59:59.999Z')").fetchone()
    conn.execute("INSERT INTO audit.token VALUES (%s, 'actor', 'x'), (%s, 'actor', 'x')", (old[0], uuid7()))
    (before,) = append(conn, keys, [an_event()], AT)

    with connect(logins_of(cluster, database_url).application) as application:
        made = application.execute("SELECT audit.make_months()").fetchone()
        again = application.execute("SELECT audit.make_months()").fetchone()

    assert (made, again) == ((5,), (0,))
    assert conn.execute("SELECT count(*) FROM audit_token.other").fetchone() == (0,)
    assert conn.execute("SELECT entry FROM audit_token.month_2021_05").fetchall() == [(old[0],)]
    assert before.id in {each.id for each in search(conn, keys, person=PERSON, searcher="a", purpose="t", at=AT)}
    conn.execute("DELETE FROM audit.token WHERE token = 'x'")
    sequence_all(conn, keys)
    assert check(conn, keys, whole=True).findings == ()


@pytest.mark.usefixtures("log")
def test_entry_of_a_month_that_nobody_made_is_kept_and_found(conn: Connection, keys: FileKeys) -> None:
    stray = entries.build(keys, entries.Tokens(keys), old_id(conn), an_event(message=PERSON), AT)
    insert_entries(conn, [stray], AT)
    insert_wraps(conn, [stray.sealed])

    found = search(conn, keys, message=PERSON, searcher="a", purpose="t", at=AT)

    assert [each.id for each in found] == [stray.id]
    assert conn.execute("SELECT count(*) FROM audit_token.other").fetchone() == (len(stray.tokens),)


def old_id(conn: Connection) -> object:
    return conn.execute("SELECT audit.first_id('2020-02-29T12:00:00Z')").fetchone()[0]


def test_role_reaches_no_month_by_itself(cluster: Cluster, database_url: str) -> None:
    logins = logins_of(cluster, database_url)
    for url in (logins.application, logins.auditor, logins.sequencer):
        with connect(url) as one, pytest.raises(Exception, match="permission denied for schema audit_token"):
            one.execute("INSERT INTO audit_token.other VALUES (gen_random_uuid(), 'actor', 'x')")


UNDO = """
DROP TABLE audit.token, audit.index_check, audit.account CASCADE;
DROP SCHEMA audit_token CASCADE;
DROP FUNCTION audit.first_id, audit.made_at, audit.make_months, audit.persons_now, audit.compare_people,
 audit.grant_search_rights;
CREATE TABLE audit.token (
    entry uuid NOT NULL REFERENCES audit.entry, field text NOT NULL, token bytea NOT NULL,
    PRIMARY KEY (entry, field, token)
);
CREATE INDEX token_search ON audit.token (field, token);
"""
"""Puts the table back as it was before its revision."""


@pytest.mark.usefixtures("log")
def test_revision_moves_the_tokens_that_are_there_to_their_months(conn: Connection, keys: FileKeys) -> None:
    tokens = "SELECT entry, field, token FROM audit.token ORDER BY 1, 2, 3"
    old = entries.build(keys, entries.Tokens(keys), old_id(conn), an_event(), AT)
    insert_entries(conn, [old], AT)
    insert_wraps(conn, [old.sealed])
    sequence_all(conn, keys)
    before = conn.execute(tokens).fetchall()
    conn.execute("CREATE TEMP TABLE kept AS TABLE audit.token")
    conn.execute(UNDO)
    conn.execute("INSERT INTO audit.token TABLE kept")

    conn.execute((TABLES / "changes" / "0013_searching.sql").read_text())

    assert len(before) > 30
    assert conn.execute(tokens).fetchall() == before
    assert conn.execute("SELECT count(*) FROM audit_token.other").fetchone() == (0,)
    assert conn.execute("SELECT DISTINCT entry FROM audit_token.month_2020_02").fetchall() == [(old.id,)]
    assert check(conn, keys).standing.verified == 9
