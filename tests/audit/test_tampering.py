# ruff: noqa: S608  the statements are constants of this file
"""The live log, altered behind the triggers' back as a database superuser can: each change is caught and named."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from audit_log import AT, ORIGIN, a_log, an_event
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wye.audit import verify_rows
from wye.audit.append import Appended, append
from wye.audit.checkpoint import sign
from wye.audit.merkle import leaf_hash, node_hash, root
from wye.audit.verify import verify
from wye.keys.file import FileKeys
from wye.local.cluster import Cluster
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services

FLIP = "{0} = set_byte({0}, %(at)s, get_byte({0}, %(at)s) # 1)"


@dataclass(frozen=True)
class Change:
    """What is done to the log of 11 entries under checkpoints 4, 8 and 11; `{3}` stands for entry 3."""

    what: str
    statements: tuple[str, ...]
    check: str
    name: str


CHANGES = [
    Change("header of a full pair", (f"UPDATE audit.entry SET {FLIP.format('header')} WHERE id = {{3}}",), "header", "{3}"),
    Change("header of the last", (f"UPDATE audit.entry SET {FLIP.format('header')} WHERE id = {{10}}",), "header", "{10}"),
    Change("ciphertext", (f"UPDATE audit.entry SET {FLIP.format('ciphertext')} WHERE id = {{5}}",), "ciphertext", "{5}"),
    Change("ciphertext cut", ("UPDATE audit.entry SET ciphertext = substr(ciphertext, 2) WHERE id = {5}",), "ciphertext", "{5}"),
    Change(
        "another person's ciphertext",
        ("UPDATE audit.entry SET ciphertext = (SELECT ciphertext FROM audit.entry WHERE id = {2}) WHERE id = {1}",),
        "ciphertext",
        "{1}",
    ),
    Change("leaf of an index", (f"UPDATE audit.index SET {FLIP.format('leaf')} WHERE index = 6",), "index", "{6}"),
    Change("leaf of the last index", (f"UPDATE audit.index SET {FLIP.format('leaf')} WHERE index = 10",), "index", "{10}"),
    Change("index row's entry", ("UPDATE audit.index SET entry = gen_random_uuid() WHERE index = 6",), "index", "{6}"),
    Change("index moved away", ("UPDATE audit.index SET index = 1006 WHERE index = 6",), "index", "{6}"),
    Change("index made negative", ("UPDATE audit.index SET index = -6 WHERE index = 6",), "index", "{6}"),
    Change("index dropped", ("DELETE FROM audit.index WHERE index = 6",), "index", "{6}"),
    Change("last index dropped", ("DELETE FROM audit.index WHERE index = 10",), "index", "{10}"),
    Change(
        "index dropped and closed up",
        ("DELETE FROM audit.index WHERE index = 6", *(f"UPDATE audit.index SET index = {n - 1} WHERE index = {n}" for n in range(7, 11))),
        "node",
        "entries 6 to 7",
    ),
    Change("header altered and a later index dropped", (f"UPDATE audit.entry SET {FLIP.format('header')} WHERE id = {{8}}", "DELETE FROM audit.index WHERE index = 10"), "header", "{8}"),
    Change("header altered and a later entry deleted", (f"UPDATE audit.entry SET {FLIP.format('header')} WHERE id = {{8}}", "DELETE FROM audit.entry WHERE id = {10}"), "header", "{8}"),
    Change(
        "index pointed at a copy under another id",
        (
            "INSERT INTO audit.entry SELECT '00000000-0000-4000-8000-000000000007', header, ciphertext, token_salt, staged_at FROM audit.entry WHERE id = {6}",
            "UPDATE audit.index SET entry = '00000000-0000-4000-8000-000000000007' WHERE index = 6",
        ),
        "index",
        "00000000-0000-4000-8000-000000000007",
    ),
    Change("index added", ("INSERT INTO audit.index VALUES (11, {waiting}, 'x')",), "index", "{waiting}"),
    Change("entry never indexed", ("DELETE FROM audit.staged",), "index", "{waiting}"),
    Change("entry deleted", ("DELETE FROM audit.entry WHERE id = {6}",), "entry", "{6}"),
    Change("entry and index deleted", ("DELETE FROM audit.entry WHERE id = {6}", "DELETE FROM audit.index WHERE index = 6"), "index", "index 6"),
    Change(
        "two indices swapped",
        (
            "UPDATE audit.index SET index = 99 WHERE index = 2",
            "UPDATE audit.index SET index = 2 WHERE index = 6",
            "UPDATE audit.index SET index = 6 WHERE index = 99",
        ),
        "node",
        "entries 2 to 3",
    ),
    Change("node", (f"UPDATE audit.node SET {FLIP.format('hash')} WHERE level = 1 AND position = 3",), "node", "entries 6 to 7"),
    Change("node dropped", ("DELETE FROM audit.node WHERE level = 3",), "node", "entries 0 to 7"),
    Change("node added", ("INSERT INTO audit.node VALUES (1, 5, 'x')",), "node", "audit.node"),
    Change("checkpoint root", (f"UPDATE audit.checkpoint SET {FLIP.format('root')} WHERE size = 8",), "checkpoint", "checkpoint 8"),
    Change("checkpoint size", ("UPDATE audit.checkpoint SET size = 7 WHERE size = 8",), "checkpoint", "checkpoint 7"),
    Change("newest checkpoint size", ("UPDATE audit.checkpoint SET size = 12 WHERE size = 11",), "checkpoint", "checkpoint 12"),
    Change("newest checkpoint dropped", ("DELETE FROM audit.checkpoint WHERE size = 11",), "index", "{8}"),
    Change("checkpoint signed by another", ("INSERT INTO audit.checkpoint SELECT 6, root, note, at FROM forged",), "checkpoint", "checkpoint 6"),
    Change("newest checkpoint signed again by another", ("UPDATE audit.checkpoint SET note = (SELECT note FROM resigned) WHERE size = 11",), "checkpoint", "checkpoint 11"),
    Change("note of a checkpoint emptied", ("UPDATE audit.checkpoint SET note = '' WHERE size = 8",), "checkpoint", "checkpoint 8"),
    Change(
        "end cut off and the checkpoint left",
        (
            "DELETE FROM audit.token WHERE entry IN (SELECT entry FROM audit.index WHERE index >= 8)",
            "DELETE FROM audit.entry WHERE id IN (SELECT entry FROM audit.index WHERE index >= 8)",
            "DELETE FROM audit.index WHERE index >= 8",
            "DELETE FROM audit.node WHERE (position << level) >= 8",
        ),
        "index",
        "index 8",
    ),
    Change(
        "entry put in the place of another, header and all",
        ("UPDATE audit.entry AS e SET header = o.header, ciphertext = o.ciphertext, token_salt = o.token_salt FROM audit.entry AS o WHERE e.id = {3} AND o.id = {4}",),
        "header",
        "{3}",
    ),
    Change(
        "two entries changed places, leaves and all",
        (
            "UPDATE audit.index SET entry = gen_random_uuid() WHERE index = 4",
            "UPDATE audit.index SET entry = {4}, leaf = (SELECT leaf FROM audit.index WHERE index = 4) WHERE index = 3",
            "UPDATE audit.index SET entry = {3}, leaf = '\\x00' WHERE index = 4",
        ),
        "node",
        "entries 2 to 3",
    ),
    Change("ciphertexts of two entries swapped", ("UPDATE audit.entry AS e SET ciphertext = o.ciphertext FROM audit.entry AS o WHERE (e.id, o.id) IN (({1}, {2}), ({2}, {1}))",), "ciphertext", "{1}"),
    Change("token given to another entry", ("UPDATE audit.token SET entry = {4}, field = 'message' WHERE entry = {5} AND field = 'person'",), "tokens", "{4}"),
    Change("checkpoint of no size", ("INSERT INTO audit.checkpoint SELECT 0, root, note, at FROM empty",), "checkpoint", "checkpoint 0"),
    Change("old checkpoint played again", ("UPDATE audit.checkpoint SET note = (SELECT note FROM audit.checkpoint WHERE size = 8) WHERE size = 11",), "checkpoint", "checkpoint 11"),
    Change("token", (f"UPDATE audit.token SET {FLIP.format('token')} WHERE entry = {{5}} AND field = 'person'",), "tokens", "{5}"),
    Change("token dropped", ("DELETE FROM audit.token WHERE entry = {5} AND field = 'person'",), "tokens", "{5}"),
    Change("all tokens dropped", ("DELETE FROM audit.token WHERE entry = {5}",), "tokens", "{5}"),
    Change("token added", ("INSERT INTO audit.token VALUES ({5}, 'message', 'x')",), "tokens", "{5}"),
    Change("token salt", (f"UPDATE audit.entry SET {FLIP.format('token_salt')} WHERE id = {{5}}",), "tokens", "{5}"),
    Change("time of staging at no time", ("UPDATE audit.entry SET staged_at = 'infinity' WHERE id = {5}",), "tokens", "{5}"),
    Change("time of staging at the end of time", ("UPDATE audit.entry SET staged_at = '294276-12-31 23:59:59+00' WHERE id = {5}",), "tokens", "{5}"),
    Change("token longer than its length can say", ("UPDATE audit.token SET token = decode(repeat('00', 300), 'hex') WHERE entry = {5} AND field = 'person'",), "tokens", "{5}"),
    Change("time of staging", ("UPDATE audit.entry SET staged_at = staged_at + interval '1 microsecond' WHERE id = {5}",), "tokens", "{5}"),
]  # fmt: skip


TABLES = ("audit.entry", "audit.staged", "audit.token", "audit.index", "audit.node", "audit.checkpoint", "keys.wrap")


@dataclass(frozen=True)
class Made:
    """One log for all tests here, each of which finds it whole."""

    url: str
    keys: FileKeys
    log: list[Appended]


@pytest.fixture(scope="module")
def made(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Eleven indexed entries and one that waits; and a copy of every table, to mend it with."""
    name = f"test_{uuid4().hex}"
    url = cluster.create_database(name, template)
    keys = FileKeys.open(tmp_path_factory.mktemp("home") / "keys")
    with connect(url) as conn:
        log = a_log(conn, keys, 4, 4, 3)
        log += append(conn, keys, [an_event()], AT)
        for table in TABLES:
            conn.execute(f"CREATE TABLE {table}_copy AS TABLE {table}")
    yield Made(url, keys, log)
    cluster.drop_database(name)


@pytest.fixture
def keys(made: Made) -> FileKeys:
    return made.keys


@pytest.fixture
def conn(made: Made) -> Iterator[Connection]:
    """A superuser's session in which triggers sleep."""
    with connect(made.url) as conn:
        conn.execute("SET session_replication_role = replica")
        assert verify(conn, made.keys).ok
        yield conn
        for table in TABLES:
            conn.execute(f"DELETE FROM {table}")
            conn.execute(f"INSERT INTO {table} TABLE {table}_copy")


@pytest.fixture
def log(made: Made) -> list[Appended]:
    return made.log


def alter(conn: Connection, log: list[Appended], statement: str, **parameters: Any) -> int:
    for number, each in enumerate(log[:11]):
        statement = statement.replace(f"{{{number}}}", f"'{each.id}'")
    statement = statement.replace("{waiting}", f"'{log[11].id}'")
    return conn.execute(statement, parameters or None).rowcount


def named(log: list[Appended], name: str) -> str:
    for number, each in enumerate(log[:11]):
        name = name.replace(f"{{{number}}}", str(each.id))
    return name.replace("{waiting}", str(log[11].id))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.what)
def test_change_is_caught_by_its_check_and_named(
    conn: Connection, keys: FileKeys, log: list[Appended], change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = sign(ORIGIN, 6, root([each.leaf for each in log[:6]]), AT, Ed25519PrivateKey.generate())
    empty = sign(ORIGIN, 0, root([]), AT, keys.signing_key())
    conn.execute("CREATE TEMPORARY TABLE forged (root bytea, note text, at timestamptz)")
    resigned = sign(ORIGIN, 11, root([each.leaf for each in log[:11]]), AT, Ed25519PrivateKey.generate())
    conn.execute("CREATE TEMPORARY TABLE resigned AS SELECT %s AS note", (resigned.note,))
    conn.execute("CREATE TEMPORARY TABLE empty (root bytea, note text, at timestamptz)")
    conn.execute("INSERT INTO forged VALUES (%s, %s, %s)", (forged.root, forged.note, AT))
    conn.execute("INSERT INTO empty VALUES (%s, %s, %s)", (empty.root, empty.note, AT))

    for statement in change.statements:
        assert alter(conn, log, statement, **({"at": 12} if "%(at)s" in statement else {})) >= 1
    found = verify(conn, keys)

    assert (found.ok, found.check, found.first_wrong) == (False, change.check, named(log, change.name))
    assert found.explanation
    for page in (1, 3):
        monkeypatch.setattr(verify_rows, "PAGE", page)
        assert verify(conn, keys) == found


@pytest.mark.parametrize(
    ("table", "column", "where", "check", "name"),
    [
        ("entry", "header", "id = '{6}'", "header", "{6}"),
        ("entry", "ciphertext", "id = '{6}'", "ciphertext", "{6}"),
        ("index", "leaf", "index = 6", "index", "{6}"),
    ],
)
def test_any_byte_changed_names_the_entry(
    conn: Connection, keys: FileKeys, log: list[Appended], table: str, column: str, where: str, check: str, name: str
) -> None:
    where = named(log, where)
    length = conn.execute(f"SELECT length({column}) FROM audit.{table} WHERE {where}").fetchone()[0]
    change = f"UPDATE audit.{table} SET {FLIP.format(column)} WHERE {where}"

    for at in range(0, length, 11):
        alter(conn, log, change, at=at)
        found = verify(conn, keys)
        assert (found.check, found.first_wrong) == (check, named(log, name)), at
        alter(conn, log, change, at=at)
    assert verify(conn, keys).ok


def test_any_letter_changed_of_a_checkpoint_names_it(conn: Connection, keys: FileKeys, log: list[Appended]) -> None:
    note = str(conn.execute("SELECT note FROM audit.checkpoint WHERE size = 8").fetchone()[0])

    for at in range(0, len(note), 7):
        letter = note[at]
        altered = note[:at] + ("A" if letter != "A" else "B") + note[at + 1 :]
        conn.execute("UPDATE audit.checkpoint SET note = %s WHERE size = 8", (altered,))
        found = verify(conn, keys)
        assert (found.check, found.first_wrong) == ("checkpoint", "checkpoint 8"), at
    conn.execute("UPDATE audit.checkpoint SET note = %s WHERE size = 8", (note,))
    assert verify(conn, keys).ok
    assert len(log) == 12


def test_entry_rewritten_with_its_whole_tree_is_caught_by_the_signed_root(
    conn: Connection, keys: FileKeys, log: list[Appended]
) -> None:
    header = conn.execute("SELECT header FROM audit.entry WHERE id = %s", (log[6].id,)).fetchone()[0]
    place = header.index(b'"key":"') + 7
    forged = header[:place] + (b"1" if header[place : place + 1] != b"1" else b"2") + header[place + 1 :]
    leaves = [each.leaf for each in log[:6]] + [leaf_hash(forged)] + [each.leaf for each in log[7:11]]
    conn.execute("UPDATE audit.entry SET header = %s WHERE id = %s", (forged, log[6].id))
    conn.execute("UPDATE audit.index SET leaf = %s WHERE index = 6", (leaves[6],))
    for level in (1, 2, 3):
        position = 6 >> level
        first = position << level
        conn.execute(
            "UPDATE audit.node SET hash = %s WHERE level = %s AND position = %s",
            (root(leaves[first : first + (1 << level)]), level, position),
        )

    found = verify(conn, keys)

    assert node_hash(leaves[6], leaves[7]) == root(leaves[6:8])
    assert (found.check, found.first_wrong) == ("root", "entries 4 to 7")


def test_log_of_many_pages_verifies_and_its_last_entry_is_named(
    conn: Connection, keys: FileKeys, log: list[Appended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_rows, "PAGE", 3)
    assert verify(conn, keys).ok

    alter(conn, log, f"UPDATE audit.entry SET {FLIP.format('ciphertext')} WHERE id = {{10}}", at=40)

    assert verify(conn, keys).first_wrong == str(log[10].id)


def test_tokens_are_compared_in_the_order_that_is_committed_to_however_they_lie(
    database_url: str, keys: FileKeys
) -> None:
    with connect(database_url) as conn:
        a_log(conn, keys, 11)
        conn.execute("ALTER TABLE audit.token DROP CONSTRAINT token_pkey")
        conn.execute("CREATE TEMPORARY TABLE held AS TABLE audit.token")
        conn.execute("DELETE FROM audit.token")
        conn.execute("INSERT INTO audit.token TABLE held ORDER BY field DESC")

        assert verify(conn, keys).ok
