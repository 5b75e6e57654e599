"""Work quarantine off: list, show, accept, discard, ask, undo."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from wye.cli.console import result, say
from wye.errors import UsageError

if TYPE_CHECKING:
    from wye.road.hub import Hub
    from wye.road.quarantine import Decision

app = typer.Typer(no_args_is_help=True, help="Work off the rows that wait in quarantine.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Entry = Annotated[
    str, typer.Argument(metavar="ID", help="An id from the list; all that its row fails is decided at once.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record. Name nobody in it.")]


@app.command(name="list")
def list_(
    source: Annotated[str | None, typer.Option("--source", help="Only this system, such as frameworki.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only what this owner has to put right.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Only this rule, by its name in the contract.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="How many rows to a page.", min=1, max=10_000)] = 50,
    after: Annotated[
        str | None, typer.Option("--after", help="Go on behind this id: the page before tells it.")
    ] = None,
    as_json: Json = False,
) -> int:
    """List what waits, by rule and owner, with what would be right. No value is shown: `show` opens a row.

    Exit 1 if a row waits that may protect somebody of whom nobody can tell who it is.
    """
    from wye.road.quarantine_list import Wanted, listing

    with _hub() as hub:
        found = listing(hub, Wanted(source, owner, rule, _id(after) if after else None, limit))
    result(found, as_json, "\n".join(_listing(found)))
    if found["unplaced_protections"]:
        say("alarm: a protection waits for someone nobody can tell: look at it now, and ask its source")
        return 1
    return 0


@app.command()
def show(entry: Entry, reason: Reason, as_json: Json = False) -> None:
    """Open the sealed row, column by column, what fails marked. The look is on the record, with its reason."""
    from wye.road.quarantine import look
    from wye.road.quarantine_list import rights

    with _hub() as hub:
        found: dict[str, Any] = dict(look(hub, _id(entry), reason))
        rules = tuple(each["rule"] for each in found["failures"])
        found["right"] = dict(rights(hub, found["source"], found["stream"], rules))
    result(found, as_json, "\n".join(_row(found)))


@app.command()
def accept(entry: Entry, reason: Reason, as_json: Json = False) -> None:
    """Use this version as it stands: it is right and the rule is wrong for it. A newer version is checked anew."""
    from wye.road.quarantine import accept as accept_row

    with _hub() as hub:
        _tell(accept_row(hub, _id(entry), reason), as_json)


@app.command()
def discard(
    entry: Entry,
    reason: Reason,
    end: Annotated[
        bool, typer.Option("--end", help="End the record's last good version too; else that stays in use.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Never use this version. What it says of protections counts no more; the next version is checked anew."""
    from wye.road.quarantine import discard as discard_row

    with _hub() as hub:
        _tell(discard_row(hub, _id(entry), reason, end=end), as_json)


@app.command()
def ask(entry: Entry, reason: Reason, as_json: Json = False) -> None:
    """Note that the owner of the source was asked to put it right there; the row waits on."""
    from wye.road.quarantine import ask as ask_owner

    with _hub() as hub:
        _tell(ask_owner(hub, _id(entry), reason), as_json)


@app.command()
def undo(entry: Entry, reason: Reason, as_json: Json = False) -> None:
    """Undo an accept or a discard, as long as no newer version of the record has come."""
    from wye.road.quarantine import undo as undo_decision

    with _hub() as hub:
        _tell(undo_decision(hub, _id(entry), reason), as_json)


@contextmanager
def _hub() -> Iterator["Hub"]:
    from wye.cli.hub import open_hub

    with open_hub() as hub:
        yield hub


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UsageError(f"`{text}` is no id; `wye quality quarantine list` tells the ids") from None


def _tell(decided: "Decision", as_json: bool) -> None:
    data = {
        "decision": decided.decision,
        "id": decided.id,
        "record": decided.record,
        "rules": decided.rules,
        "consequence": decided.consequence,
    }
    result(data, as_json, f"{decided.decision}: {', '.join(decided.rules)}\n{decided.consequence}")


def _listing(found: Mapping[str, Any]) -> Iterator[str]:
    for one in found["unplaced_protections"]:
        yield (
            f"PROTECTION FOR SOMEONE NOBODY CAN TELL: {one['source']}.{one['stream']} record {one['record']},"
            f" {one['cause']} since {one['since']:%Y-%m-%d %H:%M}"
        )
    for batch in found["held"]:
        yield (
            f"held: a batch of {batch['rows']} rows of {batch['source']}.{batch['stream']} since"
            f" {batch['since']:%Y-%m-%d %H:%M}: {batch['reason']}; see `wye quality report`,"
            f" `wye quality release {batch['batch']}`"
        )
    if found["people_waiting"]:
        yield f"{found['people_waiting']} people wait: a protection of theirs is unread, so nothing new about them goes out"
    yield f"{found['open']} failures wait" if found["open"] else "nothing waits in quarantine"
    for group in found["groups"]:
        yield (
            f"  {group['rows']} x {group['rule']} ({group['dimension']}), for {group['owner']}, the oldest"
            f" {group['oldest_days']} days"
        )
    rule = None
    for row in found["rows"]:
        if (here := (row["rule"], row["owner"])) != rule:
            rule = here
            yield f"{row['rule']} ({row['dimension']}), for {row['owner']}. Right: {row['right']}"
        marks = [
            f"  {row['id']} {row['source']}.{row['stream']} {row['column']} since {row['since']:%Y-%m-%d %H:%M}",
            "an earlier good version is in use" if row["earlier_in_use"] else "no version is in use",
        ]
        if row["protection"] is not None:
            marks.append({"unread": "a protection waits UNREAD", "stated": "it states a protection"}[row["protection"]])
        if row["asked_at"] is not None:
            marks.append(f"its owner was asked on {row['asked_at']:%Y-%m-%d}")
        yield "; ".join(marks)
    if found["next"] is not None:
        yield f"more: --after {found['next']}"


def _row(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['source']}.{found['stream']} record {found['record']}"
    for each in found["failures"]:
        yield f"fails: {each['rule']} ({each['dimension']}). Right: {found['right'][each['rule']]}"
    if found["closed"] is not None:
        yield f"cleared by {found['closed']}"
    if not found["newest"]:
        yield "a newer version of the record has come"
    if not found["held"]:
        yield "the row is no longer held: its key was destroyed"
    for column in found["columns"]:
        mark = ">" if column["fails"] else " "
        value = "-" if column["value"] is None else column["value"]
        yield f"{mark} {column['column']}: {value}" + (f"   <- {', '.join(column['fails'])}" if column["fails"] else "")
