"""Golden attributes are the same whichever way they are written: at once, weighed in Python, or against what was."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from canonical_people import AT, later, person, store

from wye.identity import corrections, golden, golden_rows
from wye.identity.identify import identify
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

pytestmark = pytest.mark.services


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


@pytest.fixture
def persons(conn: Connection) -> list[UUID]:
    """People of one record, of two, of one with a correction, and of one that says hardly anything."""
    mary = {"given_name": "Mary", "family_name": "Ashdown", "birth_date": "1950-03-07", "postcode": "AR1 1AA"}
    joan = {"given_name": "Joan", "family_name": 'O\'Neil \\ "Ó"\t\x1f', "birth_date": "1981-11-20"}
    told = {"interpreter_needed": False, "first_language": "", "title": None, "dependants": 0, "weight": 61.50, "x": []}
    store(
        conn,
        [
            *person("frameworki", "1", **mary, nhs_number="9990000018", nhs_number_status="01"),
            *person("crm", "2", **mary, title="Mx"),
            *person(
                "frameworki", "3", **joan, **told, phone="07700900123", nhs_number="9990000026", nhs_number_status="01"
            ),
            *person("crm", "4", given_name="Gwen", family_name="Farlow", birth_date="1931-05-06"),
            *person("crm", "5", given_name=None, family_name=""),
        ],
    )
    return identify(conn, AT).changed_persons


def state(conn: Connection) -> list[tuple[object, ...]]:
    found = conn.execute("SELECT *, value::text, contributors::text FROM identity.golden ORDER BY person, attribute")
    return found.fetchall()


def accept(conn: Connection, family_name: str, value: object) -> None:
    """Let a steward find another value right for whoever bears a family name."""
    found = conn.execute(
        "SELECT person, record FROM identity.golden WHERE value = to_jsonb(%s::text)", (family_name,)
    ).fetchone()
    assert found is not None
    corrections.insert(
        conn,
        {
            "id": uuid7(),
            "person": found[0],
            "record": found[1],
            "attribute": "family_name",
            "value": value,
            "typed": True,
            "controller": "arrowshire-council",
            "evidence": "passport seen",
            "reason": "as on the passport",
            "actor": "steward",
            "at": AT,
        },
    )


def test_every_way_of_writing_gives_the_same(conn, persons, monkeypatch):
    accept(conn, "Farlow", "Farlowe")
    written = {}
    for way in ("at once", "weighed", "against what was"):
        conn.execute("TRUNCATE identity.golden")
        if way != "at once":
            monkeypatch.setattr(golden_rows, "begin_alone", lambda *_: set())
        if way == "against what was":
            monkeypatch.setattr(golden_rows, "known", lambda _, asked: set(asked))
        golden.write(conn, persons, later(1))
        written[way] = state(conn)

    assert written["at once"] == written["weighed"] == written["against what was"]
    assert len({row[0] for row in written["at once"]}) == 3  # nobody says anything of the fourth
    said = {(row[1], row[9]): row[7] for row in written["at once"]}
    assert said["family_name", '"Farlowe"'] == "a steward found it right"
    assert said["interpreter_needed", "false"] == "the only source that says anything"
    assert not {"nhs_number_status", "first_language", "title"} & {
        row[1] for row in written["at once"] if row[5] == "frameworki"
    }


def test_person_of_one_record_is_written_without_being_read(conn, persons, monkeypatch):
    conn.execute("TRUNCATE identity.golden")
    read = []
    attributes = golden.attributes
    monkeypatch.setattr(golden, "attributes", lambda c, asked: read.extend(asked) or attributes(c, asked))

    golden.write(conn, persons, later(1))

    assert len(read) == 1  # of two records


def test_person_whose_attributes_ended_begins_after_them(conn, persons):
    conn.execute("UPDATE identity.golden SET superseded_at = %s", (later(5),))

    golden.write(conn, persons, AT)

    again = [row for row in state(conn) if row[3] is None]
    assert len(again) * 2 == len(state(conn))
    assert all(row[2] > AT for row in again)
