"""Merge, share, unmerge, share, on the real road: the partner ends with two right subjects, and what went out is listed."""

from collections.abc import Iterator
from uuid import UUID

import orjson
import psycopg
import pytest
from journey import hub_on, settle, share_all, timeless, walk

from wye.audit.search import search
from wye.audit.verify import verify
from wye.demo.stage import Stage
from wye.errors import UsageError
from wye.exchange.pseudonym import pseudonym
from wye.identity.review import person_of, show
from wye.keys.rows import unseal_values
from wye.road import corrections
from wye.road.hub import Hub
from wye.road.people import Done, merge, split, undo, unmerge
from wye.store.database import connect
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

AGREEMENT = "adult-care-acute"


@pytest.fixture(scope="module")
def walked(stage: Stage) -> Iterator[Hub]:
    with hub_on(stage) as hub:
        walk(stage, hub)
        yield hub


# Whom the recipient holds and no human spoke of, with one record: two at least were of this person before anything was
# disclosed, so all that was disclosed is of both. A partner's record that joined later was in nothing sent before.
JOINED_BEFORE_SHARED = """SELECT l.person, min(l.record::text)::uuid FROM identity.person_link l
JOIN exchange.recipient_state s ON s.person = l.person AND s.agreement = %(agreement)s
WHERE l.superseded_at IS NULL AND NOT EXISTS (SELECT FROM identity.event e WHERE l.person IN (e.kept, e.other))
 AND l.recorded_at < (SELECT min(created_at) FROM exchange.outbox o WHERE o.person = l.person)
GROUP BY l.person HAVING count(*) > 1 ORDER BY l.person"""


def recipient(hub: Hub) -> str:
    return hub.agreements[AGREEMENT].agreement.recipient


def subject(hub: Hub, person: UUID) -> str:
    return pseudonym(person, hub.keys.mac_key(f"pseudonym/{recipient(hub)}"))


def held(stage: Stage, hub: Hub) -> dict[str, bytes]:
    """What the recipient of the agreement holds: body, without its times, by subject."""
    name = next(name for name in stage.databases if name in recipient(hub))
    with psycopg.connect(stage.databases[name]) as conn:
        rows = conn.execute("SELECT subject, body FROM partner.held WHERE agreement = %s", (AGREEMENT,)).fetchall()
    return {each: timeless(body) for each, body in rows}


def two_shared(hub: Hub, beyond: int = 0) -> tuple[UUID, UUID]:
    """Two people whom the recipient holds, each of several records."""
    rows = hub.conn.execute(
        "SELECT s.person FROM exchange.recipient_state s WHERE s.agreement = %s AND NOT EXISTS ("
        " SELECT FROM identity.event e WHERE s.person IN (e.kept, e.other)) AND (SELECT count(*) FROM identity.person_link l"
        " WHERE l.person = s.person AND l.superseded_at IS NULL) > 1 ORDER BY s.person OFFSET %s LIMIT 2",
        (AGREEMENT, beyond),
    ).fetchall()
    return rows[0][0], rows[1][0]  # type: ignore[return-value]  # rows are untyped


def sent_of(hub: Hub, person: UUID) -> set[UUID]:
    """Every message that ever disclosed a person, over all agreements."""
    rows = hub.conn.execute("SELECT id FROM exchange.outbox WHERE person = %s AND kind <> 'withdraw'", (person,))
    return {message for (message,) in rows.fetchall()}  # type: ignore[misc]  # rows are untyped


def share(stage: Stage, hub: Hub) -> None:
    share_all(hub)
    settle(stage, hub)


@pytest.fixture(scope="module")
def story(stage: Stage, walked: Hub) -> tuple[UUID, UUID, dict[str, dict[str, bytes]], set[UUID], Done]:
    """Two people merged, shared, unmerged and shared again: who, what was held at each point, what was sent between."""
    kept, other = two_shared(walked)
    points = {"before": held(stage, walked)}
    earlier = sent_of(walked, kept)
    merged = merge(walked, kept, other, "same passport")
    share(stage, walked)
    points["merged"] = held(stage, walked)
    between = sent_of(walked, kept) - earlier
    done = unmerge(walked, merged.event, "two passports")
    share(stage, walked)
    points["after"] = held(stage, walked)
    return kept, other, points, between, done


def test_partner_ends_with_two_right_subjects(walked: Hub, story) -> None:
    kept, other, points, between, _ = story

    assert subject(walked, other) not in points["merged"]
    assert points["merged"][subject(walked, kept)] != points["before"][subject(walked, kept)]
    assert between
    assert points["after"] == points["before"]


def test_unmerge_lists_exactly_what_was_disclosed_between(walked: Hub, story) -> None:
    kept, _, _, between, done = story
    listed = done.followed.disclosures

    assert {each.message for each in listed} == between
    assert {each.person for each in listed} == {kept}
    assert {(each.state, each.receipt) for each in listed} == {("delivered", "applied")}
    assert any(each.still_held for each in listed)
    entries = walked.conn.execute(
        "SELECT audit_id FROM exchange.outbox WHERE id = ANY(%s)", (list(between),)
    ).fetchall()
    assert {each.entry for each in listed} == {entry for (entry,) in entries}


def test_listed_again_nothing_is_held_any_more(walked: Hub, story) -> None:
    *_, done = story

    again = corrections.disclosures(walked, done.event)

    assert [each.entry for each in again] == [each.entry for each in done.followed.disclosures]
    assert not any(each.still_held for each in again)


def test_each_recipient_that_held_a_mixture_has_a_draft_by_its_own_names(walked: Hub, story) -> None:
    kept, other, *_, done = story
    drafts = {draft.recipient: draft for draft in done.followed.drafts}

    assert set(drafts) == {each.recipient for each in done.followed.disclosures if each.still_held}
    words = drafts[recipient(walked)].words
    assert subject(walked, kept) in words
    assert subject(walked, other) in words
    assert str(kept) not in words
    assert str(other) not in words
    assert "follow by the feed" in words


def test_approving_a_draft_marks_both_due_and_is_on_the_record_once(walked: Hub, story) -> None:
    kept, other, *_, done = story
    draft = next(each for each in done.followed.drafts if each.agreement == AGREEMENT)
    assert draft.id in {each.id for each in corrections.drafts(walked)}

    corrections.approve(walked, str(draft.id), "told by telephone too")

    due = walked.conn.execute("SELECT person FROM sharing.due WHERE cause = 'correction'").fetchall()
    assert {person for (person,) in due} == {kept, other}
    assert draft.id not in {each.id for each in corrections.drafts(walked)}
    assert corrections.show(walked, str(draft.id)).draft.reason == "told by telephone too"
    for person in (kept, other):
        found = search(walked.conn, walked.keys, person=person, searcher="auditor", purpose="test", at=walked.at())
        told = [each.event for each in found if each.event and each.event.purpose == "people corrections approve"]
        assert [(event.kind, event.recipient) for event in told] == [(EventKind.ALTERATION, recipient(walked))]
    with pytest.raises(UsageError, match="decided before"):
        corrections.approve(walked, str(draft.id), "again")


def test_what_was_made_while_two_were_one_opens_for_either(walked: Hub, stage: Stage, story) -> None:
    kept, other, _, between, done = story
    values = [*between, *(each.entry for each in done.followed.disclosures)]

    for person in (kept, other):
        held_ = walked.conn.execute(
            "SELECT value FROM keys.wrap WHERE holder = %s AND value = ANY(%s)", (person, values)
        )
        assert {value for (value,) in held_.fetchall()} == set(values)
    with connect(stage.databases["hub"]) as owner, owner.transaction(force_rollback=True):
        owner.execute("DELETE FROM keys.wrap WHERE holder = %s", (kept,))
        sealed = owner.execute("SELECT id, sealed FROM exchange.outbox WHERE id = ANY(%s)", (list(between),)).fetchall()
        opened = unseal_values(owner, walked.keys, dict(sealed))  # type: ignore[arg-type]  # rows are untyped
        assert set(opened) == between
        assert all(orjson.loads(body) for body in opened.values())


def test_trail_verifies_after_the_second_wraps(walked: Hub, stage: Stage, story) -> None:
    assert story
    with connect(str(stage.settings.auditor_database_url)) as trail:
        assert verify(trail, walked.keys).ok


def test_merge_that_is_undone_before_anything_is_shared_lists_nothing(walked: Hub) -> None:
    kept, other = two_shared(walked, beyond=2)
    merged = merge(walked, kept, other, "too quick")

    done = undo(walked, merged.event, "too quick")

    assert done.followed.disclosures == done.followed.drafts == ()


def test_split_lists_what_was_disclosed_since_linking_joined_them(stage: Stage, walked: Hub) -> None:
    person, record = walked.conn.execute(JOINED_BEFORE_SHARED, {"agreement": AGREEMENT}).fetchall()[4]

    done = split(walked, person, [record], "somebody else's")  # type: ignore[arg-type, list-item]  # rows are untyped

    assert {each.message for each in done.followed.disclosures} == sent_of(walked, person)
    due = "SELECT count(DISTINCT person) FROM sharing.due WHERE cause = 'split' AND person = ANY(%s)"
    assert walked.conn.execute(due, (list(done.persons),)).fetchall() == [(2,)]
    share(stage, walked)
    assert walked.conn.execute(due, (list(done.persons),)).fetchall() == [(0,)]


def test_seal_that_comes_later_is_corrected_and_nobody_is_told_why(stage: Stage, walked: Hub) -> None:
    person, record = walked.conn.execute(JOINED_BEFORE_SHARED, {"agreement": AGREEMENT}).fetchall()[6]
    sent = sent_of(walked, person)  # type: ignore[arg-type]  # rows are untyped
    walked.conn.execute(
        "INSERT INTO canonical.row (record, entity, part, recorded_at, subject, source, stream, controller, observed_at, body)"
        " SELECT %(flag)s, 'flag', 0, %(at)s, %(record)s, source, stream, controller, %(at)s, %(body)s FROM canonical.row"
        " WHERE record = %(record)s AND entity = 'person' AND superseded_at IS NULL",
        {"flag": uuid7(), "record": record, "at": walked.at(), "body": '{"kind": "former-identity-sealed"}'},
    )
    walked.conn.execute("INSERT INTO canonical.changed VALUES (%s, %s) ON CONFLICT DO NOTHING", (record, walked.at()))
    before = {draft.id for draft in corrections.drafts(walked)}

    share(stage, walked)

    alone = person_of(walked.conn, record)  # type: ignore[arg-type]  # rows are untyped
    assert alone != person
    made = [draft for draft in corrections.drafts(walked) if draft.id not in before]
    assert made
    for draft in made:
        assert draft.persons == [person]
        assert not {"seal", "former", "took"} & set(draft.words.split())
        assert pseudonym(alone, walked.keys.mac_key(f"pseudonym/{draft.recipient}")) not in draft.words
    listed = {each.message for draft in made for each in corrections.disclosures(walked, draft.parting)}
    assert listed == sent
    wraps = walked.conn.execute(
        "SELECT count(*) FROM keys.wrap WHERE holder = %s AND value = ANY(%s)", (alone, list(sent))
    )
    assert wraps.fetchall() == [(0,)]
    assert str(record) not in str(show(walked.conn, person))
