"""A protection that waits in quarantine: nothing new goes out, nothing is withdrawn unless it is stated, nobody is forgotten."""

from datetime import timedelta

import psycopg
import pytest
from care_story import AGREEMENT, Story
from journey import consume, ingest_all, settle, share_all

from wye.demo.stage import Stage
from wye.road.decide import Decider
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.ingest import ingest
from wye.road.quarantine import accept, discard
from wye.road.quarantine_list import unplaced
from wye.road.relay import relay
from wye.road.sequence import sequence
from wye.road.share import share
from wye.road.waiting import AGAIN
from wye.vocabulary import Outcome


@pytest.fixture(scope="module")
def story(stage: Stage, walked: Hub) -> Story:
    return Story(stage, walked)


def test_county_on_its_first_night_places_every_protection(walked: Hub) -> None:
    assert unplaced(walked) == []


def test_unread_protection_stops_what_is_new_and_withdraws_nothing_until_it_is_cleared(story: Story) -> None:
    key, person = story.somebody()
    held, sent = story.flows(person), story.sent(person)

    story.change(key, restricted="?", last_name="Zzfirst")
    story.walk()
    assert (story.held(person), story.sent(person)) == (held, sent)
    assert story.waits(person) == 1

    # Another source, or another table, brings something new: it waits too, and the wait is not told again.
    with psycopg.connect(story.stage.databases["mosaic"]) as conn:
        moved = conn.execute(
            "UPDATE mosaic.dm_addresses SET district = 'Zzelsewhere', last_updated = clock_timestamp() AT TIME ZONE 'UTC'"
            " WHERE person_id = %s",
            (key,),
        ).rowcount
    assert moved
    story.walk()
    assert (story.held(person), story.sent(person), story.waits(person)) == (held, sent, 1)

    # The next good version clears it: all that waited goes out at once, without waiting for the hour.
    story.change(key, restricted="N", last_name="Zzsecond")
    story.walk()
    after = story.flows(person)
    assert "Zzsecond" in after
    assert "Zzfirst" not in after
    assert story.sent(person) == [*sent, ("correct", "delivered")]
    assert story.hub.conn.execute("SELECT count(*) FROM sharing.wait WHERE person = %s", (person,)).fetchone() == (0,)


def test_restriction_that_can_be_read_from_a_bad_row_withdraws_and_discarding_it_brings_back(story: Story) -> None:
    key, person = story.somebody()
    held = story.flows(person)

    story.change(key, restricted="Y", date_of_birth="2999-01-01")
    story.walk()
    assert story.held(person) is None
    assert story.sent(person)[-1] == ("withdraw", "delivered")

    discard(story.hub, story.entry(key), "a slip of the pen", end=False)
    story.walk()
    assert "2999" not in story.flows(person)
    assert "2999" not in held


def test_restriction_in_a_row_that_cannot_be_mapped_waits_and_accepting_the_mended_one_restricts(story: Story) -> None:
    key, person = story.somebody()
    held = story.flows(person)

    story.change(key, restricted="Y", date_of_birth="infinity")
    story.walk()
    assert story.held(person) == held

    story.change(key, restricted="Y", date_of_birth="1899-05-05")
    story.walk()
    assert story.held(person) is None, "now it can be read"

    accept(story.hub, story.entry(key), "born in 1899 indeed")
    story.walk()
    assert story.held(person) is None
    story.change(key, restricted="N", date_of_birth="1950-05-05")
    story.walk()
    assert story.held(person) is not None


def test_bad_value_elsewhere_in_the_row_stops_nothing(story: Story) -> None:
    key, person = story.somebody()
    with psycopg.connect(story.stage.databases["mosaic"]) as conn:
        conn.execute(
            "UPDATE mosaic.dm_addresses SET district = 'Zzmoved', last_updated = clock_timestamp() AT TIME ZONE 'UTC'"
            " WHERE person_id = %s",
            (key,),
        )

    story.change(key, nhs_id=1234567890, last_name="Zzquarantined")
    story.walk()

    assert story.waits(person) == 0
    assert "Zzquarantined" not in str(story.held(person)), "a quarantined row is never shared"


def test_row_in_the_outbox_is_neither_sent_nor_rejected_while_its_person_waits(story: Story) -> None:
    hub = story.hub
    key, person = story.somebody()
    held, sent = story.flows(person), story.sent(person)
    story.change(key, last_name="Zzready")
    ingest(hub, "frameworki")
    identify(hub)
    share(hub, AGREEMENT)
    assert story.sent(person) == [*sent, ("correct", "waiting")]

    story.change(key, restricted="?")
    ingest(hub, "frameworki")
    told = [relay(hub, AGREEMENT), relay(hub, AGREEMENT)]
    consume(story.stage)
    assert [one.put_back for one in told] == [1, 0], "put back once, and not looked at again before its time"
    assert (story.sent(person), story.held(person), story.waits(person)) == ([*sent, ("correct", "waiting")], held, 1)

    # Nobody has to be told that it is over: the hour alone is enough, and being cleared is at once.
    sequence(hub)
    began = hub.at
    hub.at = lambda: began() + AGAIN + timedelta(minutes=1)
    try:
        assert relay(hub, AGREEMENT).put_back == 1
    finally:
        hub.at = began
    story.change(key, restricted="N")
    story.walk()
    assert "Zzready" in str(story.held(person))
    assert story.waits(person) == 1


def test_held_batch_makes_its_people_wait_and_withdraws_nobody(story: Story) -> None:
    hub = story.hub
    key, person = story.somebody()
    held, sent = story.flows(person), story.sent(person)
    with psycopg.connect(story.stage.databases["mosaic"]) as conn:
        conn.execute("ALTER TABLE mosaic.dm_persons ADD COLUMN shoe_size text DEFAULT '9'")
    story.change(key, restricted="Y")
    ingest_all_held = ingest(hub, "frameworki").held
    share_all(hub)
    settle(story.stage, hub)

    assert ingest_all_held
    assert (story.held(person), story.sent(person)) == (held, sent)
    assert story.waits(person) == 1
    decided = Decider(hub, hub.agreements[AGREEMENT]).decide([person], hub.at())[0].decision
    assert (decided.outcome, decided.waits) == (Outcome.WITHHOLD, True)
    assert "waits in a held batch" in decided.reasons[0].text

    with psycopg.connect(story.stage.databases["mosaic"]) as conn:
        conn.execute("ALTER TABLE mosaic.dm_persons DROP COLUMN shoe_size")
    story.walk()
    assert story.held(person) is None, "the restriction is read now"
    assert hub.conn.execute("SELECT count(*) FROM canonical.pending_protection WHERE cause = 'held' AND cleared_at IS NULL").fetchone() == (0,)  # fmt: skip


def test_nothing_is_left_waiting_for_nobody(story: Story) -> None:
    ingest_all(story.hub, received=True)
    share_all(story.hub)

    left = story.hub.conn.execute(
        "SELECT count(*) FROM sharing.wait w WHERE NOT EXISTS (SELECT FROM canonical.pending_protection p"
        " JOIN identity.person_link l ON l.record = p.subject AND l.superseded_at IS NULL"
        " WHERE l.person = w.person AND p.unread AND p.cleared_at IS NULL)"
    ).fetchone()
    assert left == (0,)
