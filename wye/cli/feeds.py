"""Show what flows to whom, and call back what was sent: `wye feeds`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from wye.cli.console import result, say
from wye.errors import UsageError
from wye.vocabulary import RecallAnswer, RecallGround

if TYPE_CHECKING:
    from wye.road.hub import Hub
    from wye.road.recall.rows import Line

app = typer.Typer(no_args_is_help=True, help="Show what partners are sent, and call it back.")
recall = typer.Typer(no_args_is_help=True, help="Ask recipients to give up what they hold, and keep what they answer.")
app.add_typer(recall, name="recall")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
WAIVERS = ("impossible", "disproportionate")
ANSWERS = (*RecallAnswer, "corrected")


@app.command("list")
def list_feeds(as_json: Json = False) -> None:
    """List what flows to whom: people held, messages waiting, sent and refused, the last one, and whether in force."""
    from wye.road.recall.rows import feeds, people_held

    with _hub() as hub:
        counted = {(row[0], row[1]): row[2:] for row in feeds(hub.conn)}
        people = people_held(hub.conn)
        for standing in hub.agreements.values():
            if standing.agreement.feeds:
                counted.setdefault((standing.agreement.id, standing.agreement.recipient), (0, 0, 0, 0, None))
        rows = [
            {
                "agreement": agreement, "recipient": partner, "in_force": agreement in hub.agreements,
                "people_held": people.get((agreement, partner), 0), "delivered": delivered, "waiting": waiting,
                "not_answered": sent, "refused": refused, "last_sent": last.isoformat() if last else None,
            }
            for (agreement, partner), (delivered, waiting, sent, refused, last) in sorted(counted.items())
        ]  # fmt: skip
    lines = [
        f"{row['agreement']} to {row['recipient']}{'' if row['in_force'] else ' (NOT IN FORCE)'}: {row['people_held']} people"
        f" held; {row['delivered']} delivered, {row['waiting']} waiting, {row['not_answered']} not answered,"
        f" {row['refused']} refused; last sent {row['last_sent'] or 'never'}"
        for row in rows
    ]
    result(rows, as_json, "\n".join(lines) or "nothing flows")


@app.command("show")
def show_feed(
    agreement: Annotated[str, typer.Argument(help="The agreement; `wye feeds list` names them.")], as_json: Json = False
) -> None:
    """Show one feed: where its messages are, by kind, and why some were refused. Names nobody."""
    from wye.road.recall.rows import by_state, refusals

    with _hub() as hub:
        states, refused = by_state(hub.conn, agreement), refusals(hub.conn, agreement)
        if not states and agreement not in hub.agreements and agreement not in hub.refused:
            raise UsageError(f"no agreement `{agreement}`; `wye feeds list` names them")
        why_not = None if agreement in hub.agreements else hub.refused.get(agreement, "its folder is gone")
    told = {
        "agreement": agreement,
        "in_force": why_not is None,
        "why_not": why_not,
        "messages": [
            {"kind": kind, "state": state, "messages": count, "newest": newest.isoformat()}
            for kind, state, count, newest in states
        ],
        "refused": [{"why": why, "messages": count, "last": last.isoformat()} for why, count, last in refused],
    }
    lines = [f"{agreement}: {'in force' if why_not is None else f'not in force: {why_not}'}"]
    lines += [
        f"{kind} {state}: {count}, the newest of {newest:%Y-%m-%d %H:%M} UTC" for kind, state, count, newest in states
    ]
    lines += [f"refused, {why}: {count}, last {last:%Y-%m-%d %H:%M} UTC" for why, count, last in refused]
    result(told, as_json, "\n".join(lines))


@recall.command("send")
def send(
    ground: Annotated[RecallGround, typer.Option(help="Why in law or in fact.")],
    asked_by: Annotated[str, typer.Option("--asked-by", help="Who asked for it: the person, a court, one of us.")],
    reason: Annotated[
        str, typer.Option("--reason", help="What happened. For everything under an agreement, name nobody.")
    ],
    person: Annotated[UUID | None, typer.Option(help="Everything that recipients hold of this person.")] = None,
    disclosure: Annotated[UUID | None, typer.Option(help="What one message told; `wye audit search` names it.")] = None,
    agreement: Annotated[str | None, typer.Option(help="Under this agreement only.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Everything that went under the agreement from then (UTC)."
        ),
    ] = None,
    answer_within: Annotated[int, typer.Option("--answer-within", help="Days until an answer is overdue.", min=1)] = 14,
    as_json: Json = False,
) -> None:
    """Ask every recipient for it back, by the feed; list who has to be told by hand. On the record of each person."""
    from datetime import UTC

    from wye.road.recall.send import Wanted
    from wye.road.recall.send import recall as call_back

    instant = None if since is None else since.replace(tzinfo=UTC)
    wanted = Wanted(person=person, message=disclosure, agreement=agreement, since=instant)
    with _hub() as hub:
        done = call_back(hub, wanted, ground, asked_by, reason, timedelta(days=answer_within))
    told = {
        "recall": str(done.id), "by_feed": done.by_feed, "by_hand": done.by_hand, "decided_anew": done.decided_anew,
        "cancelled": done.cancelled,
    }  # fmt: skip
    words = (
        f"recall {done.id}: {done.by_feed} asked by the feed, {done.by_hand} to be told by hand (`wye feeds recall show`);"
        f" {done.cancelled} messages that waited are never sent; {done.decided_anew} decided anew by the next `wye run`"
    )
    result(told, as_json, words)
    if done.by_feed:
        say("the next `wye run` sends it, and collects the answers")


@recall.command("list")
def list_recalls(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what should have been answered.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also what was answered.")] = False,
    as_json: Json = False,
) -> None:
    """List what was called back and is not answered, recipient by recipient. Exit 1 if one is overdue."""
    from wye.road.recall.rows import lines

    with _hub() as hub:
        at = hub.at()
        found = lines(hub.conn, answered=everything, overdue_at=at if overdue else None)
    result([_data(one, at) for one in found], as_json, "\n".join(_words(one, at) for one in found) or "nothing is open")
    if any(one.overdue(at) for one in found):
        raise typer.Exit(1)


@recall.command("show")
def show_recall(
    number: Annotated[UUID, typer.Argument(help="The recall's id; `wye feeds recall list` names it.")],
    as_json: Json = False,
) -> None:
    """Show one recall: who asked and why, and each recipient's answer. The look goes on the record of each person."""
    from wye.road.recall.answers import show

    with _hub() as hub:
        at = hub.at()
        words, found = show(hub, number)
    told = {"recall": str(number), "words": words, "lines": [_data(one, at) for one in found]}
    head = (
        "who asked and why can no longer be read"
        if words is None
        else f"asked by {words['asked_by']}: {words['reason']}"
    )
    result(told, as_json, "\n".join([head, *(_words(one, at) for one in found)]))


@recall.command("answer")
def answer_line(
    line: Annotated[UUID, typer.Argument(help="The line's id; `wye feeds recall list` names it.")],
    word: Annotated[str, typer.Argument(help=f"{', '.join(ANSWERS)}; or {', '.join(WAIVERS)}: not told at all.")],
    reason: Annotated[
        str, typer.Option("--reason", help="Who answered, when and how; or why it cannot be asked of us.")
    ],
    as_json: Json = False,
) -> None:
    """Write down what a recipient answered by letter or telephone, or that telling it is impossible or disproportionate."""
    from wye.road.recall.answers import answer

    if word not in {*ANSWERS, *WAIVERS}:
        raise UsageError(f"`{word}` is no answer; there are: {', '.join((*ANSWERS, *WAIVERS))}")
    with _hub() as hub:
        found = answer(hub, line, word, reason)  # type: ignore[arg-type]  # one of them, as was just seen
        result(_data(found, hub.at()), as_json)


def _data(one: "Line", at: datetime) -> dict[str, object]:
    return {
        "line": str(one.id), "recall": str(one.recall), "ground": one.ground, "agreement": one.agreement,
        "recipient": one.recipient, "person": str(one.person), "by": "feed" if one.message else "hand",
        "message": str(one.message) if one.message else None, "message_state": one.state,
        "answer_by": one.answer_by.isoformat(), "answer": one.answer, "answered_by": one.answered_by,
        "answered_at": one.answered_at.isoformat() if one.answered_at else None, "overdue": one.overdue(at),
    }  # fmt: skip


def _words(one: "Line", at: datetime) -> str:
    by = f"by the feed, {one.state}" if one.message else "TO BE TOLD BY HAND"
    if one.answer is not None and one.answered_at is not None:
        state = f"{one.answer}, says {one.answered_by} on {one.answered_at:%Y-%m-%d}"
    else:
        state = f"{'OVERDUE since' if one.overdue(at) else 'answer due by'} {one.answer_by:%Y-%m-%d}"
    under = one.agreement or "a one-off disclosure"
    return f"{one.id}  {one.recipient} ({under}), person {one.person}: {one.ground}, {by}; {state}; recall {one.recall}"


@contextmanager
def _hub() -> Iterator["Hub"]:
    from wye.cli.hub import open_hub

    with open_hub() as hub:
        yield hub
