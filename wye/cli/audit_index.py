"""Check the search index, say how far it is verified, and read what a search is not to be told in words of a command."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from wye.audit.event import NHS_NUMBER_DIGITS
from wye.cli.console import result
from wye.errors import UsageError

if TYPE_CHECKING:
    from wye.audit.search_index import Standing


def index(
    full: Annotated[
        bool, typer.Option("--full", help="Rebuild every entry's tokens, and believe no check before.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Rebuild the search tokens from the entries and compare; exit 1 and name every row that is missing, added or changed.

    Without `--full`: what is new, and a part of what is old. The check goes on the record, under your account.
    """
    from wye.audit.search_index import check_index
    from wye.cli.trail import opened
    from wye.road.account import clock, signed_in

    with opened() as trail:
        found = check_index(trail.conn, trail.keys, actor=signed_in(), at=clock(), whole=full, told=True)
    lines = [
        f"WRONG at {f'index {each.index}' if each.index >= 0 else 'no index'}, entry {each.entry}"
        f" (check: {each.check}{f', {each.field}' if each.field else ''}): {each.explanation}"
        for each in found.findings
    ]
    if found.found > len(found.findings):
        lines.append(f"and {found.found - len(found.findings)} more")
    lines.append(f"{found.rebuilt} entries rebuilt, {found.unreadable} that nobody can read; {words(found.standing)}")
    told = {
        "ok": not found.findings, "rebuilt": found.rebuilt, "unreadable": found.unreadable, "found": found.found,
        "findings": [asdict(each) for each in found.findings], "index": data(found.standing),
    }  # fmt: skip
    result(told, as_json, "\n".join(lines))
    if found.findings:
        raise typer.Exit(1)


def typed_number() -> str:
    """Read an NHS number from standard input, where no shell keeps it; raises UsageError, which does not hold it."""
    number = "".join(sys.stdin.readline().split())
    if len(number) != NHS_NUMBER_DIGITS or not (number.isascii() and number.isdecimal()):
        raise UsageError("what was read is no NHS number: ten digits are, with or without blanks")
    return number


def words(standing: "Standing") -> str:
    """Say how far the search index is verified, and since when."""
    if standing.checked_at is None:
        return f"index verified up to entry 0 of {standing.size}: `wye audit index` never ran"
    whole = f"{standing.whole_at:%Y-%m-%d %H:%M}" if standing.whole_at else "never"
    wrong = f"; WRONG in {standing.findings} places: `wye audit index` tells which" if standing.findings else ""
    return (
        f"index verified up to entry {standing.verified} of {standing.size}"
        f" (checked {standing.checked_at:%Y-%m-%d %H:%M}, whole {whole}){wrong}"
    )


def data(standing: "Standing") -> dict[str, object]:
    """Give the same for machines."""
    return {
        "verified": standing.verified, "size": standing.size, "findings": standing.findings,
        "checked_at": standing.checked_at.isoformat() if standing.checked_at else None,
        "whole_at": standing.whole_at.isoformat() if standing.whole_at else None,
    }  # fmt: skip
