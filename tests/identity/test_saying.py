"""Must-link, cannot-link, split, and undo of each: what is said holds at once, keeps its history, and never contradicts."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from canonical_people import AT, gone, later, link_state, person, store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wye.errors import UsageError
from wye.identity import footing, second_look_rows
from wye.identity.assign import Group, Link, assign
from wye.identity.identify import identify
from wye.identity.link_rows import persons_of_records, records_of
from wye.identity.merge import merge, undo, unmerge
from wye.identity.review import person_of, show
from wye.identity.saying import different, same, split
from wye.identity.words import Word, check, contradiction, ordered
from wye.ports import record_id
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

MARY = {"given_name": "Mary", "family_name": "Ashdown", "birth_date": "1950-03-07", "sex": "F", "postcode": "AR1 1AA"}
CARE, CONTACT, STAY = (
    record_id(source, stream, "1")
    for source, stream in (("frameworki", "persons"), ("crm", "contacts"), ("nhs_fhir", "admissions"))
)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


def three_strangers(conn: Connection) -> None:
    """Three records that nothing ties."""
    store(
        conn,
        [
            *person("frameworki", "1", given_name="Mary", family_name="Ashdown", birth_date="1950-03-07"),
            *person("crm", "1", given_name="Zoe", family_name="Beech", birth_date="1961-04-08"),
            *person("nhs_fhir", "1", given_name="Ivy", family_name="Cole", birth_date="1972-05-09"),
        ],
    )
    identify(conn, AT)


def one_mary(conn: Connection, *others: str) -> UUID:
    """One person with a record in each system, and further contacts."""
    rows = [*person("frameworki", "1", **MARY), *person("crm", "1", **MARY), *person("nhs_fhir", "1", **MARY)]
    store(conn, rows + [row for key in others for row in person("crm", key, **MARY)])
    identify(conn, AT)
    return person_of(conn, CARE)


def queue(conn: Connection) -> set[tuple[object, ...]]:
    return set(
        conn.execute("SELECT record_a, record_b, weight, decision, actor, reason, event FROM identity.doubt").fetchall()
    )


def golden(conn: Connection) -> set[tuple[str, ...]]:
    found = conn.execute(
        "SELECT person, attribute, value, source, record, reason, contributors FROM identity.golden"
        " WHERE superseded_at IS NULL"
    )
    return {tuple(map(str, row)) for row in found.fetchall()}


def index(conn: Connection) -> tuple[object, ...]:
    return link_state(conn), golden(conn), queue(conn)


records = [uuid7() for _ in range(5)]
pairs = st.tuples(st.sampled_from(records), st.sampled_from(records)).filter(lambda pair: pair[0] != pair[1])


@given(st.dictionaries(pairs.map(lambda pair: ordered(*pair)), st.sampled_from(["same", "different"])))
def test_contradiction_is_found_exactly_where_one_has_to_be_two(said):
    group = {record: {record} for record in records}
    for (a, b), word in said.items():
        if word == "same" and group[a] is not group[b]:
            group[a] |= group[b]
            for each in group[a]:
                group[each] = group[a]
    expected = any(word == "different" and a in group[b] for (a, b), word in said.items())

    found = contradiction({pair: Word(pair, word, None) for pair, word in said.items()})

    assert (found is not None) == expected
    if found is not None:
        apart, chain = found
        assert apart.said == "different"
        assert {word.said for word in chain} == {"same"}
        assert set(apart.pair) <= {record for word in chain for record in word.pair}


def test_contradiction_is_told_with_every_event():
    a, b, c = records[:3]
    one, two, three = uuid7(), uuid7(), uuid7()
    words = [
        Word(ordered(a, b), "same", one),
        Word(ordered(b, c), "same", two),
        Word(ordered(a, c), "different", three),
    ]

    with pytest.raises(UsageError) as refused:
        check(words, now=three)

    assert f"event `{one}`" in str(refused.value)
    assert f"event `{two}`" in str(refused.value)
    assert "what is said now" in str(refused.value)


@pytest.mark.services
def test_same_on_records_joins_at_once_verified_and_for_good(conn):
    three_strangers(conn)

    spoken = same(conn, CARE, CONTACT, "one passport", "sam", later(1))

    assert person_of(conn, CARE) == person_of(conn, CONTACT) == spoken.kept
    identify(conn, later(2))
    assert person_of(conn, CARE) == person_of(conn, CONTACT)
    word = conn.execute("SELECT decision, actor, reason, event FROM identity.doubt").fetchall()
    assert word == [("same", "sam", "one passport", spoken.event)]
    assert {kind for record, _, kind, _ in link_state(conn) if record == max(spoken.records)} == {"verified"}


@pytest.mark.services
def test_same_holds_records_together_however_unlike_they_become(conn):
    three_strangers(conn)
    same(conn, CARE, CONTACT, "why", "sam", later(1))
    same(conn, CONTACT, STAY, "why", "sam", later(1))
    store(conn, person("frameworki", "1", given_name="Abe", birth_date="1990-01-02", nhs_number="9990000018"), later(2))
    store(conn, person("nhs_fhir", "1", given_name="Uma", birth_date="1930-01-02", nhs_number="9990000026"), later(2))

    identify(conn, later(2))

    assert len(set(persons_of_records(conn, [CARE, CONTACT, STAY]).values())) == 1


@pytest.mark.services
def test_contradictory_words_are_refused_and_change_nothing(conn):
    three_strangers(conn)
    first = same(conn, CARE, CONTACT, "why", "sam", later(1)).event
    second = same(conn, CONTACT, STAY, "why", "sam", later(1)).event
    before = index(conn)

    with pytest.raises(UsageError) as refused:
        different(conn, CARE, STAY, "why", "kim", later(2))

    assert str(first) in str(refused.value)
    assert str(second) in str(refused.value)
    assert index(conn) == before


@pytest.mark.services
def test_change_of_mind_about_one_pair_is_a_newer_word_and_the_older_stays(conn):
    three_strangers(conn)
    first = same(conn, CARE, CONTACT, "alike", "sam", later(1)).event

    second = different(conn, CARE, CONTACT, "two passports", "kim", later(2)).event

    assert person_of(conn, CARE) != person_of(conn, CONTACT)
    assert conn.execute("SELECT event, said FROM identity.word_in_force").fetchall() == [(second, "different")]
    assert {event for (event,) in conn.execute("SELECT event FROM identity.word").fetchall()} == {first, second}


@pytest.mark.services
@pytest.mark.parametrize("statement", ["UPDATE identity.word SET said = 'same'", "DELETE FROM identity.event"])
def test_history_of_words_takes_no_change(conn, statement):
    three_strangers(conn)
    different(conn, CARE, CONTACT, "why", "sam", later(1))

    with pytest.raises(Exception, match="append-only"):
        conn.execute(statement)


@pytest.mark.services
def test_different_parts_what_linking_joined_with_what_humans_tied_and_it_stays_parted(conn):
    one_mary(conn, "2")
    second = record_id("crm", "contacts", "2")
    same(conn, CONTACT, second, "one phone call", "sam", later(1))

    spoken = different(conn, CARE, CONTACT, "mother and daughter", "kim", later(2))

    assert set(spoken.records) == {CONTACT, second}
    assert person_of(conn, CARE) == spoken.kept
    identify(conn, later(3))
    assert person_of(conn, CONTACT) == person_of(conn, second) != person_of(conn, CARE)


@pytest.mark.services
@pytest.mark.parametrize("many", [0.0, 100.0], ids=["all looked at", "what is near looked at"])
def test_rest_is_gathered_anew_around_what_was_said(conn, monkeypatch, many):
    monkeypatch.setattr(footing, "MANY", many)
    born, home = {"given_name": "Mary", "birth_date": "1950-03-07"}, {"postcode": "AR5 5AA", "lines": "5 Mill Lane"}
    store(
        conn,
        [
            *person("frameworki", "1", **born, family_name="Ashdown", nhs_number="9990000018"),
            *person("nhs_fhir", "1", **born, **home, family_name="Beech", nhs_number="9990000018"),
            *person("crm", "1", **born, **home, family_name="Beech"),
        ],
    )
    identify(conn, AT)
    assert len({person_of(conn, each) for each in (CARE, STAY, CONTACT)}) == 1

    different(conn, CARE, STAY, "mother and daughter", "sam", later(1))
    identify(conn, later(2))

    assert person_of(conn, CONTACT) == person_of(conn, STAY) != person_of(conn, CARE)


@pytest.mark.services
def test_split_gives_records_a_person_of_their_own_that_linking_leaves_alone(conn):
    whole = one_mary(conn)

    spoken = split(conn, whole, [CONTACT, STAY], "another Mary", "sam", later(1))
    store(conn, person("crm", "1", **(MARY | {"title": "Mrs", "phone": "07700900123"})), later(2))
    identify(conn, later(2))

    assert set(records_of(conn, spoken.other)) == {CONTACT, STAY}
    assert records_of(conn, whole) == [CARE]


@pytest.mark.services
def test_split_of_everything_or_of_a_record_of_somebody_else_is_refused(conn):
    three_strangers(conn)

    with pytest.raises(UsageError, match="one at least must stay"):
        split(conn, person_of(conn, CARE), [CARE], "why", "sam", later(1))
    with pytest.raises(UsageError, match="has no record"):
        split(conn, person_of(conn, CARE), [CONTACT], "why", "sam", later(1))


def two_doubtful_maries(conn: Connection) -> tuple[UUID, UUID]:
    store(
        conn,
        [
            *person("frameworki", "1", **MARY, nhs_number="9990000018"),
            *person("nhs_fhir", "1", **MARY, nhs_number="9990000026"),
        ],
    )
    identify(conn, AT)
    return person_of(conn, CARE), person_of(conn, record_id("nhs_fhir", "admissions", "1"))


@pytest.mark.services
def test_undo_of_a_merge_puts_the_pair_back_in_the_queue(conn):
    kept, other = two_doubtful_maries(conn)
    before = index(conn)
    event = merge(conn, kept, other, "why", "sam", later(1)).event
    assert index(conn) != before

    undo(conn, event, "too soon", "kim", later(2))

    assert index(conn) == before
    identify(conn, later(3))
    assert index(conn) == before


@pytest.mark.services
def test_undo_of_an_unmerge_merges_again_and_can_be_undone(conn):
    kept, other = two_doubtful_maries(conn)
    merged = merge(conn, kept, other, "why", "sam", later(1)).event
    together = link_state(conn), golden(conn)
    unmerged = unmerge(conn, merged, "two people", "kim", later(2)).event
    apart = link_state(conn), golden(conn)

    again = undo(conn, unmerged, "no, one", "sam", later(3)).event

    assert (link_state(conn), golden(conn)) == together
    assert conn.execute("SELECT said, event FROM identity.word_in_force").fetchall() == [("same", again)]
    identify(conn, later(4))
    assert (link_state(conn), golden(conn)) == together
    undo(conn, again, "two after all", "sam", later(5))
    assert (link_state(conn), golden(conn)) == apart
    assert conn.execute("SELECT said FROM identity.word_in_force").fetchall() == [("different",)]


@pytest.mark.services
def test_undo_of_what_linking_did_or_of_an_undone_event_is_refused(conn):
    three_strangers(conn)
    event = different(conn, CARE, CONTACT, "why", "sam", later(1)).event
    undo(conn, event, "why", "sam", later(2))
    own = uuid7()
    conn.execute(
        "INSERT INTO identity.event (id, kind, kept, other, records, reason, actor, at)"
        " VALUES (%s, 'merge', %s, %s, '{}', 'same NHS number', 'wye', %s)",
        (own, person_of(conn, CARE), person_of(conn, CONTACT), AT),
    )

    for asked, said in ((event, "taken back before"), (own, "linking's own"), (uuid7(), "no event")):
        with pytest.raises(UsageError, match=said):
            undo(conn, asked, "why", "sam", later(3))


@pytest.mark.services
def test_undo_that_another_word_forbids_is_refused_with_its_event(conn):
    three_strangers(conn)
    first = same(conn, CARE, CONTACT, "why", "sam", later(1)).event
    unmerged = unmerge(conn, first, "two people", "sam", later(2)).event
    same(conn, CONTACT, STAY, "why", "sam", later(3))
    last = different(conn, CARE, STAY, "why", "sam", later(3)).event

    with pytest.raises(UsageError, match=str(last)):
        undo(conn, unmerged, "why", "sam", later(4))


@pytest.mark.services
def test_undo_that_gives_back_a_word_on_records_that_moved_apart_since_is_refused(conn):
    three_strangers(conn)
    store(conn, person("crm", "2", given_name="Una", family_name="Dunn", birth_date="1983-06-10"), later(1))
    identify(conn, later(1))
    fourth = record_id("crm", "contacts", "2")
    merged = merge(conn, person_of(conn, CARE), person_of(conn, CONTACT), "one", "steward", later(2))
    parted = unmerge(conn, merged.event, "two", "steward", later(3))
    for kept, moved, at in ((STAY, CARE, 4), (fourth, CONTACT, 5)):
        merge(conn, person_of(conn, kept), person_of(conn, moved), "one", "steward", later(at))
    before = link_state(conn)

    with pytest.raises(UsageError, match="would be parted, and are one person by"):
        undo(conn, parted.event, "one after all", "steward", later(6))

    assert link_state(conn) == before


@pytest.mark.services
def test_merge_of_persons_whose_records_a_human_parted_elsewhere_is_refused_by_same(conn):
    one_mary(conn)
    store(conn, person("police", "1", given_name="Zoe", family_name="Beech", birth_date="1961-04-08"), later(1))
    identify(conn, later(1))
    notice = record_id("police", "notices", "1")
    barred = different(conn, CONTACT, notice, "why", "sam", later(2)).event

    with pytest.raises(UsageError) as refused:
        same(conn, CARE, notice, "why", "sam", later(3))

    assert str(barred) in str(refused.value)


shapes = st.lists(
    st.lists(st.sampled_from(["auto", "system", "verified"]), min_size=1, max_size=3), min_size=2, max_size=4
)


@pytest.mark.services
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shapes, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=1, max_size=3))
def test_merge_then_undo_or_unmerge_restores_the_index(conn, shape, steps):
    conn.execute(
        "TRUNCATE identity.person, identity.person_link, identity.event, identity.doubt, identity.golden, identity.word,"
        " identity.unsettled, canonical.row, canonical.changed"
    )
    persons = [_person(conn, place, kinds) for place, kinds in enumerate(shape)]
    first, second = (records_of(conn, person)[0] for person in persons[:2])
    conn.execute("INSERT INTO identity.doubt VALUES (%s, %s, 3.5, %s)", (*ordered(first, second), AT))
    done = []
    for hour, (i, j, by_undo) in enumerate(steps):
        alive = [each for each in persons if records_of(conn, each)]
        if len(alive) < 2:
            break
        kept, other = alive[i % len(alive)], alive[(i + 1 + j % (len(alive) - 1)) % len(alive)]
        before = index(conn)
        between = {ordered(a, b) for a in records_of(conn, kept) for b in records_of(conn, other)}
        done.append((merge(conn, kept, other, "why", "sam", later(hour)).event, by_undo, before, between))

    answered: set[tuple[UUID, UUID]] = set()
    for event, by_undo, (links, values, doubts), between in reversed(done):
        (undo if by_undo else unmerge)(conn, event, "why", "kim", later(9))
        answered |= set() if by_undo else between

        assert (link_state(conn), golden(conn)) == (links, values)
        # exactly as before, but for the pairs that unmerging itself says are two people
        assert {row for row in queue(conn) if row[:2] not in answered} == {r for r in doubts if r[:2] not in answered}
        assert {row[3] for row in queue(conn) if row[:2] in answered} <= {"different"}


def _person(conn: Connection, place: int, kinds: list[str]) -> UUID:
    made = uuid7()
    conn.execute("INSERT INTO identity.person VALUES (%s, %s)", (made, AT))
    for number, kind in enumerate(kinds):
        key = f"{place}-{number}"
        store(conn, person("crm", key, given_name=f"Given{number}", family_name=f"Family{place}"))
        conn.execute(
            "INSERT INTO identity.person_link VALUES (%s, %s, %s, %s, %s)",
            (record_id("crm", "contacts", key), made, kind, f"was {kind}", AT),
        )
    from wye.identity import golden as writing

    writing.write(conn, [made], AT)
    return made


def test_record_that_left_its_source_follows_its_person_but_never_against_a_word():
    gone_, stays, moves, there = sorted(uuid7() for _ in range(4))
    old, heir = uuid7(), uuid7()
    links = {
        gone_: Link(old, "auto", later(1)),
        moves: Link(old, "auto", later(1)),
        there: Link(heir, "auto", AT),
    }
    group = [Group((moves, there), {}, {})]

    assert {move.record for move in assign(group, links, uuid7).moves} == {moves, gone_}
    barred = assign(group, links, uuid7, [(gone_, there, "different")])
    assert {move.record for move in barred.moves} == {moves}
    apart = [Group((moves, there), {}, {}), Group((stays,), {}, {})]
    bound = assign(apart, links | {stays: Link(old, "auto", later(1))}, uuid7, [(gone_, there, "same")])
    assert {move.record: move.after for move in bound.moves}[gone_] == heir


@pytest.mark.services
def test_cannot_link_of_a_record_that_left_its_source_outlives_it(conn):
    one_mary(conn)
    store(conn, person("police", "1", **MARY, nhs_number="9990000018"), later(1))
    identify(conn, later(1))
    notice = record_id("police", "notices", "1")
    different(conn, CARE, notice, "two people", "sam", later(2))
    gone(conn, notice, later(3))

    identify(conn, later(3))

    assert person_of(conn, CARE) != person_of(conn, notice)


@pytest.mark.services
def test_word_of_a_disputing_reviewer_does_not_settle_the_dispute(conn):
    three_strangers(conn)
    spoken = same(conn, CARE, CONTACT, "why", "sam", later(1))
    pair = ordered(CARE, CONTACT)
    second_look_rows.ask(conn, pair, (spoken.event, "sam", "same"), 5.0, [], later(1))
    second_look_rows.answer(conn, pair, "kim", "different", "why", later(2), agreed=False)

    for party in ("sam", "kim"):
        with pytest.raises(UsageError, match="a third account"):
            undo(conn, spoken.event, "why", party, later(3))
    undo(conn, spoken.event, "why", "lee", later(3))

    assert second_look_rows.counts(conn) == {"settled": 1}
    assert show(conn, person_of(conn, CARE))["words"] == []
