"""The table of states and moves is what happens: every pair of them, and whatever order they come in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.agreements.events import AgreementEvent
from wye.agreements.life import STOPPED, TRANSITIONS, Found, Move, life_page, moved, state_of
from wye.errors import AgreementRefused
from wye.vocabulary import AgreementState

S = AgreementState
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)

POSSIBLE = {
    S.DRAFT: {Move.PROPOSE: S.PROPOSED, Move.SIGN: S.SIGNED},
    S.PROPOSED: {Move.SIGN: S.SIGNED},
    S.SIGNED: {Move.BEGIN: S.ACTIVE, Move.SUSPEND: S.SUSPENDED, Move.END: S.TERMINATED, Move.SUPERSEDE: S.SUPERSEDED},
    S.ACTIVE: {Move.SUSPEND: S.SUSPENDED, Move.END: S.TERMINATED, Move.LAPSE: S.LAPSED, Move.SUPERSEDE: S.SUPERSEDED},
    S.SUSPENDED: {Move.RESUME: S.ACTIVE, Move.END: S.TERMINATED, Move.SUPERSEDE: S.SUPERSEDED},
    S.LAPSED: {Move.END: S.TERMINATED, Move.SUPERSEDE: S.SUPERSEDED},
    S.SUPERSEDED: {},
    S.TERMINATED: {},
}
"""Written down apart from the table that is tested."""


@pytest.mark.parametrize("move", list(Move))
@pytest.mark.parametrize("state", list(S))
def test_move_leads_where_the_table_says_or_is_refused_with_what_is_possible(state: S, move: Move) -> None:
    if move in POSSIBLE[state]:
        assert moved(state, move) is POSSIBLE[state][move]
        return
    with pytest.raises(AgreementRefused, match=f"a version that is `{state}` cannot be moved by `{move}`") as refused:
        moved(state, move)
    for possible in POSSIBLE[state]:
        assert possible.value in str(refused.value)


def test_page_shows_every_row() -> None:
    page = life_page("made by code")

    assert sum(line.startswith("| ") for line in page.splitlines()) == len(TRANSITIONS) + 1


def event(state: S, days: int) -> AgreementEvent:
    return AgreementEvent(
        "an-agreement", "1.0", b"\1" * 32, state, "a.guardian", "as decided", AT + timedelta(days=days)
    )


@pytest.mark.parametrize(
    ("found", "events", "state"),
    [
        (Found(3, 0, begun=True, over=False), [], S.DRAFT),
        (Found(3, 0, begun=True, over=False), [S.PROPOSED], S.PROPOSED),
        (Found(3, 2, begun=True, over=False), [], S.PROPOSED),
        (Found(3, 3, begun=False, over=False), [S.PROPOSED], S.SIGNED),
        (Found(3, 3, begun=True, over=False), [], S.ACTIVE),
        (Found(3, 3, begun=True, over=False), [S.ACTIVE, S.SUSPENDED], S.SUSPENDED),
        (Found(3, 3, begun=True, over=False), [S.ACTIVE, S.SUSPENDED, S.ACTIVE], S.ACTIVE),
        (Found(3, 3, begun=True, over=True), [S.ACTIVE], S.LAPSED),
        (Found(3, 3, begun=True, over=True), [S.ACTIVE, S.SUSPENDED], S.SUSPENDED),
        (Found(3, 3, begun=True, over=True), [S.ACTIVE, S.TERMINATED], S.TERMINATED),
        (Found(3, 3, begun=True, over=False), [S.ACTIVE, S.SUPERSEDED], S.SUPERSEDED),
        (Found(3, 2, begun=True, over=False), [S.ACTIVE, S.SUSPENDED], S.SUSPENDED),
    ],
)
def test_state_is_found_from_signatures_dates_and_events(found: Found, events: list[S], state: S) -> None:
    assert state_of(found, [event(each, number) for number, each in enumerate(events)]) is state


@given(st.lists(st.sampled_from([Move.PROPOSE, Move.SUSPEND, Move.RESUME, Move.END, Move.SUPERSEDE]), max_size=12))
def test_events_of_any_moves_are_found_again_as_the_state_that_the_table_gives(moves: list[Move]) -> None:
    found, events, ended = Found(2, 2, begun=True, over=False), [], False
    for number, move in enumerate(moves):
        state = state_of(found, events)
        try:
            after = moved(state, move)
        except AgreementRefused:
            continue
        assert not ended
        events.append(event(after, number))
        assert state_of(found, events) is after
        ended = after in STOPPED - {S.SUSPENDED}
