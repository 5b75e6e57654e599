"""Draft, decide and release a report to a person on who received data about them: what `wye audit report` does."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import typer

from wye.cli.audit_report_show import lines, released, told
from wye.cli.console import result, say
from wye.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from wye.road.report.desk import Desk
    from wye.road.report.released import Released

app = typer.Typer(no_args_is_help=True, help="Tell a person who received data about them (UK GDPR Article 15).")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Report = Annotated[UUID, typer.Argument(help="The report's id; `wye audit report list` tells it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
File = Annotated[Path | None, typer.Option(help="A file that is to be made, readable by your account alone.")]


@contextmanager
def _desk() -> Iterator["Desk"]:
    """Sign in as the account at the keyboard, by the auditor's login."""
    from wye.cli.trail import opened
    from wye.road.account import clock, signed_in
    from wye.road.report.desk import Desk
    from wye.road.report.texts import read_texts

    with opened() as trail:
        yield Desk(trail.conn, trail.keys, read_texts(trail.settings), signed_in(), clock())


@app.command("draft")
def draft_report(
    person: Annotated[UUID, typer.Argument(help="The person's id.")],
    reason: Annotated[str, typer.Option("--reason", help="Which request it answers, by its number.")],
    formerly: Annotated[
        list[UUID] | None, typer.Option("--formerly", help="Another id that the person had before a merge.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find every disclosure about a person and mark what a second person must decide. Goes on the record."""
    from wye.road.report.draft import draft, look

    with _desk() as desk:
        report = draft(desk, person, reason, formerly or ())
        opened = look(desk, report)
        found = told(opened, desk)
    result(found, as_json, "\n".join(lines(found)))


@app.command("list")
def list_reports(
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1)] = 50, as_json: Json = False
) -> None:
    """List reports and what of them is undecided; nobody's name or id is shown."""
    from wye.road.report.rows import listed

    with _desk() as desk:
        found = listed(desk.conn, limit)
    rows = [
        {
            "report": str(one.id), "drafted_by": one.drafted_by, "drafted_at": one.drafted_at.isoformat(),
            "lines": one.lines, "marked": one.marked, "undecided": one.undecided,
            "released_at": one.released_at.isoformat() if one.released_at else None,
        }
        for one in found
    ]  # fmt: skip
    text = [
        f"{one.id}  {one.drafted_at:%Y-%m-%d %H:%M}  by {one.drafted_by}: {one.lines} lines, {one.marked} marked,"
        f" {one.undecided} undecided, {'released' if one.released_at else 'not released'}"
        for one in found
    ]
    result(rows, as_json, "\n".join(text) or "no reports")


@app.command("show")
def show_report(report: Report, as_json: Json = False) -> None:
    """Show a report with its marks and the words on its lines, for staff. The look goes on the record."""
    from wye.road.report.draft import look

    with _desk() as desk:
        found = told(look(desk, report), desk)
    result(found, as_json, "\n".join(lines(found)))


@app.command("decide")
def decide_line(
    report: Report,
    line: Annotated[int, typer.Argument(help="The line's number.")],
    word: Annotated[str, typer.Argument(help="release or withhold.")],
    reason: Reason,
    exemption: Annotated[str | None, typer.Option(help="To withhold: the exemption that one stands on.")] = None,
    opinion: Annotated[str | None, typer.Option(help="Where the health professional's opinion is kept.")] = None,
    opinion_on: Annotated[
        datetime | None, typer.Option("--opinion-on", formats=["%Y-%m-%d"], help="The day of that opinion.")
    ] = None,
    known_already: Annotated[
        bool, typer.Option("--known-already", help="The person knows this already: releasing owes no opinion.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say whether a line may be told: another account than the drafter's. The word goes on the record."""
    from wye.road.report.decide import decide
    from wye.road.report.exemptions.law import known
    from wye.road.report.verdict import Verdict, Word

    if word not in {"release", "withhold"}:
        raise UsageError(f"`{word}` is no decision; there are: release, withhold")
    said = Verdict(
        line=line,
        word=cast("Word", word),
        exemption=None if exemption is None else known(exemption),
        reason=reason,
        opinion=opinion,
        opinion_on=None if opinion_on is None else opinion_on.date(),
        known_already=known_already,
    )
    with _desk() as desk:
        decide(desk, report, said)
    result({"report": str(report), "line": line, "word": word}, as_json)


@app.command("release")
def release_report(
    report: Report, csv: File = None, html: File = None, fhir: File = None, as_json: Json = False
) -> None:
    """Give what the person may be told, once every marked line is decided. Goes on the record.

    `--csv` is for a spreadsheet: what it would run as a formula is defused. `--fhir` is a Bundle of AuditEvents.
    """
    from wye.road.report.audit_event import bundle
    from wye.road.report.page import page
    from wye.road.report.release import release
    from wye.road.report.released import text
    from wye.road.report.spreadsheet import spreadsheet

    ways: list[tuple[Path | None, Callable[[Released], bytes]]] = [
        (csv, lambda found: spreadsheet(found).encode()),
        (html, lambda found: page(found).encode()),
        (fhir, bundle),
    ]
    for path, _ in ways:
        if path is not None and path.exists():
            raise UsageError(f"`{path}` is there already; a report is written to a new file")
    with _desk() as desk, desk.conn.transaction():
        found = release(desk, report)
        written = [(path, write(found)) for path, write in ways if path is not None]
    # INVARIANT: only here, after the entry is committed, does anything leave: no entry, no report.
    for path, content in written:
        _write(path, content)
        say(f"written to {path}")
    result(released(found), as_json, text(found))


@app.command("exemptions")
def list_exemptions(as_json: Json = False) -> None:
    """List the exemptions that one may stand on, their law, and whether it was read."""
    from wye.road.report.exemptions.law import LAW

    rows = [
        {"exemption": each.value, "law": row.law, "asks": row.asks, "status": row.status.value}
        for each, row in LAW.items()
    ]
    result(
        rows, as_json, "\n".join(f"{row['exemption']}: {row['asks']}. {row['law']} ({row['status']})" for row in rows)
    )


def _write(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise EnvironmentFault(f"the report cannot be written to `{path}`: {(error.strerror or '').lower()}") from None
