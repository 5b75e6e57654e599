"""A disclosure that is on the record and never left: the trail says so, and nobody is told that it was made."""

import pytest
from care_story import AGREEMENT, Story
from journey import ingest_all, settle

from wye.audit.search import search
from wye.demo.stage import Stage
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.ingest import ingest
from wye.road.relay import relay
from wye.road.report.lines import lines_of
from wye.road.report.texts import Texts
from wye.road.share import share
from wye.vocabulary import EventKind


@pytest.fixture(scope="module")
def story(stage: Stage, walked: Hub) -> Story:
    return Story(stage, walked)


def made_ready(story: Story, key: int, **values: object) -> None:
    """Change a person, and make a message ready that is not sent."""
    story.change(key, **values)
    ingest(story.hub, "frameworki")
    identify(story.hub)
    share(story.hub, AGREEMENT)


def test_message_withheld_or_replaced_when_decided_again_is_on_the_record_as_unsent(story: Story) -> None:
    hub = story.hub
    key, person = story.somebody()
    told_before = [each for each, event in story.events(person) if event.kind is EventKind.DISCLOSURE]

    made_ready(story, key, last_name="Zzreplaced")
    story.change(key, restricted="Y")
    ingest(hub, "frameworki")
    identify(hub)
    relay(hub, AGREEMENT)
    settle(story.stage, hub)
    made_ready(story, key, restricted="N")
    story.change(key, restricted="Y")
    ingest(hub, "frameworki")
    identify(hub)
    relay(hub, AGREEMENT)

    assert [state for _, state in story.sent(person)][-3:] == ["superseded", "delivered", "rejected"]
    events = story.events(person)
    made = [each for each, event in events if event.kind is EventKind.DISCLOSURE and each not in told_before]
    unsent = [event for _, event in events if event.kind is EventKind.UNSENT]
    assert [event.outcome for event in unsent] == ["superseded", "withheld"]
    assert [event.detail["entry"] for event in unsent] == [str(made[0]), str(made[2])]
    assert unsent[0].message != unsent[1].message
    assert all(event.reasons for event in unsent)
    entries = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
    lines = [line for line in lines_of(entries, Texts({}, "arrowshire-council")) if line.agreement == AGREEMENT]
    sent = {each.entry for line in lines for each in line.sent}
    assert sent == set(told_before), "of the new ones the first never left, the second withdrew, the third never left"


def test_what_happens_to_a_person_under_no_agreement_names_the_flows_of_the_person(story: Story) -> None:
    from wye.road.people import look

    _, person = story.somebody()

    look(story.hub, person)

    looked = [event for _, event in story.events(person) if event.purpose == "people show"]
    assert [event.agreement for event in looked] == [None]
    assert AGREEMENT in looked[0].flows
    ingest_all(story.hub, received=False)
    combined = [
        each.event
        for each in search(
            story.hub.conn, story.hub.keys, agreement=AGREEMENT, searcher="auditor", purpose="test", at=story.hub.at()
        )
        if each.event is not None and each.event.kind is EventKind.COMBINATION
    ]
    assert combined
    assert all(AGREEMENT in event.flows and event.person is None for event in combined)
