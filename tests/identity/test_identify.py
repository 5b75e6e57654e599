"""Identify on real PostgreSQL: links, merges, splits, doubts and golden attributes, once and again."""

from collections.abc import Iterator
from itertools import permutations

import pytest
from canonical_people import AT, CanonicalRow, changed, gone, later, link_state, partition, person, store
from psycopg import Rollback

from wye.identity.explaining import explain
from wye.identity.identify import identify
from wye.identity.known import candidates
from wye.identity.merge import merge, records_of
from wye.identity.queue import page
from wye.identity.review import person_of, show
from wye.identity.wording import differences
from wye.ports import record_id
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services

HOME = {"postcode": "AR1 1AA", "lines": "10 Mill Lane"}
MARY = {"given_name": "Mary", "family_name": "Ashdown", "birth_date": "1950-03-07", "sex": "F"}
CARE = record_id("frameworki", "persons", "1")
CONTACT = record_id("crm", "contacts", "1")
STAY = record_id("nhs_fhir", "admissions", "1")


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


def mary(source: str, key: str = "1", **fields: object) -> list[CanonicalRow]:
    return person(source, key, **{**MARY, **HOME, **fields})


def golden(conn: Connection) -> set[tuple[object, ...]]:
    found = conn.execute("SELECT person, attribute, value, recorded_at, superseded_at FROM identity.golden")
    return {tuple(map(str, row)) for row in found.fetchall()}


def test_records_of_one_person_are_linked_by_rule_and_by_model(conn):
    stay = person("nhs_fhir", "1", **MARY, nhs_number="9990000018", postcode="AR1 1AA")
    store(conn, [*mary("frameworki", nhs_number="9990000018"), *stay, *mary("crm", given_name="Marry")])

    result = identify(conn, AT)

    assert partition(conn) == {frozenset({CARE, CONTACT, STAY})}
    assert (result.looked_at, result.persons_new, result.linked_by_rule, result.linked_by_model) == (3, 1, 2, 1)
    assert result.changed_persons == [person_of(conn, CARE)]


def test_identify_again_changes_nothing(conn):
    store(conn, [*mary("frameworki"), *mary("crm", email="m@example.org")])
    identify(conn, AT)
    links, values = link_state(conn), golden(conn)
    changed(conn, [CARE, CONTACT])

    again = identify(conn, later(1))

    assert (again.looked_at, again.persons_new, again.linked_by_rule, again.merged) == (2, 0, 0, 0)
    assert (link_state(conn), golden(conn)) == (links, values)
    assert identify(conn, later(2)).looked_at == 0


def test_runs_in_one_transaction_and_after_one_that_failed_give_what_runs_of_their_own_give(conn):
    with conn.transaction():
        store(conn, mary("police"))
        identify(conn, AT)
        raise Rollback
    with conn.transaction():
        store(conn, [*mary("frameworki"), *mary("crm", family_name="Beech", given_name="Joan")])
        first = identify(conn, AT)
        store(conn, mary("crm", family_name="Ashdowne"), later(1))
        second = identify(conn, later(1))

    assert (first.looked_at, first.persons_new) == (2, 2)
    assert (second.looked_at, second.persons_new, second.merged) == (1, 0, 1)
    assert partition(conn) == {frozenset({CARE, CONTACT})}
    assert identify(conn, later(2)).looked_at == 0


def test_change_outside_linking_updates_golden_without_linking(conn, monkeypatch):
    store(conn, mary("frameworki"))
    identify(conn, AT)
    monkeypatch.setattr("wye.identity.identify._link", None)
    history = conn.execute("SELECT count(*) FROM identity.person_link").fetchall()
    store(conn, mary("frameworki", first_language="Welsh"), later(1))

    result = identify(conn, later(1))

    assert result.changed_persons == [person_of(conn, CARE)]
    assert conn.execute("SELECT count(*) FROM identity.person_link").fetchall() == history
    found = conn.execute("SELECT value FROM identity.golden WHERE attribute = 'first_language'").fetchall()
    assert found == [("Welsh",)]


def test_twins_fathers_and_sealed_identities_stay_apart(conn):
    store(
        conn,
        [
            *mary("frameworki", phone="07700900123"),
            *mary("crm", "twin", given_name="Joan", phone="07700900123"),
            *mary("crm", "mother", birth_date="1921-03-07", phone="07700900123"),
            *mary("crm", "former", sealed=True, nhs_number="9990000018"),
            *mary("nhs_fhir", "sealed", nhs_number="9990000018", birth_date="1990-01-02", given_name="Zara"),
        ],
    )

    identify(conn, AT)

    assert all(len(records) == 1 for records in partition(conn))


def test_marked_duplicates_are_linked_by_their_system_unless_numbers_differ(conn):
    first, second = record_id("frameworki", "persons", "1"), record_id("frameworki", "persons", "2")
    copy = mary("frameworki", "2", given_name="Minnie", birth_date=None, duplicate_of=first)
    store(conn, [*mary("frameworki"), *copy])
    identify(conn, AT)

    assert partition(conn) == {frozenset({first, second})}
    kinds = {kind for (kind,) in conn.execute("SELECT kind FROM identity.person_link").fetchall()}
    assert kinds == {"system"}

    numbered = mary("frameworki", "2", given_name="Minnie", duplicate_of=first, nhs_number="9990000026")
    store(conn, [*mary("frameworki", nhs_number="9990000018"), *numbered], later(1))
    identify(conn, later(1))

    assert len(partition(conn)) == 2


def test_bridge_merges_two_persons_into_the_older_and_its_loss_parts_them(conn):
    care = person("frameworki", "1", given_name="Mary", family_name="Ashdown", nhs_number="9990000018", **HOME)
    contact = person("crm", "1", given_name="Mary", family_name="Beech", birth_date="1950-03-07", postcode="AR5 5AA")
    store(conn, care)
    identify(conn, AT)
    store(conn, contact, later(1))
    identify(conn, later(1))
    older, newer = person_of(conn, CARE), person_of(conn, CONTACT)
    bridge = {**MARY, "family_name": "Beech", "nhs_number": "9990000018", "postcode": "AR5 5AA"}
    bridge_also = person("nhs_fhir", "1", **{**bridge, "family_name": "Ashdown", "postcode": "AR1 1AA"})

    store(conn, [*bridge_also, *person("nhs_fhir", "2", **bridge)], later(2))
    merged = identify(conn, later(2))

    assert older < newer
    assert merged.merged == 1
    assert {person_of(conn, each) for each in (CARE, CONTACT, STAY)} == {older}
    assert set(merged.changed_persons) == {older, newer}
    assert [(e["kind"], e["kept"], e["other"]) for e in show(conn, newer)["events"]] == [("merge", older, newer)]

    gone(conn, record_id("nhs_fhir", "admissions", "2"), later(3))
    identify(conn, later(3))

    assert person_of(conn, CARE) == person_of(conn, STAY) == older
    assert person_of(conn, CONTACT) != older


def test_every_order_of_arrival_gives_the_same_people(conn):
    arrivals = [
        mary("frameworki", nhs_number="9990000018") + mary("crm", birth_date=None),
        person("nhs_fhir", "1", **{**MARY, "family_name": "Beech"}, nhs_number="9990000018"),
        mary("police", given_name="Joan"),
    ]
    found = set()
    for order in permutations(arrivals):
        conn.execute(
            "TRUNCATE canonical.row, canonical.changed, identity.person, identity.person_link, identity.event,"
            " identity.doubt, identity.golden, identity.feature, identity.block, identity.footing, identity.frequency"
        )
        for hour, rows in enumerate(order):
            store(conn, rows, later(hour))
            identify(conn, later(hour))
        found.add(frozenset(partition(conn)))

    assert len(found) == 1


def test_doubtful_pair_waits_in_words_without_values(conn):
    store(
        conn,
        [*mary("frameworki", nhs_number="9990000018"), *mary("nhs_fhir", nhs_number="9990000026", phone="07700900123")],
    )

    result = identify(conn, AT)
    (pair,) = page(conn, "steward", 10)
    told = differences(explain(conn, [pair.pair])[pair.pair])

    assert result.doubtful == 1
    assert set(pair.pair) == {CARE, STAY}
    assert "NHS number: different" in told
    assert "telephone: not known of both" in told
    assert not any("ashdown" in words.lower() or "1950" in words for words in told)


def test_human_merge_survives_linking_afresh(conn):
    store(conn, [*mary("frameworki"), *person("crm", "1", given_name="Zak", family_name="Beech")])
    identify(conn, AT)
    kept, other = person_of(conn, CARE), person_of(conn, CONTACT)
    merge(conn, kept, other, "seen together", "steward", later(1))
    store(
        conn,
        [*mary("frameworki", birth_date="1950-03-08"), *person("crm", "1", given_name="Zac", family_name="B")],
        later(2),
    )

    identify(conn, later(2))

    assert set(records_of(conn, kept)) == {CARE, CONTACT}


def test_golden_value_has_source_reason_and_contributors_and_ends_when_nobody_says_it(conn):
    store(conn, [*mary("frameworki", nhs_number="9990000018"), *mary("crm", given_name="Marry", title="Mrs")])
    identify(conn, AT)
    known = {line["attribute"]: line for line in show(conn, person_of(conn, CARE))["attributes"]}

    assert (known["given_name"]["value"], known["given_name"]["source"]) == ("Mary", "frameworki")
    assert [one["reason"] for one in known["given_name"]["contributors"]][1] == "its source is ranked lower"
    assert known["title"]["reason"] == "the only source that says anything"

    gone(conn, CONTACT, later(1))
    identify(conn, later(1))

    now = {line["attribute"] for line in show(conn, person_of(conn, CARE))["attributes"]}
    assert "title" not in now
    assert "given_name" in now


def test_candidates_are_best_first_and_homes_before_other_addresses(conn):
    store(conn, [*mary("frameworki"), *mary("crm", given_name="Marry", phone="07700900123")])
    identify(conn, AT)

    (known,) = candidates(conn, [person_of(conn, CARE)])

    assert [one.value for one in known.attributes["given_name"]] == ["Mary", "Marry"]
    assert {row.source for row in known.rows["address"]} == {"frameworki", "crm"}
    assert known.rows["address"][0].source == "frameworki"
    assert "subject" not in known.rows["contact_point"][0].values


def test_batches_drain_to_the_same_people(conn):
    store(conn, [row for key in "123" for row in mary("crm", key, given_name=f"N{key}ame")])

    looked_at = [identify(conn, later(hour), batch=2).looked_at for hour in range(3)]

    assert looked_at == [2, 1, 0]


def test_failure_before_commit_leaves_everything_to_do(conn, monkeypatch):
    store(conn, mary("frameworki"))
    stop = RuntimeError("stopped on the way")

    def reach(name: str) -> None:
        assert name == "identify.before_commit"
        raise stop

    monkeypatch.setattr("wye.identity.identify.reach", reach)
    with pytest.raises(RuntimeError):
        identify(conn, AT)
    monkeypatch.undo()

    assert partition(conn) == set()
    assert identify(conn, AT).looked_at == 1


def test_keys_that_a_crash_emptied_are_made_again_from_features_before_anything_is_looked_up(conn):
    crowd = [row for n in range(60) for row in person("crm", str(n), given_name=f"Joan{n}", family_name=f"Beech{n}")]
    store(conn, [*mary("frameworki", nhs_number="9990000018"), *crowd])
    identify(conn, AT)
    kept = "SELECT count(DISTINCT record) FROM identity.block"
    before = conn.execute(kept).fetchone()[0]
    conn.execute("TRUNCATE identity.block")  # as PostgreSQL does when it recovers: the table is unlogged
    store(conn, mary("nhs_fhir", nhs_number="9990000018"))

    result = identify(conn, later(1))

    assert conn.execute("SELECT relpersistence FROM pg_class WHERE oid = 'identity.block'::regclass").fetchone() == (
        "u",
    )
    assert person_of(conn, CARE) == person_of(conn, STAY)
    assert result.persons_new == 0
    assert conn.execute(kept).fetchone()[0] == before + 1
