"""Search: found by tokens, opened while keys last, and every look on the record."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from audit_log import AT, OTHER, PERSON, a_log, an_event, sequence_all

from wye.audit.append import append
from wye.audit.search import FoundEntry, search, show
from wye.audit.verify import verify
from wye.errors import EvidenceBroken, UsageError
from wye.keys.file import FileKeys
from wye.keys.rows import delete_wraps_of_holder
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services
LOOK = {"searcher": "pat.auditor", "purpose": "complaint-17", "at": AT}


def ids(found: list[FoundEntry]) -> list[UUID]:
    return [each.id for each in found]


def test_search_by_person_finds_all_of_that_person_and_opens_them(conn: Connection, keys: FileKeys) -> None:
    log = a_log(conn, keys, 6)

    found = search(conn, keys, person=OTHER, **LOOK)

    assert ids(found) == [log[2].id, log[5].id]
    assert [each.index for each in found] == [2, 5]
    assert [each.event for each in found] == [an_event(person=OTHER)] * 2


def test_search_by_each_term_finds_its_entry_only(conn: Connection, keys: FileKeys) -> None:
    message = uuid7()
    events = [
        an_event(nhs_number="9434765919"),
        an_event(message=message),
        an_event(agreement="safeguarding"),
        an_event(recipient="marches-police"),
        an_event(actor="sam.steward"),
    ]
    appended = append(conn, keys, events, AT)

    assert ids(search(conn, keys, nhs_number="9434765919", **LOOK)) == [appended[0].id]
    assert ids(search(conn, keys, message=message, **LOOK)) == [appended[1].id]
    assert ids(search(conn, keys, agreement="safeguarding", **LOOK)) == [appended[2].id]
    assert ids(search(conn, keys, recipient="marches-police", **LOOK)) == [appended[3].id]
    assert ids(search(conn, keys, actor="sam.steward", **LOOK)) == [appended[4].id]


def test_search_by_several_terms_finds_what_matches_all(conn: Connection, keys: FileKeys) -> None:
    events = [an_event(), an_event(agreement="safeguarding"), an_event(person=OTHER, agreement="safeguarding")]
    appended = append(conn, keys, events, AT)

    found = search(conn, keys, person=PERSON, agreement="safeguarding", **LOOK)

    assert ids(found) == [appended[1].id]


def test_search_within_times_finds_what_was_staged_then(conn: Connection, keys: FileKeys) -> None:
    log = a_log(conn, keys, 1, 1, 1)
    minute = timedelta(minutes=1)

    assert ids(search(conn, keys, agreement="adult-social-care", since=AT + minute, **LOOK))[:2] == [
        log[1].id,
        log[2].id,
    ]
    early = search(conn, keys, recipient="arrowshire-hospitals", until=AT + minute, since=AT, **LOOK)
    assert [each.id for each in early if each.event and each.event.kind is EventKind.DISCLOSURE] == ids(early)[:2]
    assert ids(early)[:2] == [log[0].id, log[1].id]


def test_search_is_itself_found_with_who_why_and_how_many(conn: Connection, keys: FileKeys) -> None:
    append(conn, keys, [an_event(), an_event()], AT)
    search(conn, keys, person=PERSON, **LOOK)

    found = search(conn, keys, person=PERSON, **LOOK)[-1].event

    assert found is not None
    assert (found.kind, found.actor, found.purpose) == (EventKind.CONSULTATION, "pat.auditor", "complaint-17")
    assert found.counts == {"found": 2}


def test_search_that_comes_out_at_one_person_is_held_by_that_person(conn: Connection, keys: FileKeys) -> None:
    append(conn, keys, [an_event(nhs_number="9434765919")], AT)

    search(conn, keys, nhs_number="9434765919", **LOOK)

    assert len(search(conn, keys, person=PERSON, **LOOK)) == 2


def test_search_whose_entry_cannot_be_written_shows_nothing(conn: Connection, keys: FileKeys) -> None:
    append(conn, keys, [an_event()], AT)
    conn.execute(
        "ALTER TABLE audit.entry ADD CONSTRAINT full_disk CHECK (staged_at < '2026-11-21T09:30:00Z') NOT VALID"
    )

    with pytest.raises(Exception, match="full_disk"):
        search(conn, keys, person=PERSON, **LOOK)


def test_search_without_a_term_is_refused_and_leaves_no_entry(conn: Connection, keys: FileKeys) -> None:
    with pytest.raises(UsageError, match="a search needs"):
        search(conn, keys, since=AT, **LOOK)

    assert verify(conn, keys).waiting == 0


def test_entry_of_a_shredded_person_is_found_unread(conn: Connection, keys: FileKeys) -> None:
    log = a_log(conn, keys, 3)
    delete_wraps_of_holder(conn, OTHER)

    found = search(conn, keys, agreement="adult-social-care", **LOOK)

    assert [each.event is None for each in found] == [False, False, True]
    assert found[2].id == log[2].id
    assert verify(conn, keys).first_wrong == str(log[2].id)  # no shred says so


def test_altered_body_is_refused_rather_than_shown(conn: Connection, keys: FileKeys) -> None:
    append(conn, keys, [an_event()], AT)
    conn.execute("SET session_replication_role = replica")
    conn.execute("UPDATE audit.entry SET ciphertext = set_byte(ciphertext, 60, get_byte(ciphertext, 60) # 1)")

    with pytest.raises(EvidenceBroken, match="was altered"):
        search(conn, keys, person=PERSON, **LOOK)


def test_search_with_other_keys_finds_nothing(conn: Connection, keys: FileKeys, tmp_path: Path) -> None:
    append(conn, keys, [an_event()], AT)

    assert search(conn, FileKeys.open(tmp_path / "others"), person=PERSON, **LOOK) == []


def test_database_holds_no_term_in_clear(conn: Connection, keys: FileKeys) -> None:
    append(conn, keys, [an_event(nhs_number="9434765919", actor="sam.steward")], AT)
    stored = b""
    for table in ("entry", "token", "staged"):
        with conn.cursor() as cursor, cursor.copy(f"COPY (TABLE audit.{table}) TO STDOUT (FORMAT BINARY)") as copy:
            stored += b"".join(bytes(part) for part in copy)

    for term in (b"9434765919", b"sam.steward", b"adult-social-care", b"arrowshire-hospitals", PERSON.bytes):
        assert term not in stored
    assert b"person" in stored


def test_entry_shown_is_on_the_record_of_its_person(conn: Connection, keys: FileKeys) -> None:
    (entry,) = append(conn, keys, [an_event()], AT)
    sequence_all(conn, keys)

    shown = show(conn, keys, entry.id, **LOOK)

    assert (shown.id, shown.index, shown.event) == (entry.id, 0, an_event())
    look = search(conn, keys, person=PERSON, actor="pat.auditor", **LOOK)
    assert [each.event.detail for each in look if each.event] == [{"entry": str(entry.id)}]


def test_entry_that_is_not_there_is_refused(conn: Connection, keys: FileKeys) -> None:
    with pytest.raises(UsageError, match="no audit entry"):
        show(conn, keys, UUID(int=1), **LOOK)
