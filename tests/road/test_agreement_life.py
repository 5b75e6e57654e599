"""What is enforced is kept for ever; every move is an event with its entry; stopping stops, ending collects certificates."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import example_agreements as examples
import psycopg
import pytest
from logins import logins_of

from wye import bootstrap
from wye.agreements import rows
from wye.agreements.in_force import load_one, read_agreement
from wye.agreements.kept import in_force_at
from wye.agreements.life import Move, moved
from wye.agreements.signing import FILES, load_signers
from wye.agreements.words import Disposal
from wye.audit.search import search
from wye.errors import AgreementRefused, UsageError
from wye.local.cluster import Cluster
from wye.road import agreement_life
from wye.road.agreement_end import certify, overdue
from wye.road.hub import Hub
from wye.road.lapse import alarms, lapses, warn_of_lapse
from wye.road.overdue import overdue as late_of
from wye.road.overdue import owed
from wye.road.relay import relay
from wye.road.share import share
from wye.settings import Settings
from wye.store.database import connect

pytestmark = pytest.mark.services
ACUTE, POLICE = "adult-care-acute", "safeguarding-police"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def hub(cluster: Cluster, database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub on agreements of its own, by the application's login."""
    logins = logins_of(cluster, database_url)
    settings = Settings(
        home=tmp_path, database_url=logins.application, sequencer_database_url=logins.sequencer,
        auditor_database_url=logins.auditor, amqp_url="amqp://nobody@127.0.0.1:1/none",
        agreements=examples.copied(tmp_path), allow_example_signers=True,
    )  # fmt: skip
    with bootstrap.open_hub(settings) as one:
        one.actor = "governance-lead"
        at(one, 0)
        one.renew()
        yield one


def at(hub: Hub, days: float) -> datetime:
    """Set the clock, in days from the first."""
    instant = AT + timedelta(days=days)
    hub.at = lambda: instant
    return instant


def edit(hub: Hub, **changes: str) -> None:
    """Change the text of the hospital's agreement, and let everybody sign it."""
    path = hub.settings.agreements / ACUTE / "agreement.yaml"
    text = path.read_text()
    for was, now in changes.items():
        key = f"{was}: "
        line = next(line for line in text.splitlines() if line.startswith(key))
        text = text.replace(line, f"{key}{now}", 1)
    path.write_text(text)
    examples.sign_all(hub.settings.agreements)
    hub.renew()


def events(hub: Hub, agreement: str = ACUTE) -> list[tuple[str, str]]:
    return [(event.version, event.state.value) for event in rows.events_of(hub.conn, agreement)]


def entries(hub: Hub) -> list[tuple[str, str | None]]:
    """What the trail tells of moves, oldest first: who, and to what."""
    settings = hub.settings
    with connect(str(settings.auditor_database_url)) as trail:
        found = search(trail, hub.keys, agreement=ACUTE, searcher="auditor", purpose="audit", at=hub.at())
    told = [one.event for one in found if one.event is not None and one.event.kind.value == "agreement"]
    return [(event.actor, event.outcome) for event in sorted(told, key=lambda event: event.at)]


def refuse(hub: Hub, said: str) -> None:
    for verb in (share, relay):
        with pytest.raises(AgreementRefused, match=said):
            verb(hub, ACUTE)


def test_what_is_enforced_first_is_kept_with_signatures_and_an_entry_once(hub: Hub, tmp_path: Path) -> None:
    share(hub, ACUTE)
    share(hub, ACUTE)

    (kept,) = agreement_life.kept(hub, ACUTE)
    folder = hub.settings.agreements
    assert {name: kept.files[f"{ACUTE}/{name}"] for name in FILES} == {
        name: (folder / ACUTE / name).read_bytes() for name in FILES
    }
    assert events(hub) == [("1.0", "active")]
    assert entries(hub) == [("governance-lead", "active")]
    kept.write(tmp_path / "out")
    root = (folder / "root.pub").read_text()
    load_one(tmp_path / "out" / ACUTE, load_signers(tmp_path / "out", root, allow_examples=True))


def test_a_newer_version_takes_over_and_the_older_can_be_shown_as_of_its_time(hub: Hub) -> None:
    share(hub, ACUTE)
    at(hub, 10)
    edit(hub, version="1.1\nsupersedes: 1.0", title="Hospital stays, again")
    share(hub, ACUTE)

    kept, happened = agreement_life.kept(hub, ACUTE), rows.events_of(hub.conn, ACUTE)
    assert events(hub) == [("1.0", "active"), ("1.0", "superseded"), ("1.1", "active")]
    assert in_force_at(kept, happened, AT + timedelta(days=9)).version == "1.0"
    later = in_force_at(kept, happened, AT + timedelta(days=11))
    assert (later.version, later.load().agreement.title) == ("1.1", "Hospital stays, again")
    with pytest.raises(AgreementRefused, match="no version was in force here on 2026-11-19"):
        in_force_at(kept, happened, AT - timedelta(days=1))
    with pytest.raises(AgreementRefused, match=r"version 1.1 expired after 2028-03-31"):
        in_force_at(kept, happened, AT + timedelta(days=600))


def test_an_older_version_does_not_come_back(hub: Hub) -> None:
    old = hub.settings.agreements / ACUTE / "agreement.yaml"
    text = old.read_text()
    share(hub, ACUTE)
    edit(hub, version="1.1\nsupersedes: 1.0")
    share(hub, ACUTE)

    old.write_text(text)
    examples.sign_all(hub.settings.agreements)
    hub.renew()

    refuse(hub, "superseded on 2026-11-20")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": "1.1"}, "must say `supersedes: 1.0`"),
        ({"version": "1.2\nsupersedes: 1.1"}, "must say `supersedes: 1.0`"),
        ({"title": "Another text"}, "a change is a new version"),
    ],
)
def test_a_text_that_does_not_follow_on_is_not_enforced(hub: Hub, changes: dict[str, str], said: str) -> None:
    share(hub, ACUTE)
    edit(hub, **changes)

    refuse(hub, said)
    assert events(hub) == [("1.0", "active")]


def test_suspending_stops_at_once_and_resuming_decides_everybody_in_scope_anew(hub: Hub, database_url: str) -> None:
    share(hub, ACUTE)
    person = held(database_url)

    assert agreement_life.move(hub, ACUTE, Move.SUSPEND, "a breach is looked into").value == "suspended"
    refuse(hub, "suspended on 2026-11-20")
    at(hub, 1)
    assert agreement_life.move(hub, ACUTE, Move.RESUME, "it was none").value == "active"

    due = hub.conn.execute("SELECT agreement, person, cause FROM sharing.due").fetchall()
    assert due == [(ACUTE, person, "agreement")]
    assert entries(hub) == [("governance-lead", state) for state in ("active", "suspended", "active")]
    assert ACUTE in hub.agreements


def held(owner: str) -> UUID:
    """Somebody of whom the recipient holds something."""
    person = UUID(int=7)
    with connect(owner) as conn:
        conn.execute("SET session_replication_role = replica")  # without the message that it came by
        conn.execute(
            "INSERT INTO exchange.recipient_state (agreement, partner, person, fingerprint, outbox, since)"
            " VALUES (%s, 'arrowshire-hospitals', %s, '', %s, %s)",
            (ACUTE, person, UUID(int=8), AT),
        )
    return person


def test_ending_stops_for_ever_and_collects_certificates(hub: Hub) -> None:
    share(hub, POLICE)

    assert agreement_life.move(hub, POLICE, Move.END, "the force has another way").value == "terminated"

    with pytest.raises(AgreementRefused, match="terminated on 2026-11-20"):
        share(hub, POLICE)
    with pytest.raises(AgreementRefused, match="nothing, for ever"):
        agreement_life.move(hub, POLICE, Move.RESUME, "please")
    owed = rows.certificates(hub.conn, POLICE)
    assert [(each.party, each.due_on.isoformat()) for each in owed] == [
        ("arrowshire-council", "2026-12-20"),
        ("marches-police", "2026-12-20"),
    ]
    assert [overdue(owed[0], AT + timedelta(days=days)) for days in (30, 31)] == [False, True]
    with pytest.raises(
        UsageError, match=r"`returned` is not what `safeguarding-police` 1.0 allows on ending: deleted, kept"
    ):
        certify(hub, POLICE, "marches-police", Disposal.RETURNED, "letter of 1 December")
    with pytest.raises(UsageError, match="has a reference"):
        certify(hub, POLICE, "marches-police", Disposal.DELETED, " ")
    given = certify(
        hub, POLICE, "marches-police", Disposal.KEPT_UNDER_OWN_DUTY, "letter 12; management of police information"
    )
    assert (given.outcome, given.recorded_by) == (Disposal.KEPT_UNDER_OWN_DUTY, "governance-lead")
    assert not overdue(given, AT + timedelta(days=99))
    with pytest.raises(UsageError, match="owes no certificate"):
        certify(hub, POLICE, "marches-police", Disposal.DELETED, "letter 13")
    with pytest.raises(UsageError, match="owes no certificate"):
        certify(hub, ACUTE, "arrowshire-hospitals", Disposal.DELETED, "letter 13")


@pytest.mark.parametrize("seed", range(4))
def test_moves_in_any_order_do_what_the_table_says(hub: Hub, seed: int) -> None:
    random = Random(seed)  # noqa: S311  moves, not secrets
    loaded = read_agreement(hub.settings.agreements / ACUTE)
    for number in range(8):
        now = at(hub, number / 24)
        step = random.choice([Move.PROPOSE, Move.SUSPEND, Move.RESUME, Move.END])
        before = agreement_life.stands(hub, loaded, now).state
        try:
            wanted = moved(before, step)
        except AgreementRefused:
            with pytest.raises(AgreementRefused, match="cannot be moved"):
                agreement_life.move(hub, ACUTE, step, "as drawn")
            wanted = before
        else:
            assert agreement_life.move(hub, ACUTE, step, "as drawn") is wanted
        assert agreement_life.stands(hub, loaded, now).state is wanted
        assert (ACUTE in hub.agreements) == (wanted.value == "active")
    assert len(entries(hub)) == len(events(hub))


def test_a_move_without_a_reason_is_refused_and_leaves_nothing(hub: Hub) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        agreement_life.move(hub, ACUTE, Move.SUSPEND, "  ")

    assert events(hub) == []


def test_a_text_lacking_a_signature_is_only_proposed(hub: Hub) -> None:
    signatures = sorted((hub.settings.agreements / ACUTE / "signatures").iterdir())
    signatures[0].unlink()
    loaded = read_agreement(hub.settings.agreements / ACUTE)

    found = agreement_life.stands(hub, loaded, AT)
    assert (found.state.value, found.missing) == ("proposed", (signatures[0].stem,))
    for signature in signatures[1:]:
        signature.unlink()
    assert agreement_life.stands(hub, loaded, AT).state.value == "draft"


def test_each_warning_of_a_lapse_is_given_once_and_names_the_human(hub: Hub) -> None:
    at(hub, 290)
    first, again = warn_of_lapse(hub), warn_of_lapse(hub)
    at(hub, 310)
    nearer = warn_of_lapse(hub)

    told = next(each for each in first.new if each.startswith(POLICE))
    assert told.endswith("2027-10-01 (25 days left); tell head of safeguarding, Arrowshire Council")
    assert (len(first.new), first.lapsing, again.new, again.lapsing) == (6, 6, [], 6)
    assert len(nearer.new) == 6
    assert entries(hub) == [("governance-lead", "lapse-warning")] * 2
    agreement_life.move(hub, POLICE, Move.END, "ended before")
    assert POLICE not in {each.agreement for each in lapses(hub)}


@pytest.mark.parametrize(("people", "said"), [(9, "of fewer than 10 people"), (23, "of about 25 people")])
def test_safeguarding_that_has_lapsed_says_of_about_how_many_people_nothing_is_told(
    hub: Hub, database_url: str, people: int, said: str
) -> None:
    with connect(database_url) as owner:
        owner.execute(
            "SET session_replication_role = replica"
        )  # no message is behind them, which counting asks for not
        for agreement, count in ((POLICE, people), (ACUTE, 40)):
            owner.execute(
                "INSERT INTO exchange.recipient_state (agreement, partner, person, fingerprint, outbox, since)"
                " SELECT %s, 'somebody', gen_random_uuid(), '', gen_random_uuid(), now() FROM generate_series(1, %s)",
                (agreement, count),
            )
    at(hub, 400)
    expired = {each.split()[0] for each in warn_of_lapse(hub).new if "expires after" in each and "ago" in each}
    assert expired == set()

    at(hub, 500)
    pressing = [each for each in alarms(hub) if "expires after" in each]

    assert [said in each for each in pressing if each.split()[1] == POLICE] == [True]
    assert not [each for each in pressing if each.split()[1] == ACUTE and "people" in each]
    assert said in next(each for each in warn_of_lapse(hub).new if each.startswith(POLICE) and "expires" in each)


def test_what_presses_alarms_until_it_is_seen_to(hub: Hub) -> None:
    assert alarms(hub) == []

    at(hub, 290)
    assert [each.split()[1] for each in alarms(hub)] == [POLICE]
    at(hub, 311)
    assert len(alarms(hub)) == 6

    agreement_life.move(hub, POLICE, Move.END, "ended")
    certificates = [each for each in owed(hub.conn, at(hub, 311 + 30)) if each.what == "certificates"]
    assert [(each.open, each.overdue) for each in certificates] == [(2, 0)]
    (late,) = late_of(hub.conn, at(hub, 311 + 31))
    assert (late.what, late.overdue, late.due.astimezone(LONDON).isoformat()) == (
        "certificates", 2, "2027-10-28T00:00:00+01:00",
    )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sharing.agreement_text SET version = '9.9'",
        "DELETE FROM sharing.agreement_text",
        "UPDATE sharing.agreement_event SET state = 'active'",
        "DELETE FROM sharing.agreement_event",
        "UPDATE sharing.agreement_certificate SET due_on = due_on + 1",
        "DELETE FROM sharing.agreement_certificate",
    ],
)
def test_nobody_rewrites_what_happened(hub: Hub, database_url: str, statement: str) -> None:
    share(hub, ACUTE)
    agreement_life.move(hub, ACUTE, Move.END, "ended")

    with connect(database_url) as owner, pytest.raises(psycopg.errors.RaiseException):
        owner.execute(statement)
