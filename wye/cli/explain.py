"""Explain why something about a person is shared under an agreement, or why not, as it would be decided now."""

from typing import Annotated
from uuid import UUID

import typer

from wye.cli.console import result
from wye.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Say why something was shared, or why not.")


@app.command()
def explain(
    person: Annotated[str, typer.Argument(help="The person's id; `wye people find` tells it.")],
    agreement: Annotated[
        str | None, typer.Option("--agreement", help="One agreement; all of them, if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Decide anew, change nothing, and tell field by field what would leave, what would not, and by which rule."""
    from wye.audit.append import append
    from wye.audit.event import Event
    from wye.cli.hub import open_hub
    from wye.identity.merge import records_of
    from wye.intake.pending_rows import of_persons
    from wye.road.decide import Decider
    from wye.road.flows import with_flows
    from wye.sharing.explaining import as_data
    from wye.sharing.explaining import explain as in_words
    from wye.vocabulary import EventKind

    try:
        who = UUID(person)
    except ValueError:
        raise UsageError(f"`{person}` is no person's id; `wye people find` tells it") from None
    with open_hub() as hub:
        if not records_of(hub.conn, who):
            raise UsageError(f"nobody is known as `{who}`; `wye people find` tells a person's id")
        names = sorted({*hub.agreements, *hub.refused}) if agreement is None else [agreement]
        lines: list[str] = []
        data: dict[str, object] = {}
        at = hub.at()
        pending = [each.words() for each in of_persons(hub.conn, [who])[who]]
        lines += [*pending, ""] if pending else []
        for name in names:
            standing = hub.agreements.get(name)
            if standing is None:
                why = hub.refused.get(name)
                if why is None:
                    raise UsageError(f"no agreement `{name}`; there are: {', '.join([*hub.agreements, *hub.refused])}")
                lines += [f"{name}: not in force, nothing is shared: {why}", ""]
                data[name] = {"refused": why}
                continue
            decided = Decider(hub, standing).decide([who], at)
            lines += [name, *(f"  {line}" for line in in_words(decided[0].decision)), ""]
            data[name] = {**as_data(decided[0].decision), "pending_protections": pending}
        # Whoever reads why learns of flags and objections: that is a consultation (section 62).
        event = Event(kind=EventKind.CONSULTATION, at=at, actor=hub.actor, person=who, purpose="explain")
        with hub.conn.transaction():
            append(hub.conn, hub.keys, with_flows(hub.conn, [event]), at)
    result(data, as_json, "\n".join(lines))
