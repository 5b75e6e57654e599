"""Records really flow: from the council's systems to the partners and back, under signed agreements."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from journey import held, walk

from wye.audit.append import append
from wye.audit.backlog import STOP
from wye.audit.event import Event
from wye.audit.verify import verify
from wye.demo.stage import Stage
from wye.errors import EvidenceBroken
from wye.road.hand_on import hand_on
from wye.road.hub import Hub
from wye.road.relay import relay
from wye.road.report.decide import decide
from wye.road.report.desk import Desk
from wye.road.report.draft import draft, look
from wye.road.report.release import release
from wye.road.report.texts import read_texts
from wye.road.report.verdict import Verdict
from wye.road.sequence import sequence
from wye.sharing.subjects import considered
from wye.store.database import connect
from wye.vocabulary import EventKind

AGREEMENTS = ("adult-care-acute", "care-packages-finance", "safeguarding-police")
CORRECTIONS = ("corrections-adult-care", "corrections-customer-services", "corrections-revenues")


def numbers(hub: Hub, query: str, *words: object) -> tuple[object, ...]:
    found = hub.conn.execute(query, words).fetchone()  # type: ignore[call-overload]
    assert found is not None
    return tuple(found)


def test_every_agreement_is_in_force(walked: Hub) -> None:
    assert sorted(walked.feeds) == sorted(AGREEMENTS)
    assert sorted(walked.agreements) == sorted((*AGREEMENTS, *CORRECTIONS))
    assert not walked.refused


def test_no_batch_was_held(walked: Hub) -> None:
    assert walked.conn.execute("SELECT stream, held_reason FROM intake.batch WHERE state <> 'mapped'").fetchall() == []


@pytest.mark.parametrize("agreement", AGREEMENTS)
def test_released_and_withheld_are_all_that_were_considered(walked: Hub, agreement: str) -> None:
    total = considered(walked.conn, walked.agreements[agreement].agreement, walked.at())
    (released,) = numbers(
        walked, "SELECT count(DISTINCT person) FROM exchange.recipient_state WHERE agreement = %s", agreement
    )

    assert total > 0
    assert 0 < int(str(released)) <= total


def test_everything_sent_is_confirmed_and_held(walked: Hub, stage: Stage) -> None:
    states = dict(walked.conn.execute("SELECT state, count(*) FROM exchange.outbox GROUP BY state").fetchall())  # type: ignore[arg-type]
    assert set(states) <= {"delivered", "superseded"}
    for name, bodies in held(stage).items():
        (mine,) = numbers(walked, "SELECT count(*) FROM exchange.recipient_state WHERE partner LIKE %s", f"%{name}%")
        assert len(bodies) == mine, name


def test_every_disclosure_has_its_entry_and_the_log_verifies(walked: Hub, stage: Stage) -> None:
    (sent, entries) = numbers(walked, "SELECT count(*), count(DISTINCT audit_id) FROM exchange.outbox")
    assert sent == entries
    with connect(str(stage.settings.auditor_database_url)) as trail:
        result = verify(trail, walked.keys)
    assert result.ok, result


def test_people_are_told_all_who_were_told_about_them(walked: Hub, stage: Stage) -> None:
    texts = read_texts(walked.settings)
    sent = walked.conn.execute(
        "SELECT person, array_agg(DISTINCT partner ORDER BY partner) FROM exchange.outbox WHERE kind <> 'withdraw'"
        " GROUP BY person ORDER BY count(DISTINCT partner) DESC, person LIMIT 3"
    ).fetchall()
    told = []
    with connect(str(stage.settings.auditor_database_url)) as trail:
        drafting = Desk(trail, walked.keys, texts, "pat.auditor", walked.at())
        for person, _ in sent:
            report = draft(drafting, person, "SAR-2026-17")  # type: ignore[arg-type]
            lines = look(drafting, report).draft.lines
            for line in lines:
                word = Verdict(line=line.number, word="release", exemption=None, reason="asked", known_already=True)
                decide(replace(drafting, actor="sam.guardian"), report, word)
            told.append({line.recipient for line in release(drafting, report).lines} - {"arrowshire-adult-care"})

    assert len(told) == 3
    assert told == [set(partners) for _, partners in sent]  # type: ignore[call-overload]


def test_partners_gave_back_the_checkpoints_that_they_were_brought(walked: Hub) -> None:
    held = {path.name for path in walked.settings.keys.glob("held-by-*")}
    assert held == {f"held-by-{walked.agreements[name].agreement.recipient}" for name in AGREEMENTS}
    sequence(walked)


def test_partners_words_joined_the_people_they_are_about(walked: Hub) -> None:
    for entity, source in (("encounter", "nhs_fhir"), ("incident", "police")):
        (all_, joined) = numbers(
            walked,
            "SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM identity.person_row o WHERE o.person = r.person"
            " AND o.source <> r.source)) FROM identity.person_row r WHERE r.entity = %s AND r.source = %s",
            entity,
            source,
        )
        assert int(str(all_)) > 0, entity
        assert int(str(joined)) > 0, entity


def test_notices_were_written_on_to_the_care_system(walked: Hub, stage: Stage) -> None:
    folder = stage.home / "drops" / "mosaic"
    (notices,) = numbers(
        walked, "SELECT count(*) FROM canonical.row WHERE entity = 'incident' AND superseded_at IS NULL"
    )

    assert list(folder.glob("*.json"))
    assert numbers(walked, "SELECT count(*) FROM exchange.handed_on WHERE stream = 'referrals'") == (notices,)


def test_walking_again_sends_nothing(walked: Hub, stage: Stage) -> None:
    before = numbers(walked, "SELECT count(*) FROM exchange.outbox")
    held_before = held(stage)

    walk(stage, walked)

    assert numbers(walked, "SELECT count(*) FROM exchange.outbox") == before
    assert held(stage) == held_before


@pytest.mark.usefixtures("walked")
def test_finance_holds_no_more_than_its_agreement_names(stage: Stage) -> None:
    with psycopg.connect(stage.databases["finance"]) as conn:
        bodies = [body for (body,) in conn.execute("SELECT body FROM partner.held")]
    assert bodies
    assert not any("nhs_number" in body or "birth_date" in body for body in bodies)


def test_nothing_is_disclosed_while_the_trail_has_long_not_been_sequenced(walked: Hub) -> None:
    long_ago = walked.at() - STOP - timedelta(minutes=1)
    looked = Event(kind=EventKind.CONSULTATION, at=long_ago, actor="auditor", purpose="test", outcome="shown")
    append(walked.conn, walked.keys, [looked], long_ago)

    with pytest.raises(EvidenceBroken, match="nothing is disclosed until the log goes on"):
        relay(walked, AGREEMENTS[0])
    with pytest.raises(EvidenceBroken, match="nothing is disclosed until the log goes on"):
        hand_on(walked)

    sequence(walked)
    relay(walked, AGREEMENTS[0])
    hand_on(walked)
