"""What a shred looks for and reaches beyond the tables of the road: reports, receipts, every table as bytes, the log."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from logins import logins_of
from shredding import as_account, bytes_that_tell, disclosed, known, let_go, record_of

from wye import bootstrap
from wye.audit.verify import verify
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal
from wye.local.cluster import Cluster
from wye.road import shred
from wye.road.hub import Hub
from wye.road.report.rows import DraftRow, insert_draft
from wye.road.sequence import sequence
from wye.settings import Settings
from wye.store.database import connect
from wye.store.ids import uuid7

pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
OPEN_REPORT = "1 reports to the person, drafted and not released"


@pytest.fixture
def hub(cluster: Cluster, database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub by its own logins."""
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
    """Somebody whom the source let go of years ago, and of whom a partner was told, who signed for it."""
    who = known(hub)
    message, _ = disclosed(hub, database_url, who)
    let_go(hub)
    with connect(database_url) as owner:
        owner.execute(
            "INSERT INTO exchange.receipt VALUES (%s, 'arrowshire-hospitals', 'applied', 'e30.e30.sig', now())",
            (message,),
        )
    return who


def drafted(hub: Hub, person: UUID) -> UUID:
    """Draft a report with the auditor's rights."""
    report = uuid7()
    sealed = seal(hub.keys, report, person, b'{"lines": "Quillfeather"}')
    with connect(str(hub.settings.auditor_database_url)) as trail, trail.transaction():
        insert_wraps(trail, [sealed])
        insert_draft(trail, DraftRow(report, "pat.auditor", hub.at(), 1, [], sealed.ciphertext))
    return report


def released(hub: Hub, report: UUID) -> None:
    with connect(str(hub.settings.auditor_database_url)) as trail:
        trail.execute("INSERT INTO report.release VALUES (%s, %s, 'pat.auditor', %s)", (uuid7(), report, hub.at()))


def test_report_that_is_not_released_stands_against_a_shred(hub: Hub, person: UUID) -> None:
    first = drafted(hub, person)

    asked = shred.ask(hub, person, "schedule 4.2")

    assert asked.obstacles == (OPEN_REPORT,)
    released(hub, first)
    assert shred.listed(hub)[0].obstacles == ()
    second = drafted(hub, person)
    assert shred.listed(hub)[0].obstacles == (OPEN_REPORT,)
    released(hub, second)
    assert shred.approve(as_account(hub, "head-of-records"), asked.shred.id).destroyed.wraps > 0


def test_newer_report_that_is_released_ends_an_older_one_that_was_left(hub: Hub, person: UUID) -> None:
    drafted(hub, person)
    newer = drafted(hub, person)

    released(hub, newer)

    assert shred.ask(hub, person, "schedule 4.2").obstacles == ()


def test_application_counts_open_reports_and_sees_none(hub: Hub, person: UUID) -> None:
    drafted(hub, person)

    counted = hub.conn.execute("SELECT keys.reports_open(%s)", ([person, record_of(2)],)).fetchone()

    assert counted == (1,)
    assert hub.conn.execute("SELECT keys.reports_open(%s)", ([record_of(2)],)).fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        hub.conn.execute("SELECT id FROM report.draft")
    with (
        connect(str(hub.settings.sequencer_database_url)) as other,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        other.execute("SELECT keys.reports_open(%s)", ([person],))


def test_no_table_holds_a_value_as_bytes_and_no_receipt_a_hash(hub: Hub, person: UUID, database_url: str) -> None:
    released(hub, drafted(hub, person))
    assert {"canonical.row", "identity.golden"} <= {*bytes_that_tell(database_url)}
    sequence(hub)

    shred.approve(as_account(hub, "head-of-records"), shred.ask(hub, person, "schedule 4.2").shred.id)

    assert bytes_that_tell(database_url) == []
    with connect(database_url) as owner:
        assert owner.execute("SELECT outcome, jws FROM exchange.receipt").fetchall() == [("applied", "")]
        assert verify(owner, hub.keys).ok


def test_wrap_that_was_deleted_by_hand_is_told_from_a_shred(hub: Hub, person: UUID, database_url: str) -> None:
    done = shred.approve(as_account(hub, "head-of-records"), shred.ask(hub, person, "schedule 4.2").shred.id)
    with connect(database_url) as owner:
        found = verify(owner, hub.keys)
        assert (found.ok, found.disposed) == (True, done.destroyed.entries)

        owner.execute("DELETE FROM keys.wrap WHERE value = %s", (done.entry,))

        found = verify(owner, hub.keys)
    assert (found.check, found.first_wrong) == ("wrap", str(done.entry))
