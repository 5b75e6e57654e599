"""A person is destroyed by two accounts when nothing stands against it: nobody reads them again, and the log verifies."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import LiteralString, cast
from uuid import UUID, uuid4

import example_agreements as examples
import psycopg
import pytest
from logins import logins_of
from shredding import (
    GONE,
    MARKED,
    NEIGHBOUR,
    NOW,
    as_account,
    clock,
    disclosed,
    files_that_tell,
    known,
    let_go,
    readable_values,
    record_of,
    tables_that_tell,
)  # fmt: skip

from wye import bootstrap
from wye.agreements.in_force import InForce, read_agreement
from wye.agreements.rows import keep
from wye.audit.append import append
from wye.audit.event import Event
from wye.audit.search import search, show
from wye.audit.verify import verify
from wye.errors import UsageError
from wye.identity.review import person_of
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal
from wye.local.cluster import Cluster
from wye.road import shred
from wye.road.hub import Hub
from wye.road.payment_run import item_of
from wye.road.people import merge
from wye.road.sequence import sequence
from wye.settings import Settings
from wye.store.database import connect
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
WHY = "schedule 4.2"


@pytest.fixture
def hub(cluster: Cluster, database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub by its own logins: what is destroyed is destroyed with the application's rights."""
    logins = logins_of(cluster, database_url)
    settings = Settings(
        home=tmp_path, database_url=logins.application, sequencer_database_url=logins.sequencer,
        auditor_database_url=logins.auditor, amqp_url="amqp://nobody@127.0.0.1:1/none",
        agreements=ROOT / "sharing_agreements",
    )  # fmt: skip
    with bootstrap.open_hub(settings) as one:
        one.actor = "records-officer"
        yield one


@pytest.fixture
def person(hub: Hub, database_url: str) -> UUID:
    """Somebody whom the source let go of years ago, and of whom a partner was told."""
    who = known(hub)
    disclosed(hub, database_url, who)
    let_go(hub)
    return who


def two(hub: Hub, person: UUID) -> shred.Done:
    return shred.approve(as_account(hub, "head-of-records"), shred.ask(hub, person, WHY).shred.id)


def test_shredded_person_is_in_no_table_no_file_and_opens_nowhere(
    hub: Hub, person: UUID, database_url: str, tmp_path: Path
) -> None:
    before = {*tables_that_tell(database_url)}
    opened = {each.split()[0] for each in readable_values(hub, database_url)}
    assert {"canonical.row", "identity.golden"} <= before
    assert opened == {"intake.landed", "exchange.outbox"}

    done = two(hub, person)

    assert tables_that_tell(database_url) == []
    assert readable_values(hub, database_url) == []
    assert files_that_tell(tmp_path) == []
    assert done.destroyed.wraps > 0
    assert done.destroyed.still_readable == 0
    with connect(database_url) as conn:
        left = conn.execute(
            "SELECT count(*) FROM keys.wrap w WHERE w.holder = ANY(%s)", ([person, record_of(1)],)
        ).fetchone()
        hashes = conn.execute("SELECT sealed, body_hash, fingerprint FROM exchange.outbox").fetchall()
    assert (left, hashes) == ((0,), [(b"", b"", b"")])


def test_others_are_left_as_they_were(hub: Hub, person: UUID) -> None:
    other = person_of(hub.conn, record_of(NEIGHBOUR))
    query = (
        "SELECT (SELECT count(*) FROM canonical.row WHERE subject = %(r)s), (SELECT count(*) FROM identity.golden"
        " WHERE person = %(p)s), (SELECT count(*) FROM keys.wrap WHERE holder IN (%(r)s, %(p)s)),"
        " (SELECT count(*) FROM identity.feature WHERE record = %(r)s), (SELECT count(*) FROM intake.present"
        " WHERE record = %(r)s), (SELECT count(*) FROM identity.person_link WHERE person = %(p)s)"
    )
    words = {"r": record_of(NEIGHBOUR), "p": other}
    before = hub.conn.execute(query, words).fetchone()

    two(hub, person)

    assert before is not None
    assert all(before)
    assert hub.conn.execute(query, words).fetchone() == before


def test_log_verifies_after_a_shred_and_tells_by_which_entry(hub: Hub, person: UUID) -> None:
    (disclosure,) = search(
        hub.conn, hub.keys, person=person, recipient="arrowshire-hospitals", searcher="test", purpose="test", at=NOW
    )
    sequence(hub)

    done = two(hub, person)
    sequence(hub)

    with connect(str(hub.settings.auditor_database_url)) as trail:
        verified = verify(trail, hub.keys)
        found = search(trail, hub.keys, person=person, searcher="auditor", purpose="complaint", at=NOW)
        by_number = search(trail, hub.keys, nhs_number="9434765919", searcher="auditor", purpose="complaint", at=NOW)
        shown = show(trail, hub.keys, disclosure.id, searcher="auditor", purpose="complaint", at=NOW)
    assert verified.ok
    assert verified.disposed == done.destroyed.entries > 2
    assert [each.id for each in found] == [done.entry]
    event = found[0].event
    assert event is not None
    assert (event.kind, event.outcome, event.actor) == (EventKind.ERASURE, "destroyed", "head-of-records")
    assert event.detail["asked_by"] == "records-officer"
    assert event.flows == ("adult-care-acute",)
    assert by_number == []
    assert (shown.event, shown.destroyed_by) == (None, done.entry)


def test_account_that_asked_cannot_approve_by_command_or_in_the_database(hub: Hub, person: UUID) -> None:
    asked = shred.ask(hub, person, WHY)

    with pytest.raises(UsageError, match="another account must approve"):
        shred.approve(hub, asked.shred.id)
    with pytest.raises(psycopg.errors.RaiseException, match="another account"):
        hub.conn.execute("SELECT keys.destroy(%s, 'records-officer', '{}', now())", (asked.shred.id,))
    with pytest.raises(psycopg.errors.RaiseException, match=r"only keys\.destroy"):
        hub.conn.execute("UPDATE keys.shred SET state = 'done', decided_by = 'somebody', decided_at = now()")
    with pytest.raises(psycopg.errors.RaiseException, match="who asked"):
        hub.conn.execute("UPDATE keys.shred SET asked_by = 'somebody'")
    assert hub.conn.execute("SELECT count(*) FROM identity.golden WHERE person = %s", (person,)).fetchone() != (0,)


def test_application_deletes_no_wrap_token_or_word_by_itself(hub: Hub, person: UUID) -> None:
    shred.ask(hub, person, WHY)
    for statement in (
        "DELETE FROM keys.wrap",
        "DELETE FROM audit.token",
        "INSERT INTO audit.destroyed SELECT e.id, s.id FROM audit.entry e, keys.shred s LIMIT 1",
        "SELECT set_config('wye.shred', 'x', false); DELETE FROM identity.event",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            hub.conn.execute(statement)


def test_legal_hold_refuses_until_it_is_lifted(hub: Hub, person: UUID) -> None:
    hold = shred.place_hold(hub, person, "inquiry")
    asked = shred.ask(hub, person, WHY)
    other = as_account(hub, "head-of-records")

    assert [each for each in asked.obstacles if "legal hold" in each]
    with pytest.raises(UsageError, match="a legal hold stands since 2027-11-21"):
        shred.approve(other, asked.shred.id)
    with pytest.raises(psycopg.errors.RaiseException, match="legal hold"):
        hub.conn.execute("SELECT keys.destroy(%s, 'head-of-records', '{}', now())", (asked.shred.id,))
    shred.lift_hold(other, hold, "inquiry ended")

    assert shred.approve(other, asked.shred.id).destroyed.wraps > 0
    with pytest.raises(UsageError, match="no legal hold"):
        shred.lift_hold(hub, hold, "again")


def test_retention_not_met_refuses_with_the_date(hub: Hub, person: UUID) -> None:
    clock(hub, GONE + timedelta(days=30))
    asked = shred.ask(hub, person, WHY)

    with pytest.raises(UsageError, match="nothing was destroyed") as said:
        shred.approve(as_account(hub, "head-of-records"), asked.shred.id)

    assert "agreement `adult-care-acute` keeps it until 2027-03-01" in str(said.value)
    assert "WYE_RETENTION_YEARS) keeps it until 2025-03-01" in str(said.value)
    kept = "the contract of `crm` keeps until 2025-03-01 (6 years from last-contact, unconfirmed): contacts, incidents"
    assert kept in str(said.value)
    clock(hub, GONE.replace(year=2027))
    assert any("until 2027-03-01" in each for each in shred.listed(hub)[0].obstacles)
    clock(hub, GONE.replace(year=2027) + timedelta(days=1))
    assert shred.listed(hub)[0].obstacles == ()


def test_the_item_that_is_kept_longest_decides(hub: Hub, person: UUID, tmp_path: Path) -> None:
    text = examples.copied(tmp_path) / "adult-care-acute" / "agreement.yaml"
    item = "    justification: So that nobody plans a discharge home"
    longer = text.read_text().replace(item, f"    retention: {{period: P11Y, start: end-of-care}}\n{item}")
    text.write_text(longer)
    hub.settings = hub.settings.model_copy(update={"agreements": text.parents[1]})
    clock(hub, GONE + timedelta(days=30))

    assert any("`adult-care-acute` keeps it until 2030-03-01" in each for each in shred.ask(hub, person, WHY).obstacles)


def test_system_whose_contract_is_not_there_refuses(hub: Hub, person: UUID) -> None:
    hub.source_names = tuple(each for each in hub.source_names if each != "crm")

    assert shred.ask(hub, person, WHY).obstacles == (
        "no contract of `crm` states for how long it is kept: contacts, incidents",
    )


def test_agreement_whose_text_is_not_there_refuses(hub: Hub, person: UUID, tmp_path: Path) -> None:
    hub.settings = hub.settings.model_copy(update={"agreements": tmp_path})

    assert shred.ask(hub, person, WHY).obstacles == (
        "the text of agreement `adult-care-acute` cannot be read, so its retention is not known",
    )


def test_agreement_that_was_taken_away_is_read_as_it_was_kept(hub: Hub, person: UUID, tmp_path: Path) -> None:
    text = read_agreement(examples.AGREEMENTS / "adult-care-acute")
    files = {f"adult-care-acute/{name}": raw for name, raw in text.text.files.items()}
    keep(hub.conn, "adult-care-acute", "1.0", text.digest, files, "wye", GONE)
    hub.settings = hub.settings.model_copy(update={"agreements": tmp_path})
    clock(hub, GONE + timedelta(days=30))

    assert any("`adult-care-acute` keeps it until 2027-03-01" in each for each in shred.ask(hub, person, WHY).obstacles)


OPEN = [
    (
        "INSERT INTO exchange.recipient_state SELECT agreement, partner, person, fingerprint, id, created_at FROM exchange.outbox",
        "`arrowshire-hospitals` is not known to have given up what it holds",
    ),
    ("UPDATE exchange.outbox SET state = 'published'", "`arrowshire-hospitals` has not answered a message"),
    (
        ("INSERT INTO identity.correction (id, person, record, attribute, value, typed, controller, reason, actor, accepted_at)"
        " VALUES (gen_random_uuid(), {person}, {record}, 'family_name', '\"x\"', false, 'c', 'r', 'a', now())"),
        "1 corrections",
    ),
    (
        ('INSERT INTO intake.quarantine (id, record, value, source, stream, rule, "column", dimension, owner, found_at)'
        " SELECT gen_random_uuid(), record, value, 'crm', 'contacts', 'r', 'c', 'validity', 'o', now() FROM intake.landed"
        " WHERE record = {record} LIMIT 1"),
        "1 rows in quarantine",
    ),
    ("INSERT INTO identity.doubt VALUES (least({record}, {other}), greatest({record}, {other}), 3, now())", "1 doubtful matches"),
    ("INSERT INTO intake.present VALUES ('crm', 'contacts', {record}, '')", "`crm` still holds a record"),
    (
        ("INSERT INTO identity.correction_draft VALUES (gen_random_uuid(), gen_random_uuid(), 'a', 'r', ARRAY[{person}]::uuid[],"
        " '{{}}', 'words', now(), 'draft')"),
        "1 drafts of what recipients are told",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "why"), OPEN, ids=[why.strip("`1 ") for _, why in OPEN])
def test_open_matter_refuses_and_is_named(hub: Hub, person: UUID, database_url: str, statement: str, why: str) -> None:
    assert shred.ask(hub, person, WHY).obstacles == ()
    with connect(database_url) as owner:
        owner.execute(
            statement.format(person=f"'{person}'", record=f"'{record_of(1)}'::uuid", other=f"'{record_of(2)}'::uuid")
        )

    (asked,) = shred.listed(hub)

    assert asked.obstacles == (why,)
    with pytest.raises(UsageError, match="nothing was destroyed"):
        shred.approve(as_account(hub, "head-of-records"), asked.shred.id)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("INSERT INTO sharing.wait VALUES ('adult-care-acute', %s, now())", "1 agreements under which a protection is waited for"),
        ("INSERT INTO sharing.due VALUES ('adult-care-acute', %s, now(), 'time')", "1 decisions that are due"),
    ],
    ids=["wait", "due"],
)  # fmt: skip
def test_what_is_to_be_decided_refuses_only_under_an_agreement_in_force(
    hub: Hub, person: UUID, database_url: str, statement: str, why: str
) -> None:
    """An agreement that has expired decides nothing any more: it would keep everybody it was about for ever."""
    with connect(database_url) as owner:
        owner.execute(cast("LiteralString", statement), (person,))
    loaded = read_agreement(examples.AGREEMENTS / "adult-care-acute")
    hub.agreements = {"adult-care-acute": InForce(loaded.agreement, loaded.digest, loaded.folder, loaded.cases.value)}
    asked = shred.ask(hub, person, WHY)
    hub.agreements = {}

    assert asked.obstacles == (why,)
    assert shred.approve(as_account(hub, "head-of-records"), asked.shred.id).destroyed.wraps > 0
    assert tables_that_tell(database_url) == []


def test_fault_amid_a_shred_destroys_nothing(
    hub: Hub, person: UUID, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = shred.ask(hub, person, WHY)
    before = readable_values(hub, database_url)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(shred, "append", fail)
    with pytest.raises(RuntimeError):
        shred.approve(as_account(hub, "head-of-records"), asked.shred.id)

    assert readable_values(hub, database_url) == before
    assert shred.listed(hub)[0].shred.state == "asked"


def test_withdrawn_shred_cannot_be_approved_and_can_be_asked_again(hub: Hub, person: UUID) -> None:
    asked = shred.ask(hub, person, WHY)
    with pytest.raises(UsageError, match="asked for already"):
        shred.ask(hub, person, WHY)
    shred.withdraw(hub, asked.shred.id, "not yet")

    with pytest.raises(UsageError, match="is withdrawn"):
        shred.approve(as_account(hub, "head-of-records"), asked.shred.id)
    assert shred.ask(hub, person, WHY).shred.state == "asked"


def test_person_who_is_unknown_or_shredded_cannot_be_asked_for(hub: Hub, person: UUID) -> None:
    two(hub, person)

    for who in (person, uuid4()):
        with pytest.raises(UsageError, match="no records belong to person"):
            shred.ask(hub, who, WHY)


def test_entry_about_two_stays_readable_for_the_one_who_stays_and_is_counted(hub: Hub, person: UUID) -> None:
    from wye.keys.holders import add_holder

    other = person_of(hub.conn, record_of(NEIGHBOUR))
    both = Event(kind=EventKind.CONSULTATION, at=NOW, actor="steward", person=person, purpose="people show")
    (entry,) = append(hub.conn, hub.keys, [both], NOW)
    add_holder(hub.conn, hub.keys, [entry.id], other)

    done = two(hub, person)

    assert done.destroyed.still_readable == 1
    shown = show(hub.conn, hub.keys, entry.id, searcher="test", purpose="test", at=NOW)
    assert shown.event is not None


def test_payments_and_notices_that_were_handed_on_open_no_more_and_others_do(
    hub: Hub, person: UUID, database_url: str
) -> None:
    mine, notice = item_of("PKG-1", date(2018, 7, 1)), record_of(MARKED)
    theirs = item_of("PKG-2", date(2018, 7, 1))
    sealed = [seal(hub.keys, item, item, b'{"description": "Quillfeather"}') for item in (mine, notice, theirs)]
    insert_wraps(hub.conn, sealed)
    with connect(database_url) as owner:
        for each in sealed:
            owner.execute(
                "INSERT INTO exchange.handed_on VALUES ('agresso', 'payments', %s, 'b', %s, '2018-07-02', '2018-07-02')",
                (each.value, each.ciphertext),
            )
        owner.execute(
            "INSERT INTO canonical.row (record, entity, part, recorded_at, superseded_at, subject, source, stream,"
            " controller, observed_at, body) VALUES (gen_random_uuid(), 'care_package', 0, '2018-06-01', '2019-02-01', %s,"
            " 'frameworki', 'packages', 'arrowshire-council', '2018-06-01', '{\"reference\": \"PKG-1\"}')",
            (record_of(MARKED),),
        )

    two(hub, person)

    assert readable_values(hub, database_url) == [f"exchange.handed_on {theirs}"]


def test_landed_row_of_another_who_names_the_person_stays_and_is_counted(
    hub: Hub, person: UUID, database_url: str
) -> None:
    with connect(database_url) as owner:
        owner.execute(
            "INSERT INTO canonical.row (record, entity, part, recorded_at, subject, source, stream, controller, observed_at,"
            " body) VALUES (%s, 'relationship', 9, '2018-06-01', %s, 'crm', 'contacts', 'arrowshire-council', '2018-06-01',"
            " jsonb_build_object('kind', 'parent', 'other', %s::text))",
            (record_of(NEIGHBOUR), record_of(NEIGHBOUR), record_of(MARKED)),
        )

    done = two(hub, person)

    with connect(database_url) as owner:
        named = owner.execute(
            "SELECT count(*) FROM canonical.row WHERE body ->> 'other' = %s", (str(record_of(MARKED)),)
        )
        kept = owner.execute("SELECT count(*) FROM keys.wrap WHERE holder = %s", (record_of(NEIGHBOUR),)).fetchone()
        golden = owner.execute(
            "SELECT count(*) FROM identity.golden WHERE record = %s", (record_of(NEIGHBOUR),)
        ).fetchone()
        assert named.fetchone() == (0,)
    assert kept == (done.destroyed.still_readable,) == (1,)
    assert golden != (0,)


def test_person_merged_into_another_goes_with_them_words_and_all(hub: Hub, database_url: str) -> None:
    first = known(hub)
    second = person_of(hub.conn, record_of(NEIGHBOUR))
    disclosed(hub, database_url, second)
    done = merge(hub, first, second, "Quillfeather is Underhay")
    kept, shell = (first, second) if record_kept(hub) == first else (second, first)
    let_go(hub)
    with connect(database_url) as owner:
        owner.execute("DELETE FROM intake.present")
    assert done.event

    with pytest.raises(UsageError, match="no records belong"):
        shred.ask(hub, shell, WHY)
    two(hub, kept)

    assert tables_that_tell(database_url) == []
    assert readable_values(hub, database_url) == []
    assert hub.conn.execute("SELECT count(*) FROM keys.wrap WHERE holder IN (%s, %s)", (first, second)).fetchone() == (
        0,
    )
    assert hub.conn.execute("SELECT count(*) FROM identity.event").fetchone() == (0,)


def record_kept(hub: Hub) -> UUID:
    return person_of(hub.conn, record_of(NEIGHBOUR))
