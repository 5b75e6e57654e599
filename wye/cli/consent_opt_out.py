"""Ask the national check of opt-outs and take its answer: `wye consent opt-out`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wye.cli.console import result, say

if TYPE_CHECKING:
    from wye.consent.opt_out_rows import Check

app = typer.Typer(
    no_args_is_help=True,
    help="Ask the NHS who of an extract has no national data opt-out; nobody else leaves where it applies (England).",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def ask(
    agreement: Annotated[str, typer.Argument(help="The id of an agreement to which the opt-out applies.")],
    out: Annotated[Path, typer.Option("--out", help="A folder for the file; nobody else may read it.")],
    as_json: Json = False,
) -> None:
    """Write the file to send over MESH: the NHS numbers of whoever would leave if they have no opt-out. Each is on the record."""
    from wye.cli.hub import open_hub
    from wye.consent.opt_out import WORKFLOW
    from wye.road.opt_out import ask as put

    with open_hub() as hub:
        made = put(hub, agreement, out, say)
        days = hub.settings.opt_out_days
    path = out / made.file_name
    say(f"send it over MESH (workflow {WORKFLOW}) and destroy it; the answer may be used for {days} days from now")
    result(_data(made) | {"file": str(path)}, as_json, f"{made.numbers:,} numbers of {made.people:,} people: {path}")


@app.command()
def receive(
    answer: Annotated[Path, typer.Argument(help="The file that came back, under the name of the one that was sent.")],
    everybody: Annotated[
        bool, typer.Option("--everybody", help="It is the question letter by letter, since nobody in it opted out.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take the answer; everybody in scope is decided again. What does not fit its question is refused whole."""
    from wye.cli.hub import open_hub
    from wye.road.opt_out import receive as take

    with open_hub() as hub:
        done = take(hub, answer, everybody=everybody)
    say(f"destroy `{answer}`: it tells who opted out to whoever knows who was asked about")
    result(_data(done), as_json, f"{done.agreement}: {done.cleared or 0:,} of {done.numbers:,} numbers may be used")


@app.command("list")
def list_(
    agreement: Annotated[
        str | None, typer.Option("--agreement", help="One agreement; all of them, if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List what was asked and answered, the newest first: how many, by whom, and the digests of the files."""
    from wye.cli.hub import open_hub
    from wye.road.opt_out import checks

    with open_hub() as hub:
        found = checks(hub, agreement)
    lines = [
        f"{each.file_name}  {each.agreement} {each.version}  asked {each.asked_at:%Y-%m-%d %H:%M} UTC of"
        f" {each.numbers:,}  {'no answer' if each.cleared is None else f'{each.cleared:,} may be used'}"
        for each in found
    ]
    result([_data(each) for each in found], as_json, "\n".join(lines) or "nothing was asked")


def _data(check: "Check") -> dict[str, Any]:
    return {
        "id": check.id, "agreement": check.agreement, "version": check.version, "file_name": check.file_name,
        "asked_by": check.asked_by, "asked_at": check.asked_at, "people": check.people, "numbers": check.numbers,
        "question_sha256": check.question_sha256.hex(), "answered_by": check.answered_by,
        "answered_at": check.answered_at, "cleared": check.cleared,
        "answer_sha256": None if check.answer_sha256 is None else check.answer_sha256.hex(),
    }  # fmt: skip
