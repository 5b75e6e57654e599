"""Decide on one disclosure that no agreement speaks of: `wye disclose`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from wye.cli.console import result, say
from wye.cli.disclose_form import (
    AskedBy,
    Fields,
    File,
    Form,
    Json,
    Kind,
    Need,
    Number,
    Override,
    Persons,
    Power,
    Prescribed,
    Purpose,
    Reason,
    To,
    caution,
    check_new,
    read_overrides,
    read_request,
)
from wye.cli.disclose_words import decided_words, listed_words, noted_words, opened_data, opened_words, weighed_data
from wye.errors import UsageError
from wye.vocabulary import PartyKind

if TYPE_CHECKING:
    from wye.road.disclose_once.decide import Decided
    from wye.road.disclose_once.review import Finding
    from wye.road.hub import Hub

app = typer.Typer(
    no_args_is_help=True, help="Decide on one disclosure that no agreement speaks of; reviewed within a day."
)


@app.command()
def now(
    persons: Persons = None,
    to: To = None,
    asked_by: AskedBy = None,
    need: Need = None,
    power: Power = None,
    field: Fields = None,
    reason: Reason = None,
    override: Override = None,
    kind: Kind = None,
    purpose: Purpose = None,
    prescribed: Prescribed = None,
    file: File = None,
    as_json: Json = False,
) -> None:
    """Share in an emergency: note the request and decide on it at once. What is not given is asked for, one by one.

    Another account reviews it within 24 hours.
    """
    from wye.road.disclose_once.decide import now as share_now

    check_new(file)
    form = Form()
    with _hub() as hub:
        request = read_request(hub, form, persons, to, asked_by, need, power, field, kind, purpose, prescribed)
        reason = form.ask("--reason", reason, "Why do you decide to share? (for the record)")
        form.done()
        done = share_now(hub, request, reason, read_overrides(override))
        _hand_over(hub, done, file, as_json=as_json)


@app.command()
def ask(
    persons: Persons = None,
    to: To = None,
    asked_by: AskedBy = None,
    need: Need = None,
    power: Power = None,
    field: Fields = None,
    kind: Kind = None,
    purpose: Purpose = None,
    prescribed: Prescribed = None,
    as_json: Json = False,
) -> None:
    """Note a request for somebody to decide on, and tell what stands against it. No value is shown."""
    from wye.road.disclose_once.decide import ask as note

    form = Form()
    with _hub() as hub:
        request = read_request(hub, form, persons, to, asked_by, need, power, field, kind, purpose, prescribed)
        form.done()
        noted = note(hub, request)
    caution(request)
    told = {"request": str(noted.id), "persons": [weighed_data(one) for one in noted.weighed]}
    result(told, as_json, "\n".join(noted_words(noted)))


@app.command()
def decide(
    number: Number,
    word: Annotated[str, typer.Argument(help="share or withhold.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is decided so, for the record.")],
    override: Override = None,
    file: File = None,
    as_json: Json = False,
) -> None:
    """Decide on a request that was noted: to share, or not to. Either is kept, and reviewed by another account."""
    from wye.road.disclose_once import decide as deciding

    if word not in {"share", "withhold"}:
        raise UsageError(f"`{word}` is no decision; there are: share, withhold")
    check_new(file)
    if word == "withhold" and (override or file):
        raise UsageError("`--override` and `--file` are for sharing; leave them out to withhold")
    with _hub() as hub:
        if word == "withhold":
            done = deciding.withhold(hub, number, reason)
        else:
            done = deciding.share(hub, number, reason, read_overrides(override))
        _hand_over(hub, done, file, as_json=as_json)


@app.command("list")
def list_requests(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose review is overdue.")] = False,
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1)] = 50,
    as_json: Json = False,
) -> None:
    """List requests with who decided and reviewed them; nobody that they are about is named. Exit 1 if a review is overdue."""
    from wye.road.disclose_once.rows import listed

    with _hub() as hub:
        at = hub.at()
        found = listed(hub.conn, limit, at if overdue else None)
    late = [one.id for one in found if one.overdue(at)]
    told = [
        {
            "request": str(one.id), "noted_by": one.noted_by, "noted_at": one.noted_at.isoformat(),
            "emergency": one.emergency, "decision": one.word, "decided_by": one.decided_by,
            "review_due": one.review_due.isoformat() if one.review_due else None,
            "finding": one.finding, "reviewed_by": one.reviewed_by, "fields": one.fields, "overdue": one.id in late,
        }
        for one in found
    ]  # fmt: skip
    result(told, as_json, "\n".join(listed_words(found, at)) or "no requests")
    if late:
        raise typer.Exit(1)


@app.command()
def show(
    number: Number,
    values: Annotated[bool, typer.Option("--values", help="Show also what was handed over, word for word.")] = False,
    as_json: Json = False,
) -> None:
    """Show a request, the decision on it and its reviews. The look goes on the record of each person."""
    from wye.road.disclose_once.read import show as look

    with _hub() as hub:
        opened = look(hub, number, values=values)
    result(opened_data(opened), as_json, "\n".join(opened_words(opened)))


@app.command()
def review(
    number: Number,
    finding: Annotated[str, typer.Argument(help="right or wrong.")],
    reason: Annotated[str, typer.Option("--reason", help="What you looked at, and what is to follow.")],
    as_json: Json = False,
) -> None:
    """Review a decision, to share or not to: another account than the one that decided, within 24 hours."""
    from wye.road.disclose_once.review import review as keep

    if finding not in {"right", "wrong"}:
        raise UsageError(f"`{finding}` is no finding; there are: right, wrong")
    with _hub() as hub:
        keep(hub, number, cast("Finding", finding), reason)
    if finding == "wrong":
        say("nothing is called back by this: `wye feeds recall send` does that")
    result({"request": str(number), "finding": finding}, as_json)


@app.command()
def powers(
    kind: Kind = None,
    as_json: Json = False,
) -> None:
    """List the powers that a council may stand on, for whom and what each is, and whether its text was read."""
    from wye.agreements.law import gateways

    rows = [
        {
            "power": row.name, "kind": row.kind.value, "to": [each.value for each in row.recipient],
            "for": [each.value for each in row.purposes], "limit": row.data_limit,
            "exceptions": [each.value for each in row.exceptions], "status": row.status.value,
            "in_force": "no" if row.in_force_from is None else str(row.in_force_from),
        }
        for row in gateways().values()
        if {PartyKind.COUNCIL, PartyKind.COUNCIL_SERVICE} & set(row.discloser) and (kind is None or kind in row.recipient)
    ]  # fmt: skip
    lines = [
        f"{row['power']}: {row['kind']}, to {', '.join(row['to'])}; for {', '.join(row['for'])}; {row['limit']}"
        f" (text {row['status']}; in force: {row['in_force']})"
        for row in rows
    ]
    result(rows, as_json, "\n".join(lines))


@app.command()
def fields(as_json: Json = False) -> None:
    """List what may be named by `--field`, with what each is."""
    from schemas.catalogue import FIELDS
    from wye.sharing.one_off import OURS

    found = {f"{entity}.{name}": facts.description for (entity, name), facts in FIELDS.items() if name not in OURS}
    result(found, as_json, "\n".join(f"{name}: {what}" for name, what in found.items()))


def _hand_over(hub: "Hub", done: "Decided", file: Path | None, *, as_json: bool) -> None:
    """Hand over what was decided. INVARIANT: only here, after the entries are committed: no entry, no disclosure."""
    from wye.cli.disclose_words import write_new
    from wye.road.disclose_once.package import data, written

    told: dict[str, object] = {
        "request": str(done.id),
        "decision": done.word,
        "decided_by": hub.actor,
        "review_due": done.review_due.isoformat(),
        "left_out": [{"person": place, "field": name, "why": why} for place, name, why in done.left_out],
    }
    if done.package is not None:
        caution(done.package.request)
        if file is not None:
            write_new(file, written(done.package, file.suffix))
            say(f"written to {file}")
        else:
            told["handed_over"] = data(done.package)
    result(told, as_json, "\n".join(decided_words(done, shown=file is None)))


@contextmanager
def _hub() -> Iterator["Hub"]:
    from wye.cli.hub import open_hub

    with open_hub() as hub:
        yield hub
