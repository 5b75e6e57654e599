"""Declare whose accounts are, and find suspicious looks: what `wye audit accounts` and `wye audit snooping` do."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from wye.cli.console import result
from wye.errors import UsageError

accounts = typer.Typer(no_args_is_help=True, help="Say whose an account is, so that looks at one's own can be found.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="The account, as the trail names who acted.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record: the form or decision, never a name.")]


def snooping(
    since: Annotated[datetime, typer.Option(help="In UTC, as 2026-11-21 or 2026-11-21T09:30:00.")],
    until: Annotated[datetime | None, typer.Option(help="In UTC; now, if left out.")] = None,
    purpose: Annotated[str, typer.Option(help="Why you look: kept with your name in the trail.")] = "audit",
    as_json: Json = False,
) -> None:
    """Find looks at oneself, a namesake, somebody at the same address, a relation, or without a relationship; exit 1 if any.

    Of accounts that are declared (`wye audit accounts declare`). Shows account, time, entry and why, not whom or what.
    Goes on the record, under your account.
    """
    from wye.cli.trail import opened
    from wye.road.account import clock, signed_in
    from wye.road.snooping.report import LIMITS
    from wye.road.snooping.report import snooping as find

    at = clock()
    first, last = _utc(since), at if until is None else _utc(until)
    if last < first:
        raise UsageError(f"`--until` {last.isoformat()} is before `--since` {first.isoformat()}")
    with opened() as trail:
        found = find(trail.conn, trail.keys, since=first, until=last, actor=signed_in(), purpose=purpose, at=at)
    rows = [
        {
            "account": one.look.account, "at": one.look.at.isoformat(), "index": one.look.index,
            "entry": str(one.look.entry), "message": str(one.look.message) if one.look.message else None,
            "purpose": one.look.purpose, "reasons": [{"code": each.code, "words": each.words} for each in one.reasons],
        }
        for one in found.found
    ]  # fmt: skip
    lines = [
        f"{one.look.at:%Y-%m-%d %H:%M:%S}  {one.look.account}  {'-' if one.look.index is None else one.look.index}"
        f"  {one.look.entry}  {one.look.purpose or one.look.kind.value}: {'; '.join(each.words for each in one.reasons)}"
        for one in found.found
    ]
    lines.append(
        f"{len(found.found)} suspicious of {found.looks} looks by declared accounts; not judged: {found.unknown} at people"
        f" of whom nothing is known any more, {found.unread} that nobody can read"
    )
    lines += [f"not declared, and not judged: {name} ({count} entries)" for name, count in found.undeclared.items()]
    lines += [f"note: {limit}" for limit in LIMITS]
    told = {
        "looks": found.looks, "unknown": found.unknown, "unread": found.unread, "suspicious": rows,
        "undeclared": dict(found.undeclared), "limits": LIMITS,
    }  # fmt: skip
    result(told, as_json, "\n".join(lines))
    if found.found:
        raise typer.Exit(1)


@accounts.command("declare")
def declare_account(
    name: Name,
    reason: Reason,
    person: Annotated[
        UUID | None, typer.Option(help="The person's id; left out if the hub knows nobody whose account it is.")
    ] = None,
    worker: Annotated[
        list[str] | None, typer.Option(help="A name under which systems know their work; may be said again.")
    ] = None,
    team: Annotated[list[str] | None, typer.Option(help="A team whose cases are theirs; may be said again.")] = None,
) -> None:
    """Say whose an account is, in place of what was said before: another account's than your own. Goes on the record."""
    from wye.cli.trail import opened
    from wye.road.account import clock, signed_in
    from wye.road.snooping.accounts import Account, declare

    said = Account(name, person, tuple(worker or ()), tuple(team or ()))
    with opened() as trail:
        declare(trail.conn, trail.keys, said, reason, actor=signed_in(), at=clock())
    result({"account": name, "said": "declared"}, as_json=False)


@accounts.command("end")
def end_account(name: Name, reason: Reason) -> None:
    """No longer say whose an account is: another account's than your own. Goes on the record."""
    from wye.cli.trail import opened
    from wye.road.account import clock, signed_in
    from wye.road.snooping.accounts import end

    with opened() as trail:
        end(trail.conn, trail.keys, name, reason, actor=signed_in(), at=clock())
    result({"account": name, "said": "ended"}, as_json=False)


@accounts.command("list")
def list_accounts(as_json: Json = False) -> None:
    """List the accounts that are declared, by whom and when; whose they are stays sealed."""
    from wye.cli.trail import opened
    from wye.road.snooping.accounts import listed

    with opened() as trail:
        found = listed(trail.conn)
    rows = [{"account": one.account, "said_by": one.said_by, "said_at": one.said_at.isoformat()} for one in found]
    text = [f"{one.account}  by {one.said_by}, {one.said_at:%Y-%m-%d %H:%M}" for one in found]
    result(rows, as_json, "\n".join(text) or "no account is declared")


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
