"""Fill in the form of a one-off disclosure: from options, else question by question at a terminal."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import typer

from wye.cli.console import say
from wye.errors import UsageError
from wye.vocabulary import PartyKind, PurposeCode

if TYPE_CHECKING:
    from wye.road.disclose_once.decide import Overrides
    from wye.road.disclose_once.request import Request
    from wye.road.hub import Hub

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[UUID, typer.Argument(help="The request's id; `wye disclose list` tells it.")]
Persons = Annotated[
    list[UUID] | None,
    typer.Argument(help="Whom it is about, by id; more than one may be named. `wye people find` tells it."),
]
To = Annotated[
    str | None, typer.Option("--to", help="The body that is to be told, by its id in an agreement or its name.")
]
Kind = Annotated[PartyKind | None, typer.Option("--kind", help="What kind of body it is, if no agreement knows it.")]
AskedBy = Annotated[
    str | None, typer.Option("--asked-by", help="Who asks: name, office, and how you made sure that it is them.")
]
Need = Annotated[str | None, typer.Option("--need", help="What it is needed for, and why now.")]
Power = Annotated[
    str | None, typer.Option("--power", help="The act and section that it stands on; `wye disclose powers` lists them.")
]
Purpose = Annotated[
    PurposeCode | None, typer.Option("--purpose", help="What for, if the power is for more than one purpose.")
]
Prescribed = Annotated[
    str | None, typer.Option("--prescribed", help="For benefits information: the purpose prescribed by law.")
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field", help="What is to be told: entity, or entity.field; `2:address.postcode` of the second person."
    ),
]
Reason = Annotated[str | None, typer.Option("--reason", help="Why it is decided so, for the record.")]
Override = Annotated[
    list[str] | None, typer.Option("--override", help="A protection that stands, and why it is overridden: NAME=WHY.")
]
File = Annotated[
    Path | None, typer.Option("--file", help="A new file for what is handed over: .html, .json or text; yours alone.")
]


class Form:
    """Ask at the terminal for what was not given; without a terminal, say all of it that is missing at once."""

    def __init__(self) -> None:
        self._missing: list[str] = []

    def ask(self, option: str, given: str | None, question: str) -> str:
        """Give what was given, else the answer."""
        if given is not None:
            return given
        if not sys.stdin.isatty():
            self._missing.append(option)
            return ""
        return cast("str", typer.prompt(question, err=True))

    def many(self, option: str, given: list[str] | None, question: str) -> list[str]:
        """Give a list: an answer is words with spaces between."""
        return given or self.ask(option, None, question).split()

    def done(self) -> None:
        """Raise UsageError if something is missing."""
        if self._missing:
            raise UsageError(f"missing: {', '.join(self._missing)}; at a terminal you are asked for each")


def read_request(
    hub: "Hub",
    form: Form,
    persons: list[UUID] | None,
    to: str | None,
    asked_by: str | None,
    need: str | None,
    power: str | None,
    field: list[str] | None,
    kind: PartyKind | None,
    purpose: PurposeCode | None,
    prescribed: str | None,
) -> "Request":
    """Make the request of what was given and asked for; raises UsageError."""
    from wye.road.disclose_once.facts import kind_of
    from wye.road.disclose_once.request import Request, fields_of, find_power

    who = form.many("PERSON", [str(each) for each in persons or ()], "Whom is it about? (ids, with spaces between)")
    to = form.ask("--to", to, "Which body is to be told?")
    asked_by = form.ask("--asked-by", asked_by, "Who asks? (name, office, how you made sure that it is them)")
    need = form.ask("--need", need, "What do they need it for, and why now?")
    wanted = form.many("--field", field, "What do they need? (such as person.family_name address, with spaces between)")
    law = form.ask("--power", power, "Under which act and section? (such as Children Act 1989 s47(1))")
    form.done()
    row = find_power(law)
    if purpose is None and len(row.purposes) != 1:
        options = ", ".join(row.purposes)
        said = form.ask("--purpose", None, f"What for? {row.name} is for: {options}")
        form.done()
        purpose = _purpose(said, options)
    try:
        ids = tuple(UUID(each) for each in who)
    except ValueError:
        raise UsageError("what was given is no person's id; `wye people find` tells it") from None
    request = Request(
        persons=ids,
        fields=fields_of(wanted, len(ids)),
        recipient=to.strip(),
        kind=kind_of(hub, to.strip(), kind),
        asked_by=asked_by.strip(),
        need=need.strip(),
        act=row.act,
        section=row.section,
        purpose=purpose or row.purposes[0],
        prescribed=prescribed,
    )
    if row.exceptions:
        say(
            f"{row.name} has exceptions of its own: {', '.join(row.exceptions)}; whoever decides says that none applies"
        )
    return request


def _purpose(said: str, options: str) -> PurposeCode:
    try:
        return PurposeCode(said.strip())
    except ValueError:
        raise UsageError(f"`{said}` is no purpose of that power; there are: {options}") from None


def read_overrides(given: list[str] | None) -> "Overrides":
    """Read NAME=WHY; raises UsageError naming the protections that there are."""
    from wye.sharing.one_off import Protection

    found = {}
    for one in given or ():
        name, equals, why = one.partition("=")
        if not equals or name not in set(Protection):
            raise UsageError(f"`--override {name}`: give NAME=WHY, with one of: {', '.join(Protection)}")
        found[Protection(name)] = why
    return found


def caution(request: "Request") -> None:
    """Say that the text of the power was not read, if it was not."""
    from wye.road.disclose_once.request import caution as warn

    if (warning := warn(request.power)) is not None:
        say(warning)


def check_new(file: Path | None) -> None:
    """Refuse to write over a file, before anything is decided; raises UsageError."""
    if file is not None and file.exists():
        raise UsageError(f"`{file}` is there already; what is handed over is written to a new file")
