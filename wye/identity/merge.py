"""Merge two persons into one, take a merge apart, and take any word back: events, with links appended.

Unmerging says that they are two people. Undoing says nothing: all is as it was before the event.
"""

from datetime import datetime
from uuid import UUID

from wye.errors import UsageError
from wye.identity import second_look_rows, word_rows
from wye.identity.link_rows import instant, keep_event, move, put_back, read_event, records_of, still_there
from wye.identity.saying import ONE_AT_A_TIME, Spoken, open_records, say, settle
from wye.identity.words import between
from wye.store.database import Connection

__all__ = ["merge", "records_of", "undo", "unmerge"]

JOINS = ("merge", "same")


def merge(conn: Connection, kept: UUID, other: UUID, reason: str, actor: str, at: datetime) -> Spoken:
    """Move every record of `other` to `kept`; raises UsageError if that cannot be.

    Nothing is linked to or across a record whose former identity is sealed, by anyone; that is not what the error says.
    """
    with conn.transaction():
        conn.execute(ONE_AT_A_TIME)
        if kept == other:
            raise UsageError(f"person `{kept}` is named twice; name two persons")
        staying, moving = open_records(conn, kept), open_records(conn, other)
        stamp = instant(conn, [*staying, *moving], at)
        move(conn, moving, kept, reason, stamp)
        event = keep_event(conn, "merge", (kept, other), moving, reason, actor, stamp)
        say(conn, event, actor, {"same": between(staying, moving)}, stamp)
        settle(conn, event, (kept, other), at)
        return Spoken(event, kept, other, tuple(moving), parted=False)


def unmerge(conn: Connection, event: UUID, reason: str, actor: str, at: datetime) -> Spoken:
    """Take one merge apart: its records go back to the person they had, with the links they had, for good.

    Records that moved on since stay where they are. Raises UsageError if there is nothing to take apart.
    """
    with conn.transaction():
        conn.execute(ONE_AT_A_TIME)
        merged = read_event(conn, event)
        if merged is None or merged.kind not in JOINS or merged.kept == merged.other:
            raise UsageError(f"event `{event}` is no merge; `wye people show` lists the merges of a person")
        back = still_there(conn, merged)
        if merged.undone or not back:
            raise UsageError(f"merge `{event}` has nothing left to undo: its records are with other persons now")
        stamp = instant(conn, back, at)
        put_back(conn, merged, back, stamp)
        persons = (merged.kept, merged.other)
        undone = keep_event(conn, "unmerge", persons, back, reason, actor, stamp, undoes=event)
        again = word_rows.pairs_of(conn, event)["same"]
        word_rows.stand(conn, again, stamp)
        say(conn, undone, actor, {"different": between(records_of(conn, merged.kept), back)}, stamp)
        settle(conn, undone, persons, at, again)
        return Spoken(undone, *persons, tuple(back), parted=True)


def undo(conn: Connection, event: UUID, reason: str, actor: str, at: datetime) -> Spoken:
    """Take a human's event back: links, words and queue are as they were before it. An undo can be undone too.

    Records that moved on since stay where they are. Raises UsageError if there is nothing to take back.
    """
    with conn.transaction():
        conn.execute(ONE_AT_A_TIME)
        found = read_event(conn, event)
        if found is None:
            raise UsageError(f"no event `{event}`; `wye people show` lists the events of a person")
        if found.undone:
            raise UsageError(f"event `{event}` was taken back before; undo the event that did, to have it again")
        said = word_rows.pairs_of(conn, event)
        pairs = [pair for each in said.values() for pair in each]
        if not pairs and found.undoes is None:
            raise UsageError(f"event `{event}` was linking's own; `wye people unmerge` or `split` parts what it joined")
        second_look_rows.refuse_disputants(conn, pairs, actor)
        back = still_there(conn, found)
        stamp = instant(conn, back, at)
        put_back(conn, found, back, stamp)
        persons = (found.kept, found.other)
        undone = keep_event(conn, "undo", persons, back, reason, actor, stamp, undoes=event)
        again = word_rows.pairs_of(conn, found.undoes) if found.undoes else {}
        for word, each in again.items():
            word_rows.speak(conn, undone, each, word)
        pairs += [pair for each in again.values() for pair in each]
        word_rows.stand(conn, pairs, stamp)
        second_look_rows.settle(conn, pairs, undone)
        settle(conn, undone, persons, at, pairs)
        return Spoken(undone, *persons, tuple(back), parted=_parts(conn, back, persons))


def _parts(conn: Connection, back: list[UUID], persons: tuple[UUID, UUID]) -> bool:
    """Tell whether records that were with one person are now with two."""
    return bool(back) and all(records_of(conn, person) for person in persons) and persons[0] != persons[1]
