"""Restrict records per person and worker, and answer what a restriction kept from a duty."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from wye.cli.console import result
from wye.cli.people_words import Json, Reason, read_id, why
from wye.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from wye.road.restrictions import Shown
    from wye.sharing.referred_rows import Referred

referred = typer.Typer(
    no_args_is_help=True, help="Answer what a restriction kept from a duty: the named human's list, with a clock."
)

Person = Annotated[str, typer.Argument(help="The person's id.")]
Question = Annotated[str, typer.Argument(help="The question's id; `wye people referred list` tells it.")]
KINDS: dict[str, Literal["account", "party"]] = {"account": "account", "party": "party"}


def register(app: typer.Typer) -> None:
    """Add these commands to `wye people`."""
    for command in (restrict, unrestrict, restrictions):
        app.command()(command)


def restrict(
    person: Person,
    reason: Reason,
    against: Annotated[
        str | None,
        typer.Option("--against", help="account:NAME or party:NAME; against everyone, if left out."),
    ] = None,
    may_look: Annotated[
        list[str] | None,
        typer.Option(
            "--may-look", help="Against everyone: an account that may still look, the named human. Repeatable."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Restrict a person's record: against everyone, one account (a relation, their own record) or one party.

    Against everyone or a party nothing is shared; against an account, that account does nothing with the record.
    """
    from wye.cli.hub import open_hub
    from wye.road.restrictions import restrict as keep

    kind, name = _against(against)
    with open_hub() as hub:
        number = keep(hub, read_id(person), kind, name, may_look or (), why(reason))
    told = {"restriction": number, "person": person, "against": kind, "name": name, "may_look": sorted(may_look or ())}
    result(told, as_json, f"restricted: {number}; `wye people unrestrict {number} --reason` lifts it")


def unrestrict(
    restriction: Annotated[str, typer.Argument(help="The restriction's id; `wye people restrictions` tells it.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Lift a restriction; it stays on the record. Others of the same person, and flags of sources, stand."""
    from wye.cli.hub import open_hub
    from wye.road.restrictions import lift

    with open_hub() as hub:
        persons = lift(hub, read_id(restriction), why(reason))
    result({"restriction": restriction, "persons": persons}, as_json, f"lifted: {restriction}")


def restrictions(person: Person, as_json: Json = False) -> None:
    """List what staff restricted of a person's record, by whom and why, and what was lifted. The look is on the record.

    A source's own flag is not listed: `wye explain` tells when one decides.
    """
    from wye.cli.hub import open_hub
    from wye.road.restrictions import show

    with open_hub() as hub:
        found = show(hub, read_id(person))
    result([_data(one) for one in found], as_json, "\n".join(map(_line, found)) or "staff restricted nothing")


@referred.command("list")
def list_(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what should have been answered.")] = False,
    as_json: Json = False,
) -> None:
    """List what waits for a named human, the most urgent first; of whom, `show` tells. Exit 1 if anything is overdue."""
    from wye.cli.hub import open_hub
    from wye.road.referred import waiting

    with open_hub() as hub:
        at = hub.at()
        found = [one for one in waiting(hub.conn) if not overdue or one.overdue(at)]
    result(
        [_question(one, at) for one in found], as_json, "\n".join(_waits(one, at) for one in found) or "nothing waits"
    )
    if any(one.overdue(at) for one in found):
        raise typer.Exit(1)


@referred.command("show")
def show_(question: Question, as_json: Json = False) -> None:
    """Show of whom a question is, and what was answered, to an account that may look at the record; on the record first."""
    from wye.cli.hub import open_hub
    from wye.road.referred import show

    with open_hub() as hub:
        at = hub.at()
        found = show(hub, read_id(question))
    told = _question(found.question, at) | {"person": found.question.person, "answer": None}
    lines = [_waits(found.question, at), f"  person {found.question.person}"]
    if found.answer is not None:
        told["answer"] = {
            "word": found.answer.word, "one_off": found.answer.one_off, "by": found.answer.answered_by,
            "at": found.answer.answered_at, "reason": found.reason,
        }  # fmt: skip
        lines.append(f"  {found.answer.word} by {found.answer.answered_by}: {found.reason or '(no longer readable)'}")
    else:
        lines.append("  `wye disclose now` or `ask` discloses, then `wye people referred disclosed`; or `withheld`")
    result(told, as_json, "\n".join(lines))


@referred.command()
def disclosed(
    question: Question,
    one_off: Annotated[str, typer.Option("--one-off", help="The one-off disclosure by which it was disclosed.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Answer that it was disclosed, by a one-off disclosure of this person to this recipient."""
    from wye.cli.hub import open_hub
    from wye.road.referred import disclosed as keep

    with open_hub() as hub:
        keep(hub, read_id(question), read_id(one_off), why(reason))
    result({"question": question, "answer": "disclosed", "one_off": one_off}, as_json, f"answered: {question}")


@referred.command()
def withheld(question: Question, reason: Reason, as_json: Json = False) -> None:
    """Answer that nothing is disclosed, and why."""
    from wye.cli.hub import open_hub
    from wye.road.referred import withhold

    with open_hub() as hub:
        withhold(hub, read_id(question), why(reason))
    result({"question": question, "answer": "withheld"}, as_json, f"answered: {question}")


def _against(text: str | None) -> tuple[Literal["everyone", "account", "party"], str | None]:
    if text is None:
        return "everyone", None
    kind, _, name = text.partition(":")
    if kind not in KINDS or not name.strip():
        raise UsageError(f"`--against {text}`: `account:NAME` or `party:NAME`; against everyone, leave it out")
    return KINDS[kind], name.strip()


def _data(one: "Shown") -> dict[str, Any]:
    row, lifted = one.row, one.row.lifted
    return {
        "id": row.id, "against": row.against, "name": row.name, "may_look": row.may_look, "set_by": row.set_by,
        "set_at": row.set_at, "reason": one.reason,
        "lifted": None if lifted is None else {
            "by": lifted.lifted_by, "at": lifted.lifted_at, "reason": one.lifted_because,
        },
    }  # fmt: skip


def _line(one: "Shown") -> str:
    row = one.row
    whom = f"{row.against} `{row.name}`" if row.name else f"everyone but {', '.join(row.may_look)}"
    ended = f"; lifted by {row.lifted.lifted_by}: {one.lifted_because}" if row.lifted is not None else ""
    return f"{row.id}  against {whom}  set by {row.set_by} {row.set_at:%Y-%m-%d}: {one.reason}{ended}"


def _question(one: "Referred", at: "datetime") -> dict[str, Any]:
    told = asdict(one)
    del told["person"]
    return told | {"overdue": one.overdue(at)}


def _waits(one: "Referred", at: "datetime") -> str:
    late = "  OVERDUE" if one.overdue(at) else ""
    return f"{one.id}  {one.agreement} {one.version}  to {one.recipient}  {one.office}  by {one.answer_by:%Y-%m-%d %H:%M}{late}"
