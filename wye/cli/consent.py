"""Record what people agree and object to, and show it: `wye consent`."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from wye.cli import consent_opt_out
from wye.cli.consent_words import held, reach_lines, shown_data, shown_lines
from wye.cli.console import result, say
from wye.errors import UsageError
from wye.vocabulary import ConsentKind, ConsentScope, GiverCapacity

if TYPE_CHECKING:
    from wye.road.consents import Recorded

app = typer.Typer(
    no_args_is_help=True, help="Record what people agree and object to; nothing is forgotten, and it counts at once."
)
app.add_typer(consent_opt_out.app, name="opt-out")

Person = Annotated[UUID, typer.Argument(help="The person's id; `wye people find` tells it.")]
Kind = Annotated[
    ConsentKind,
    typer.Option("--kind", help="confidentiality (common law), uk-gdpr, or objection: one never counts for another."),
]
Scope = Annotated[ConsentScope, typer.Option("--scope", help="What it covers.")]
By = Annotated[str, typer.Option("--by", help="Who said it, and how you made sure that it is them.")]
Capacity = Annotated[str, typer.Option("--capacity", help=f"In what capacity: {', '.join(GiverCapacity)}.")]
Reference = Annotated[
    str | None, typer.Option("--reference", help="Of a deputy's order or an attorney's registration, that covers this.")
]
Evidence = Annotated[str, typer.Option("--evidence", help="How it was said, and where what shows it is kept.")]
On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day it was said; else today.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def record(
    person: Person,
    kind: Kind,
    scope: Scope,
    by: By,
    capacity: Capacity,
    evidence: Evidence,
    refused: Annotated[bool, typer.Option("--refused", help="They were asked, and said no.")] = False,
    reference: Reference = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Record that consent was given or, with --refused, refused."""
    if kind is ConsentKind.OBJECTION:
        raise UsageError("an objection is no consent: `wye consent object` records it")
    _record(person, kind, scope, not refused, by, capacity, evidence, reference, on, "consent record", as_json)


@app.command()
def withdraw(
    person: Person,
    kind: Kind,
    scope: Scope,
    by: By,
    capacity: Capacity,
    evidence: Evidence,
    reference: Reference = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Record that a consent, or an objection, was withdrawn; what was said before is kept."""
    _record(person, kind, scope, False, by, capacity, evidence, reference, on, "consent withdraw", as_json)


@app.command("object")
def object_(
    person: Person,
    scope: Scope,
    by: By,
    capacity: Capacity,
    evidence: Evidence,
    reference: Reference = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Record an objection, and say what it does under each agreement in force. Exit 1 if somebody has to answer it."""
    kind = ConsentKind.OBJECTION
    _record(person, kind, scope, True, by, capacity, evidence, reference, on, "consent object", as_json)


@app.command()
def answer(
    objection: Annotated[UUID, typer.Argument(help="The objection's id; `wye consent show` tells it.")],
    agreement: Annotated[str, typer.Argument(help="The agreement that goes on in spite of it.")],
    reason: Annotated[str, typer.Option("--reason", help="The compelling legitimate grounds (UK GDPR Article 21(1)).")],
    as_json: Json = False,
) -> None:
    """Record why an agreement goes on in spite of an objection. It releases nothing that is withheld."""
    from wye.cli.hub import open_hub
    from wye.road.objections import answer as keep

    with open_hub() as hub:
        done = keep(hub, objection, agreement, reason)
    told = {"answer": done.id, "objection": objection, "agreement": done.agreement, "version": done.version}
    result(told, as_json, f"answered: objection {objection} under {done.agreement} {done.version}; tell the person")


@app.command()
def uphold(
    objection: Annotated[UUID, typer.Argument(help="The objection's id; `wye consent show` tells it.")],
    agreement: Annotated[str, typer.Argument(help="The agreement that stops for this person.")],
    reason: Annotated[str, typer.Option("--reason", help="Why there are no compelling legitimate grounds to go on.")],
    as_json: Json = False,
) -> None:
    """Stop an agreement for one person who objected: nothing more is shared, and what its recipient holds is withdrawn."""
    from wye.cli.hub import open_hub
    from wye.road.objections import uphold as keep

    with open_hub() as hub:
        done = keep(hub, objection, agreement, reason)
    told = {"upheld": done.id, "objection": objection, "agreement": done.agreement}
    result(told, as_json, f"upheld: objection {objection} under {done.agreement}; tell the person")


@app.command()
def waiting(as_json: Json = False) -> None:
    """List the objections that somebody has to answer, and by when; of whom, is not told. Exit 1 if one is overdue."""
    from wye.cli.hub import open_hub
    from wye.road.objections import waiting as list_waiting

    with open_hub() as hub:
        at = hub.at()
        found = list_waiting(hub)
    late = [one for one in found if one.overdue(at)]
    lines = [
        f"{one.objection}  {one.scope}  said {one.said_on}  {one.agreement} {one.version}  answer by {one.answer_by}"
        f"{'  OVERDUE' if one in late else ''}"
        for one in found
    ]
    told = [asdict(one) | {"overdue": one in late} for one in found]
    result(told, as_json, "\n".join(lines) or "no objection waits for an answer")
    if late:
        raise typer.Exit(1)


@app.command()
def show(person: Person, as_json: Json = False) -> None:
    """Show what a person said, to us and to the systems, what counts, and what their objections do. The look is on record."""
    from wye.cli.hub import open_hub
    from wye.road.consents import show as look

    with open_hub() as hub:
        found = look(hub, person)
    result(shown_data(found), as_json, "\n".join(shown_lines(found)))


def _record(
    person: UUID,
    kind: ConsentKind,
    scope: ConsentScope,
    given: bool,
    by: str,
    capacity: str,
    evidence: str,
    reference: str | None,
    on: datetime | None,
    purpose: str,
    as_json: bool,
) -> None:
    from wye.agreements.days import day_of
    from wye.cli.hub import open_hub
    from wye.consent.giving import Word, read_capacity
    from wye.consent.objecting import Effect
    from wye.road.consents import record as keep

    who = read_capacity(capacity)
    with open_hub() as hub:
        said_on = on.date() if on is not None else day_of(hub.at())
        word = Word(
            kind=kind, scope=scope, given=given, said_on=said_on, capacity=who, said_by=by, reference=reference,
            evidence=evidence,
        )  # fmt: skip
        done = keep(hub, person, word, purpose)
    _tell(done, as_json)
    if any(each.effect is Effect.TO_ANSWER for each in done.reaches):
        raise typer.Exit(1)


def _tell(done: "Recorded", as_json: bool) -> None:
    counts = done.counts is not None and done.counts.record == done.word
    told = {
        "word": done.word,
        "person": done.person,
        "counts": counts,
        "counting": None if done.counts is None else held(done.counts),
        "reaches": [each._asdict() for each in done.reaches],
    }
    if not counts:
        say(
            "this word does not count: a newer one, a stricter one of the same day, or none at all (`wye consent show`)"
        )
    result(told, as_json, "\n".join([f"recorded: {done.word}", *reach_lines(done.reaches)]))
