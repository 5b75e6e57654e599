"""A human's word is never overridden by linking; it can be taken back, and then all is as before."""

from collections.abc import Iterator
from typing import LiteralString
from uuid import UUID

import pytest
from canonical_people import AT, gone, later, link_state, person, store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wye.errors import UsageError
from wye.identity import footing
from wye.identity.identify import identify
from wye.identity.link_rows import persons_of_records
from wye.identity.merge import merge, undo, unmerge
from wye.identity.saying import different, same, split
from wye.ports import record_id
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services

STREAMS = {"frameworki": "persons", "crm": "contacts", "nhs_fhir": "admissions"}
RECORDS = [(source, str(key)) for source in STREAMS for key in (1, 2, 3)]
TABLES = (
    "identity.person, identity.person_link, identity.event, identity.doubt, identity.golden, identity.feature,"
    " identity.block, identity.footing, identity.frequency, identity.word, identity.unsettled, identity.second_look, identity.sealing, canonical.row, canonical.changed"
)


def rid(source: str, key: str) -> UUID:
    return record_id(source, STREAMS[source], key)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


facts = st.fixed_dictionaries(
    {
        "given_name": st.sampled_from(["Mary", "Marry", "May", "Joan"]),
        "family_name": st.sampled_from(["Ashdown", "Beech"]),
        "birth_date": st.sampled_from(["1950-03-07", "1950-07-03", "1981-11-20"]),
        "postcode": st.sampled_from(["AR1 1AA", "AR2 2BB"]),
        "nhs_number": st.sampled_from([None, None, "9990000018", "9990000026"]),
        "sealed": st.sampled_from([False, False, False, False, False, True]),
    }
)
STEPS = ("store", "store", "gone", "merge", "unmerge", "undo", "same", "different", "split")


def words(conn: Connection) -> dict[tuple[UUID, UUID], str]:
    """What counts, told naively from the history: of each pair the last word whose event was not taken back."""
    events = conn.execute("SELECT id, undoes FROM identity.event ORDER BY number").fetchall()
    undone = {undoes for _, undoes in events}
    in_force = {}
    for event, _ in events:
        if event not in undone:
            for a, b, said in conn.execute(
                "SELECT record_a, record_b, said FROM identity.word WHERE event = %s", (event,)
            ).fetchall():
                in_force[a, b] = said
    return in_force  # type: ignore[return-value]  # rows are untyped


numbers = st.integers(0, 40)
acts = st.tuples(st.sampled_from(STEPS), numbers, numbers, facts)
"""What is done, and to which record or event: drawn without a look at the database, whose ids are random."""


def act(conn: Connection, done: tuple[str, int, int, dict[str, object]], at: int) -> None:
    """Do one thing that may be refused; a refusal changes nothing."""
    step, i, j, values = done
    linked = sorted(column(conn, "SELECT record FROM identity.person_link WHERE superseded_at IS NULL"))
    events = column(conn, "SELECT id FROM identity.event ORDER BY number")
    one, two = linked[i % len(linked)], linked[(i + 1 + j % (len(linked) - 1)) % len(linked)]
    persons = persons_of_records(conn, [one, two])
    if step == "store":
        source, key = RECORDS[i % len(RECORDS)]
        store(conn, person(source, key, **values), later(at))
    elif step == "gone":
        gone(conn, one, later(at))
    elif step in ("unmerge", "undo") and events:
        event = events[-1 - i % min(len(events), 5)]
        (unmerge if step == "unmerge" else undo)(conn, event, "why", "steward", later(at))
    elif step in ("same", "different"):
        (same if step == "same" else different)(conn, one, two, "why", "steward", later(at))
    elif step == "merge":
        merge(conn, persons[one], persons[two], "why", "steward", later(at))
    elif step == "split":
        split(conn, persons[one], [one], "why", "steward", later(at))


def column(conn: Connection, query: LiteralString) -> list[UUID]:
    return [value for (value,) in conn.execute(query).fetchall()]  # type: ignore[misc]  # rows are untyped


@pytest.mark.parametrize("many", [0.0, 100.0], ids=["all looked at", "what is near looked at"])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(begin=st.lists(facts, min_size=6, max_size=6), steps=st.lists(acts, min_size=8, max_size=24))
def test_linking_never_goes_against_a_word(conn, monkeypatch, many, begin, steps):
    monkeypatch.setattr(footing, "MANY", many)
    conn.execute(f"TRUNCATE {TABLES}")  # type: ignore[arg-type]  # our own names
    for key, values in zip(RECORDS, begin, strict=False):
        store(conn, person(*key, **values))
    identify(conn, AT)

    for place, step in enumerate(steps, 1):
        before = link_state(conn), words(conn)
        try:
            act(conn, step, place)
        except UsageError:
            assert (link_state(conn), words(conn)) == before
        check_words(conn)
        identify(conn, later(place))
        check_words(conn)
        check_seals(conn)


def check_words(conn: Connection) -> None:
    links = dict(conn.execute("SELECT record, person FROM identity.person_link WHERE superseded_at IS NULL").fetchall())  # type: ignore[arg-type]
    sealed = {record for (record,) in conn.execute("SELECT record FROM identity.sealed_record").fetchall()}
    held = set(column(conn, "SELECT record FROM identity.feature WHERE NOT sealed"))  # as identify last saw them
    for (a, b), said in words(conn).items():
        if said == "different":
            assert links[a] != links[b]
        elif not {a, b} & sealed and {a, b} <= held:
            assert links[a] == links[b]


def check_seals(conn: Connection) -> None:
    crowded = conn.execute(
        "SELECT l.person FROM identity.person_link l WHERE l.superseded_at IS NULL GROUP BY l.person"
        " HAVING count(*) > 1 AND bool_or(l.record IN (SELECT record FROM identity.sealed_record))"
    ).fetchall()
    assert crowded == []
