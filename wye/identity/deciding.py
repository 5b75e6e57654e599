"""Decide a pair of the queue: a first word, a second look at it, or the third word that settles a dispute."""

from dataclasses import dataclass
from datetime import datetime

from wye.errors import UsageError
from wye.identity import second_look_rows, word_rows
from wye.identity.link_rows import instant, keep_event, put_back, read_event, records_of, still_there
from wye.identity.objections import objections
from wye.identity.queue import Waiting
from wye.identity.saying import ONE_AT_A_TIME, Spoken, different, same, settle
from wye.identity.second_look_rows import SecondLook
from wye.identity.words import Said
from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class Decided:
    """Hold what a decision came to. `agreed` is None for a first or third word; `spoken` None if no link or word moved."""

    spoken: Spoken | None
    agreed: bool | None = None


def decide(  # one decision is all of these
    conn: Connection, waiting: Waiting, said: Said, reason: str, actor: str, at: datetime, *, drawn: bool
) -> Decided:
    """Keep one account's word about a pair; a drawn pair waits for another account's look after it."""
    with conn.transaction():
        conn.execute(ONE_AT_A_TIME)
        look = second_look_rows.open_look(conn, waiting.pair)
        if look is not None and look.state == "waiting":
            return _second(conn, waiting, look, said, reason, actor, at)
        objecting = objections(conn, waiting.pair)
        speak = same if said == "same" else different
        spoken = speak(conn, *waiting.pair, reason, actor, at)
        if drawn and look is None:
            first = (spoken.event, actor, said)
            second_look_rows.ask(conn, waiting.pair, first, waiting.weight, objecting, at)
        return Decided(spoken)


def _second(
    conn: Connection, waiting: Waiting, look: SecondLook, said: Said, reason: str, actor: str, at: datetime
) -> Decided:
    """Compare with the first word; where they differ the pair is kept apart until a third account settles it."""
    agreed = said == look.first_said
    second_look_rows.answer(conn, waiting.pair, actor, said, reason, at, agreed=agreed)
    if agreed:
        return Decided(None, agreed=True)
    try:
        with conn.transaction():
            return Decided(_fall_back(conn, waiting, look, reason, actor, at), agreed=False)
    except UsageError:
        return Decided(None, agreed=False)  # other words hold the two together: the dispute is kept, and they stand


def _fall_back(conn: Connection, waiting: Waiting, look: SecondLook, reason: str, actor: str, at: datetime) -> Spoken:
    """Take the first word back, and hold the pair apart: a wrong merge harms more than a missed one."""
    first = read_event(conn, look.first_event)
    if first is None:
        raise UsageError(f"no event `{look.first_event}`")
    back = still_there(conn, first)
    stamp = instant(conn, back, at)
    put_back(conn, first, back, stamp)
    persons = (first.kept, first.other)
    event = keep_event(conn, "undo", persons, back, f"second look: {reason}", actor, stamp, undoes=first.id)
    word_rows.speak(conn, event, [waiting.pair], "different")
    word_rows.stand(conn, [waiting.pair], stamp)
    settle(conn, event, persons, at)
    parted = bool(back) and persons[0] != persons[1] and all(records_of(conn, person) for person in persons)
    return Spoken(event, *persons, tuple(back), parted=parted)
