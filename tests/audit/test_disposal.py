"""What was lawfully destroyed is counted; a wrap that was lost, or a destruction that was made up, is found and named."""

import pytest
from audit_log import AT, OTHER, PERSON, a_log, an_event, sequence_all
from lawful_destruction import destroy

from wye.audit.append import append
from wye.audit.verify import verify
from wye.keys.file import FileKeys
from wye.keys.rows import delete_wraps_of_holder
from wye.store.database import Connection
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services


def test_lawful_destruction_is_counted_and_verifies(conn: Connection, keys: FileKeys) -> None:
    a_log(conn, keys, 7, 4)

    destroy(conn, keys, OTHER)

    found = verify(conn, keys)
    assert (found.ok, found.disposed) == (True, 3)
    sequence_all(conn, keys)
    destroy(conn, keys, PERSON)
    found = verify(conn, keys)
    assert (found.ok, found.disposed) == (True, 11)


def test_wrap_deleted_without_a_shred_names_the_entry(conn: Connection, keys: FileKeys) -> None:
    log = a_log(conn, keys, 5)
    destroy(conn, keys, OTHER)
    assert verify(conn, keys).ok

    conn.execute("DELETE FROM keys.wrap WHERE value = %s", (log[3].id,))

    found = verify(conn, keys)
    assert (found.ok, found.check, found.first_wrong) == (False, "wrap", str(log[3].id))
    conn.execute("DELETE FROM audit.token WHERE entry = %s", (log[3].id,))
    assert verify(conn, keys).first_wrong == str(log[3].id)


def test_wrap_of_an_entry_that_waits_is_missed_too(conn: Connection, keys: FileKeys) -> None:
    (waiting,) = append(conn, keys, [an_event()], AT)

    delete_wraps_of_holder(conn, PERSON)

    assert verify(conn, keys).first_wrong == str(waiting.id)


def test_destruction_that_is_only_noted_and_not_in_the_log_is_found(conn: Connection, keys: FileKeys) -> None:
    log = a_log(conn, keys, 5)
    shred, _ = destroy(conn, keys, OTHER)

    conn.execute("DELETE FROM keys.wrap WHERE value = %s", (log[3].id,))
    conn.execute("DELETE FROM audit.token WHERE entry = %s", (log[3].id,))
    conn.execute("INSERT INTO audit.destroyed VALUES (%s, %s)", (log[3].id, shred))

    found = verify(conn, keys)
    assert (found.check, found.first_wrong) == ("wrap", f"shred {shred}")
    assert "2 entries are said to be destroyed by it, and its entry tells of 1" in str(found.explanation)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE keys.shred SET entry = NULL", "no entry tells that it was done"),
        ("UPDATE keys.shred SET state = 'withdrawn'", "no entry tells that it was done"),
        ("UPDATE keys.shred SET entry = (SELECT entry FROM audit.index WHERE index = 0)", "does not"),
        ("DELETE FROM keys.wrap USING keys.shred WHERE value = entry", "no shred says"),
        ("DELETE FROM audit.destroyed", "no shred says"),
        (
            "INSERT INTO audit.destroyed SELECT i.entry, d.shred FROM audit.index i, audit.destroyed d WHERE index = 0",
            "its wrap or a search token is there",
        ),
        ("UPDATE audit.destroyed SET shred = gen_random_uuid()", "its entry tells of 1"),
    ],
)
def test_tables_that_say_other_than_the_log_are_found(
    conn: Connection, keys: FileKeys, statement: str, said: str
) -> None:
    a_log(conn, keys, 5)
    destroy(conn, keys, OTHER)
    assert verify(conn, keys).ok
    conn.execute("SET session_replication_role = replica")

    assert conn.execute(statement).rowcount == 1  # type: ignore[call-overload]  # our own words

    found = verify(conn, keys)
    assert (found.ok, found.check) == (False, "wrap")
    assert said in str(found.explanation)


def test_entry_that_tells_of_more_than_was_destroyed_is_found(conn: Connection, keys: FileKeys) -> None:
    a_log(conn, keys, 5)

    destroy(conn, keys, OTHER, entries=9)

    assert "its entry tells of 9" in str(verify(conn, keys).explanation)


def test_entry_of_another_kind_does_not_tell_of_a_shred(conn: Connection, keys: FileKeys) -> None:
    a_log(conn, keys, 5)
    shred, _ = destroy(conn, keys, OTHER)
    made_up = an_event(kind=EventKind.KEY, person=None, counts={"entries": 1}, detail={"shred": str(shred)})
    (other,) = append(conn, keys, [made_up], AT)
    conn.execute("SET session_replication_role = replica")

    conn.execute("UPDATE keys.shred SET entry = %s", (other.id,))

    assert verify(conn, keys).first_wrong == f"shred {shred}"
