"""Read a real PostgreSQL in Mosaic's layout: all, what changed, what came late, what went."""

import tracemalloc
from datetime import UTC, datetime, timedelta

import orjson
import psycopg
import pytest

from connectors.frameworki import Frameworki
from connectors.frameworki.counterpart import load
from connectors.frameworki.position import Position
from connectors.frameworki.tables import TABLES
from wye.ports import ContractBroken, EnvironmentFault, FindsDeletions, SourceUnavailable, Writes, record_id
from wye.quality.check import check_rows
from wye.quality.contract import load_contract

pytestmark = pytest.mark.services

LATE = """
    UPDATE mosaic.dm_persons SET last_updated = now() AT TIME ZONE 'UTC' + %s::interval WHERE person_id = 3
"""


def test_read_from_the_start_yields_every_row_once_in_batches(twelve):
    sizes = [len(batch.rows) for batch in twelve.connector.read("persons", None, 5)]
    keys, _ = twelve.keys_read("persons")

    assert sizes == [5, 5, 2]
    assert sorted(keys, key=int) == [str(number) for number in range(1, 13)]


@pytest.mark.parametrize("batch_rows", [1, 2, 5, 11, 12, 13])
def test_read_from_every_cursor_equals_the_rest_of_a_full_read(twelve, batch_rows):
    batches = list(twelve.connector.read("persons", None, batch_rows))
    full = [row.key for batch in batches for row in batch.rows]

    for place, batch in enumerate(batches):
        rest = full[sum(len(before.rows) for before in batches[: place + 1]) :]
        assert twelve.keys_read("persons", batch.cursor, batch_rows)[0] == rest


def test_read_of_unchanged_rows_yields_no_batch(twelve):
    _, cursor = twelve.keys_read("persons")

    assert list(twelve.connector.read("persons", cursor, 5)) == []


def test_read_after_a_change_yields_that_row_alone(twelve):
    _, cursor = twelve.keys_read("persons")
    twelve.touch([7])

    assert twelve.keys_read("persons", cursor)[0] == ["7"]


def test_row_stamped_before_and_committed_after_a_pass_is_read_by_the_next(twelve):
    with psycopg.connect(twelve.url) as late:
        late.execute(LATE, ("0 s",))
        twelve.touch([4], "1 s")
        keys, cursor = twelve.keys_read("persons")
        late.commit()

    assert keys[-1] == "4"
    assert "3" in twelve.keys_read("persons", cursor)[0]


def test_row_committed_late_behind_a_pass_that_was_interrupted_for_a_day_is_read(twelve):
    twelve.touch([4, 5], "-1 day -8 min")
    yesterday = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=1)
    interrupted = Position(yesterday - timedelta(minutes=8, seconds=30), 4, began=yesterday)
    with psycopg.connect(twelve.url) as late:
        late.execute(LATE, ("-1 day -9 min",))
        keys, cursor = twelve.keys_read("persons", interrupted.text(), batch_rows=1)
        late.commit()

    assert keys == ["4", "5"]
    assert "3" in twelve.keys_read("persons", cursor)[0]


def test_row_stamped_in_the_future_hides_no_later_change(twelve):
    twelve.execute("UPDATE mosaic.dm_persons SET last_updated = '2206-01-01' WHERE person_id = 1")
    _, cursor = twelve.keys_read("persons")
    twelve.touch([2])

    assert "2" in twelve.keys_read("persons", cursor)[0]


@pytest.mark.parametrize("stamp", [None, "infinity", "-infinity", "20206-01-01"])
def test_row_that_no_cursor_reaches_stops_the_reading(twelve, stamp):
    twelve.execute("ALTER TABLE mosaic.dm_persons ALTER last_updated DROP NOT NULL")
    twelve.execute("UPDATE mosaic.dm_persons SET last_updated = %s::timestamp WHERE person_id = 1", stamp)

    with pytest.raises(ContractBroken, match="`LAST_UPDATED` of `DM_PERSONS`"):
        twelve.keys_read("persons")


def test_deleted_row_is_missing_from_the_keys(twelve):
    before = set(twelve.connector.keys("persons"))
    twelve.execute("DELETE FROM mosaic.dm_persons WHERE person_id = 7")

    assert before - set(twelve.connector.keys("persons")) == {"7"}
    assert isinstance(twelve.connector, FindsDeletions)
    assert isinstance(twelve.connector, Writes)


def test_values_are_as_held_and_survive_json(twelve):
    twelve.execute(
        "UPDATE mosaic.dm_persons SET nhs_id = 12345678, date_of_birth = 'infinity', title = ' Mx ' WHERE person_id = 1"
    )
    values = next(iter(twelve.connector.read("persons", None, 1))).rows[0].values

    assert values["NHS_ID"] == "12345678"
    assert values["DATE_OF_BIRTH"] == "infinity"
    assert values["TITLE"] == " Mx "
    assert orjson.loads(orjson.dumps(dict(values))) == values


def test_added_column_is_discovered_and_stands_in_the_values(twelve):
    twelve.execute("ALTER TABLE mosaic.dm_persons ADD shoe_size numeric(4, 1) DEFAULT 7.5")
    contract = load_contract(twelve.connector.contract, "frameworki").streams["persons"]
    row = next(iter(twelve.connector.read("persons", None, 1))).rows[0]

    assert twelve.connector.discover("persons")["SHOE_SIZE"] == "numeric(4,1)"
    assert row.values["SHOE_SIZE"] == "7.5"
    with pytest.raises(ContractBroken, match="`SHOE_SIZE`"):
        contract.check_columns(frozenset(row.values))


def test_lost_column_stops_the_reading(twelve):
    twelve.execute("ALTER TABLE mosaic.dm_persons DROP restricted")

    with pytest.raises(ContractBroken, match="lacks `RESTRICTED`"):
        twelve.keys_read("persons")


def test_contract_names_exactly_the_columns_of_every_table(twelve):
    streams = load_contract(twelve.connector.contract, "frameworki").streams

    assert tuple(streams) == twelve.connector.streams()
    for stream, contract in streams.items():
        found = twelve.connector.discover(stream)
        assert set(found) == set(contract.columns)
        assert set(TABLES[stream].needed) <= set(found)


def test_involvement_brings_the_worker_name(mosaic):
    loaded = mosaic({
        "DM_WORKERS": [{"WORKER_ID": 5, "FULL_NAME": "Robin Quill"}],
        "DM_PROF_RELATIONSHIPS": [
            {"PROF_RELATIONSHIP_ID": 1, "PERSON_ID": 9, "WORKER_ID": 5, "PROF_REL_TYPE_CODE": "REL.ALLWORK"},
            {"PROF_RELATIONSHIP_ID": 2, "PERSON_ID": 9, "WORKER_ID": 6, "PROF_REL_TYPE_CODE": "REL.ALLWORK"},
        ],
    })  # fmt: skip
    rows = next(iter(loaded.connector.read("involvements", None, 9))).rows

    assert [row.values["WORKER_FULL_NAME"] for row in rows] == ["Robin Quill", None]


def test_answers_to_other_questions_are_not_read(mosaic):
    def answer(number: int, question: str) -> dict[str, object]:
        return {"ANSWER_ID": number, "SUBJECT_PERSON_ID": 9, "QUESTION_USER_CODE": question, "TEXT_ANSWER": "Yes"}

    loaded = mosaic({"DM_CACHED_FORM_ANSWERS": [answer(1, "FAVOURITE_FOOD"), answer(2, "CONSENT_SHARE_HEALTH")]})
    _, cursor = loaded.keys_read("answers")
    loaded.execute("UPDATE mosaic.dm_cached_form_answers SET last_updated = now() AT TIME ZONE 'UTC'")

    assert loaded.keys_read("answers")[0] == ["2"]
    assert loaded.keys_read("answers", cursor)[0] == ["2"]
    assert list(loaded.connector.keys("answers")) == ["2"]


def test_duplicate_marker_maps_to_a_tie_between_the_two_records(mosaic):
    loaded = mosaic({
        "DM_PERSONAL_RELATIONSHIPS": [
            {"PERSONAL_RELATIONSHIP_ID": 1, "PERSON_ID": 2, "OTHER_PERSON_ID": 1, "FAMILY_CATEGORY": "DUPLICATE"}
        ]
    })  # fmt: skip
    row = next(iter(loaded.connector.read("relationships", None, 9))).rows[0]
    (tie,) = loaded.connector.map("relationships", row)

    assert tie.model_dump() == {
        "subject": record_id("frameworki", "persons", "2"),
        "other": record_id("frameworki", "persons", "1"),
        "kind": "duplicate",
        "from_date": None,
        "to_date": None,
    }


def test_nhs_number_with_a_leading_zero_passes_its_rule_and_comes_back_whole(mosaic, day):
    number = "0123456703"
    loaded = mosaic({"DM_PERSONS": [{**person(1), "NHS_ID": int(number)}, {**person(2), "NHS_ID": int(number) + 1}]})
    rows = next(iter(loaded.connector.read("persons", None, 9))).rows
    failures = check_rows(
        load_contract(loaded.connector.contract, "frameworki").streams["persons"], [row.values for row in rows], day
    )
    mapped = next(iter(loaded.connector.map("persons", rows[0])))

    assert [(failure.row, failure.column, failure.dimension.value) for failure in failures if failure.quarantines] == [
        (1, "NHS_ID", "validity")
    ]
    assert mapped.model_dump()["nhs_number"] == number


def test_memory_does_not_grow_with_the_table(twelve):
    twelve.execute(
        "INSERT INTO mosaic.dm_persons (person_id, full_name, last_name, gender, person_id_legacy, last_updated) "
        "SELECT n, 'Ash Hollowell', 'Hollowell', 'F', 'L', '2026-01-01' FROM generate_series(100, 30000) n"
    )

    def peak(batches: int) -> int:
        reading = twelve.connector.read("persons", None, 1000)
        next(reading)
        tracemalloc.start()
        for _ in range(batches):
            next(reading)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        reading.close()
        return held

    assert peak(25) < 1.3 * peak(3)


def test_absent_database_is_unavailable_and_its_password_is_not_told():
    connector = Frameworki({"url": "postgresql://reader:opensesame@127.0.0.1:1/mosaic"})

    with pytest.raises(SourceUnavailable) as raised:
        connector.check()
    assert "opensesame" not in str(raised.value)
    assert raised.value.__suppress_context__
    assert "WYE_SOURCES__FRAMEWORKI__URL" in str(raised.value)


def test_missing_setting_is_named_when_it_is_needed_and_not_before():
    connector = Frameworki({})

    with pytest.raises(EnvironmentFault, match="WYE_SOURCES__FRAMEWORKI__URL"):
        connector.check()


def test_database_without_mosaic_is_a_broken_contract(database_url):
    with pytest.raises(ContractBroken, match="`DM_PERSONS` of `frameworki` is not there"):
        Frameworki({"url": database_url}).check()


def test_check_passes_on_a_whole_system(twelve):
    twelve.connector.check()


def test_reading_cannot_write(twelve):
    from connectors.frameworki import rows

    with pytest.raises(SourceUnavailable, match="25006"), rows.connect(twelve.url) as conn:
        conn.execute("DELETE FROM mosaic.dm_persons")


def test_foreign_cursor_is_refused(twelve):
    with pytest.raises(ContractBroken, match="cursor"):
        twelve.keys_read("persons", "2026-01-01")


def test_unknown_stream_is_refused(twelve):
    with pytest.raises(ContractBroken, match="no stream `pets`"):
        twelve.keys_read("pets")


def test_counterpart_leaves_a_mosaic_that_it_did_not_make_alone(twelve, tmp_path):
    twelve.execute("COMMENT ON SCHEMA mosaic IS 'the real one'")

    with pytest.raises(EnvironmentFault, match="another database"):
        load(tmp_path, twelve.url)
    assert len(twelve.keys_read("persons")[0]) == 12


def test_counterpart_can_load_again(twelve, tmp_path):
    assert load(tmp_path, twelve.url) == {"DM_PERSONS": 12}


def person(number: int) -> dict[str, object]:
    return {
        "PERSON_ID": number,
        "FULL_NAME": "Ash Hollowell",
        "LAST_NAME": "Hollowell",
        "GENDER": "F",
        "PERSON_ID_LEGACY": "L",
    }
