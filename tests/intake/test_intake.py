"""Rows are landed sealed, checked, and mapped; nothing is lost and nothing bad passes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from streams import AT, SOURCE, STREAM, by_record, how, keys, row

from wye.intake import rows as intake_rows
from wye.intake.land import land
from wye.intake.map import MAP_RULE, MappedBatch, map_batch
from wye.keys.file import FileKeys
from wye.ports import SourceRow, record_id
from wye.store.database import Connection, connect


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as one:
        yield one


@pytest.fixture
def hub_keys(tmp_path: Path) -> FileKeys:
    return keys(tmp_path)


class Intake:
    """Land and map, one instant later each time."""

    def __init__(self, conn: Connection, hub_keys: FileKeys) -> None:
        self.conn, self.keys, self.at = conn, hub_keys, AT

    def land(self, *rows: SourceRow, cursor: str | None = "1") -> UUID | None:
        self.at += timedelta(seconds=1)
        with self.conn.transaction():
            return land(self.conn, self.keys, SOURCE, STREAM, by_record(rows), cursor=cursor, at=self.at).batch

    def map(self, batch: UUID | None) -> MappedBatch:
        assert batch is not None
        self.at += timedelta(seconds=1)
        return map_batch(self.conn, self.keys, batch, how(), self.at)

    def current(self) -> list[tuple[object, ...]]:
        sql = "SELECT entity, body ->> 'family_name', body ->> 'value' FROM canonical.row WHERE superseded_at IS NULL ORDER BY record, entity"
        return self.conn.execute(sql).fetchall()

    def open_rules(self) -> list[str]:
        found = self.conn.execute("SELECT rule FROM intake.quarantine WHERE cleared_at IS NULL ORDER BY rule")
        return [str(rule) for (rule,) in found]


@pytest.fixture
def intake(conn: Connection, hub_keys: FileKeys) -> Intake:
    return Intake(conn, hub_keys)


def test_landed_row_rests_sealed_and_becomes_canonical(intake: Intake) -> None:
    batch = intake.land(row("1", "Zzyvaquist", phone="+447700900001"))

    sealed = intake.conn.execute("SELECT sealed FROM intake.landed").fetchall()
    done = intake.map(batch)

    assert b"Zzyvaquist" not in b"".join(bytes(each[0]) for each in sealed)  # type: ignore[arg-type]
    assert done == MappedBatch(1, 0, None)
    assert intake.current() == [("contact_point", None, "+447700900001"), ("person", "Zzyvaquist", None)]
    assert intake_rows.cursor_of(intake.conn, SOURCE, STREAM) == "1"


def test_same_rows_again_land_nothing(intake: Intake) -> None:
    intake.map(intake.land(row("1")))

    assert intake.land(row("1"), cursor="2") is None
    assert intake_rows.cursor_of(intake.conn, SOURCE, STREAM) == "2"
    assert intake.conn.execute("SELECT count(*) FROM intake.landed").fetchone() == (1,)


def test_changed_row_supersedes_and_keeps_the_old_version_readable(intake: Intake) -> None:
    intake.map(intake.land(row("1", "Ashdown", phone="+447700900001")))
    before = intake.at

    intake.map(intake.land(row("1", "Birch"), cursor="2"))

    assert intake.current() == [("person", "Birch", None)]
    as_of = "SELECT body ->> 'family_name' FROM canonical.row WHERE entity = 'person' AND recorded_at <= %s AND (superseded_at IS NULL OR superseded_at > %s)"
    assert intake.conn.execute(as_of, (before, before)).fetchall() == [("Ashdown",)]


def test_deleted_row_ends_its_canonical_rows(intake: Intake) -> None:
    intake.map(intake.land(row("1")))

    assert intake.land(SourceRow("never seen", {}, AT, deleted=True), cursor="2") is None
    intake.map(intake.land(SourceRow("1", {}, AT, deleted=True), cursor="3"))

    assert intake.current() == []


def test_deletion_is_found_from_the_full_list_of_keys(intake: Intake) -> None:
    intake.map(intake.land(row("1"), row("2", "Birch")))

    gone = intake_rows.missing_from(intake.conn, SOURCE, STREAM, [record_id(SOURCE, STREAM, "2")])

    assert gone == [record_id(SOURCE, STREAM, "1")]


def test_bad_row_waits_in_quarantine_and_keeps_its_last_good_version(intake: Intake) -> None:
    intake.map(intake.land(row("1")))

    done = intake.map(intake.land(row("1", None, born="2030-01-01"), row("2", "Birch"), cursor="2"))

    assert done.quarantined == 1
    assert intake.open_rules() == ["birth is not in the future", "surname is there"]
    assert [each[1] for each in sorted(intake.current(), key=str)] == ["Ashdown", "Birch"]
    dimension, owner = intake.conn.execute("SELECT dimension, owner FROM intake.quarantine ORDER BY rule").fetchall()[0]
    assert (dimension, owner) == ("accuracy", "head of care")


def test_next_good_version_clears_quarantine(intake: Intake) -> None:
    intake.map(intake.land(row("1", None)))

    intake.map(intake.land(row("1", "Ashdown"), cursor="2"))

    assert intake.open_rules() == []
    assert intake.current() == [("person", "Ashdown", None)]


def test_row_that_cannot_be_mapped_waits_in_quarantine(intake: Intake) -> None:
    done = intake.map(intake.land(row("1", phone="unmappable")))

    assert done.quarantined == 1
    assert intake.open_rules() == [MAP_RULE]
    assert intake.current() == []


def test_nul_and_broken_characters_are_quarantined(intake: Intake) -> None:
    done = intake.map(intake.land(row("1", "Ash\x00down"), row("2", "Ash\ufffddown")))

    assert done.quarantined == 2
    assert intake.current() == []


def test_column_that_the_contract_does_not_name_holds_the_batch_by_name(intake: Intake) -> None:
    batch = intake.land(row("1", SHOE_SIZE="Zzyvaquist"))

    done = intake.map(batch)

    assert done.held is not None
    assert "`SHOE_SIZE`" in done.held
    assert "Zzyvaquist" not in done.held
    assert intake.current() == []
    assert intake_rows.unmapped(intake.conn, SOURCE) == [(batch, STREAM, None)]


def test_held_batch_does_not_bring_back_an_older_version(intake: Intake) -> None:
    held = intake.land(row("1", "Old", SHOE_SIZE="9"), row("2", "Other", SHOE_SIZE="9"))
    intake.map(held)
    intake.map(intake.land(row("1", "New"), cursor="2"))

    intake.conn.execute("UPDATE intake.batch SET state = 'landed' WHERE batch = %s", (held,))
    plain_map = how()
    lenient = type(plain_map)(SOURCE, STREAM, "c", "o", lambda _: [], plain_map.map)
    map_batch(intake.conn, intake.keys, held, lenient, intake.at + timedelta(seconds=1))  # type: ignore[arg-type]

    assert sorted(str(each[1]) for each in intake.current()) == ["New", "Other"]


def test_failed_transaction_lands_nothing_and_moves_no_cursor(intake: Intake) -> None:
    def fail() -> None:
        with intake.conn.transaction():
            land(intake.conn, intake.keys, SOURCE, STREAM, by_record([row("1")]), cursor="9", at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert intake_rows.cursor_of(intake.conn, SOURCE, STREAM) is None
    assert intake.conn.execute("SELECT count(*) FROM intake.landed").fetchone() == (0,)


def test_changed_people_are_noted(intake: Intake) -> None:
    intake.map(intake.land(row("1"), row("2", "Birch")))
    intake.conn.execute("DELETE FROM canonical.changed")

    intake.map(intake.land(row("1"), row("2", "Cedar"), cursor="2"))

    noted = intake.conn.execute("SELECT subject FROM canonical.changed").fetchall()
    assert noted == [(record_id(SOURCE, STREAM, "2"),)]
