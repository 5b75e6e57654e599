"""What a waiting version says of protections is known, or known to be unread; who it is about is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from mosaic_rows import AT, CONTRACT, SOURCE, answer, group, how, person

from wye.intake import pending_rows
from wye.intake.land import land
from wye.intake.map import map_batch
from wye.intake.pending import note_batch, read
from wye.keys.file import FileKeys
from wye.ports import SourceRow, record_id
from wye.store.database import Connection, connect
from wye.store.ids import uuid7
from wye.store.pending import PendingProtection


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as one:
        yield one


class Mosaic:
    """Take Mosaic's rows in, one instant later each time, and make each person's record a person."""

    def __init__(self, conn: Connection, keys: FileKeys) -> None:
        self.conn, self.keys, self.at, self.persons = conn, keys, AT, dict[str, UUID]()

    def land(self, stream: str, *rows: SourceRow) -> UUID:
        self.at += timedelta(seconds=1)
        incoming = {record_id(SOURCE, stream, each.key): each for each in rows}
        with self.conn.transaction():
            landed = land(self.conn, self.keys, SOURCE, stream, incoming, cursor="1", at=self.at)
        assert landed.batch is not None
        return landed.batch

    def take(self, stream: str, *rows: SourceRow) -> int:
        batch = self.land(stream, *rows)
        self.at += timedelta(seconds=1)
        return map_batch(self.conn, self.keys, batch, how(stream), self.at).quarantined

    def know(self, key: str) -> None:
        self.take("persons", person(key))
        self.persons[key] = one = uuid7()
        self.conn.execute("INSERT INTO identity.person VALUES (%s, %s)", (one, AT))
        self.conn.execute(
            "INSERT INTO identity.person_link (record, person, kind, reason, recorded_at)"
            " VALUES (%s, %s, 'auto', 'test', %s)",
            (record_id(SOURCE, "persons", key), one, AT),
        )

    def pending(self, key: str) -> tuple[PendingProtection, ...]:
        return pending_rows.of_persons(self.conn, [self.persons[key]])[self.persons[key]]

    def unread(self, key: str) -> list[bool]:
        return [each.unread for each in self.pending(key)]

    def changed(self) -> set[UUID]:
        return {subject for (subject,) in self.conn.execute("DELETE FROM canonical.changed RETURNING subject")}  # type: ignore[misc]


@pytest.fixture
def mosaic(conn: Connection, tmp_path: Path) -> Mosaic:
    one = Mosaic(conn, FileKeys.open(tmp_path / "keys"))
    for key in ("1", "2"):
        one.know(key)
    one.changed()
    return one


def test_good_row_and_bad_row_without_a_protection_leave_nothing_pending(mosaic: Mosaic) -> None:
    assert mosaic.take("groups", group("7", of="1")) == 0
    assert mosaic.take("persons", person("2", NHS_ID=1234567890)) == 1

    assert mosaic.pending("1") == mosaic.pending("2") == ()


def test_restriction_that_can_be_read_from_a_bad_row_is_stated(mosaic: Mosaic) -> None:
    assert mosaic.take("persons", person("1", RESTRICTED="Y", DATE_OF_BIRTH="2999-01-01")) == 1

    (waits,) = mosaic.pending("1")
    assert (waits.unread, waits.stated, waits.cause) == (
        False,
        (("flag", {"kind": "restricted-record"}),),
        "quarantined",
    )
    assert mosaic.pending("2") == ()
    assert record_id(SOURCE, "persons", "1") in mosaic.changed()


@pytest.mark.parametrize(
    "wrong",
    [
        {"RESTRICTED": "?"},
        {"RESTRICTED": "Y", "DATE_OF_BIRTH": "infinity"},
        {"RESTRICTED": "N", "LAST_NAME": None},
    ],
    ids=["code", "date", "name"],
)
def test_person_row_that_cannot_be_mapped_is_unread(mosaic: Mosaic, wrong: dict[str, object]) -> None:
    assert mosaic.take("persons", person("1", **wrong)) == 1

    assert mosaic.unread("1") == [True]


@pytest.mark.parametrize("wrong", [{"FULL_GROUP_TYPE": "?"}, {"END_DATE": "1926-01-01 00:00:00"}, {"START_DATE": "?"}])
def test_flag_row_that_fails_anywhere_is_unread(mosaic: Mosaic, wrong: dict[str, object]) -> None:
    mosaic.take("groups", group("7", of="1"))
    assert mosaic.take("groups", group("7", of="1", **wrong)) == 1

    assert mosaic.unread("1") == [True]


def test_flag_that_moves_to_somebody_else_is_unread_for_both(mosaic: Mosaic) -> None:
    mosaic.take("groups", group("7", of="1"))
    mosaic.take("groups", group("7", of="2", END_DATE="1926-01-01 00:00:00"))

    assert mosaic.unread("1") == mosaic.unread("2") == [True]


def test_refusal_and_objection_in_a_bad_row_are_stated_and_a_consent_is_not(mosaic: Mosaic) -> None:
    tomorrow = {"DATE_ANSWER": "2027-01-01"}
    mosaic.take("answers", answer("1", "1", "CONSENT_SHARE_HEALTH", "No", **tomorrow))
    mosaic.take("answers", answer("2", "1", "OBJECT_SHARE_HEALTH", "Yes", **tomorrow))
    mosaic.take("answers", answer("3", "2", "CONSENT_SHARE_HEALTH", "Yes", **tomorrow))

    assert [values for each in mosaic.pending("1") for _, values in each.stated] == [
        {"kind": "confidentiality", "scope": "share-with-health", "given": False},
        {"kind": "objection", "scope": "share-with-health", "given": True},
    ]
    assert [each.stated for each in mosaic.pending("2")] == [()]
    assert mosaic.unread("2") == [True], "a column of the answer itself failed"


def test_consent_that_a_readable_version_no_longer_gives_is_unread(mosaic: Mosaic) -> None:
    mosaic.take("answers", answer("1", "1", "CONSENT_SHARE_HEALTH", "Yes"))
    readable = replace(how("answers"), protective=frozenset({"TEXT_ANSWER"}))
    batch = mosaic.land("answers", answer("1", "1", "CONSENT_SHARE_POLICE", "Yes", DATE_ANSWER="2027-01-01"))
    map_batch(mosaic.conn, mosaic.keys, batch, readable, mosaic.at)

    assert mosaic.unread("1") == [True]


def test_next_good_version_and_deletion_clear_what_is_pending(mosaic: Mosaic) -> None:
    for key in ("1", "2"):
        mosaic.take("persons", person(key, RESTRICTED="?"))
    mosaic.changed()

    mosaic.take("persons", person("1", RESTRICTED="Y"))
    mosaic.take("persons", SourceRow("2", {}, AT, deleted=True))

    assert mosaic.pending("1") == mosaic.pending("2") == ()
    assert mosaic.changed() == {record_id(SOURCE, "persons", key) for key in ("1", "2")}


def test_next_bad_version_takes_the_place_of_the_one_before(mosaic: Mosaic) -> None:
    mosaic.take("persons", person("1", RESTRICTED="?"))
    mosaic.take("persons", person("1", RESTRICTED="Y", NHS_ID=1))

    assert mosaic.unread("1") == [False]


def test_held_batch_is_unread_for_all_and_honoured_for_none(mosaic: Mosaic) -> None:
    batch = mosaic.land("persons", *(person(key, RESTRICTED="Y", SHOE_SIZE="9") for key in ("1", "2")))

    held = map_batch(mosaic.conn, mosaic.keys, batch, how("persons"), mosaic.at)
    again = map_batch(mosaic.conn, mosaic.keys, batch, how("persons"), mosaic.at + timedelta(hours=1))

    assert held.held == again.held is not None
    for key in ("1", "2"):
        (waits,) = mosaic.pending(key)
        assert (waits.cause, waits.unread, waits.stated, waits.since) == ("held", True, (), mosaic.at)


def test_held_batch_whose_newer_version_came_good_is_unread_no_longer(mosaic: Mosaic) -> None:
    held = mosaic.land("groups", group("7", of="1", SHOE_SIZE="9"), group("8", of="2", SHOE_SIZE="9"))
    map_batch(mosaic.conn, mosaic.keys, held, how("groups"), mosaic.at)

    mosaic.take("groups", group("7", of="1"))
    map_batch(mosaic.conn, mosaic.keys, held, how("groups"), mosaic.at + timedelta(hours=1))

    assert (mosaic.pending("1"), mosaic.unread("2")) == ((), [True])


def test_batch_of_a_stream_that_carries_no_protection_is_never_noted(mosaic: Mosaic) -> None:
    assert CONTRACT.streams["addresses"].protective == frozenset()
    batch = mosaic.land("persons", person("1", RESTRICTED="Y", SHOE_SIZE="9"))

    note_batch(mosaic.conn, mosaic.keys, batch, replace(how("persons"), protective=frozenset()), "held", mosaic.at)

    assert mosaic.pending("1") == ()


def test_row_about_nobody_who_is_known_is_unplaced_until_its_person_is(mosaic: Mosaic) -> None:
    mosaic.take("groups", group("7", of="3", kind="?"))
    mosaic.take("groups", group("8", of="3x"))
    mosaic.take("persons", person("4", LAST_NAME=None))

    assert [one.record for one in pending_rows.unplaced(mosaic.conn)] == [
        record_id(SOURCE, "groups", key) for key in ("7", "8")
    ], "a person's own record is about that person, whether or not they are known yet"

    mosaic.know("3")
    mosaic.take("groups", group("7", of="3", kind="?", END_DATE="2026-02-01 00:00:00"))
    mosaic.take("groups", SourceRow("8", {}, AT, deleted=True))
    assert [one.record for one in pending_rows.unplaced(mosaic.conn)] == [record_id(SOURCE, "groups", "7")], (
        "a group that cannot be mapped names nobody"
    )


def test_version_about_someone_known_is_passed_over_until_it_names_nobody_known(mosaic: Mosaic) -> None:
    mosaic.take("groups", group("7", of="1"))
    mosaic.take("groups", group("7", of="3", kind="?"))
    assert pending_rows.unplaced(mosaic.conn) == [], "its earlier version named someone who is known"
    (waiting,) = mosaic.conn.execute("SELECT DISTINCT value FROM canonical.pending_protection WHERE placed").fetchall()
    value = cast("UUID", waiting[0])
    record, nobody = record_id(SOURCE, "groups", "7"), record_id(SOURCE, "persons", "3")
    pending_rows.clear(mosaic.conn, [record], mosaic.at)
    of_nobody = pending_rows.Noted(value, nobody, record, own=False, unread=True, stated="[]")
    of_both = [of_nobody, of_nobody._replace(subject=record_id(SOURCE, "persons", "1"))]
    pending_rows.insert(mosaic.conn, SOURCE, "groups", "quarantined", of_both, mosaic.at)
    assert pending_rows.unplaced(mosaic.conn) == []
    pending_rows.clear(mosaic.conn, [record], mosaic.at)
    pending_rows.insert(mosaic.conn, SOURCE, "groups", "quarantined", [of_nobody], mosaic.at)
    assert [one.record for one in pending_rows.unplaced(mosaic.conn)] == [record]

    mosaic.know("3")
    assert pending_rows.unplaced(mosaic.conn) == [], "a link counts at once"
    pending_rows.place(mosaic.conn)
    left = mosaic.conn.execute("SELECT FROM canonical.pending_protection WHERE NOT placed AND cleared_at IS NULL")
    assert left.rowcount == 0


def test_version_whose_known_person_is_erased_is_asked_again(mosaic: Mosaic) -> None:
    mosaic.take("groups", group("7", of="1"))
    mosaic.take("groups", group("7", of="1", kind="?"))
    known, record = record_id(SOURCE, "persons", "1"), record_id(SOURCE, "groups", "7")
    mosaic.conn.execute(
        "INSERT INTO canonical.pending_protection SELECT value, %s, record, source, stream, cause, own, unread, stated,"
        " since, cleared_at, placed FROM canonical.pending_protection WHERE subject = %s",
        (record_id(SOURCE, "persons", "3"), known),
    )
    assert pending_rows.unplaced(mosaic.conn) == []

    mosaic.conn.execute("DELETE FROM canonical.pending_protection WHERE subject = %s", (known,))

    assert [one.record for one in pending_rows.unplaced(mosaic.conn)] == [record]


def test_asking_who_is_unplaced_reads_nothing_of_versions_that_are_placed(mosaic: Mosaic) -> None:
    keys = [str(number) for number in range(100, 600)]
    mosaic.take("groups", *(group(key, of="1") for key in keys))
    assert mosaic.take("groups", *(group(key, of="1", kind="?") for key in keys)) == len(keys)

    mosaic.conn.execute("ANALYZE canonical.pending_protection")
    lines = mosaic.conn.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {pending_rows.UNPLACED}").fetchall()
    plan = "\n".join(str(line) for (line,) in lines)
    assert "pending_protection_unplaced on pending_protection" in plan
    assert "Rows Removed" not in plan


def test_read_of_a_row_that_breaks_its_mapping_is_not_whole() -> None:
    def breaks(_: SourceRow) -> list[object]:
        raise RuntimeError("a planted error about Mrs Test")

    assert not read(person("1"), replace(how("persons"), map=breaks), frozenset()).whole  # type: ignore[arg-type]
