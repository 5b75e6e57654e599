"""Be the command `wye`: list the nouns, hand over to the one that is asked for, turn errors into exit codes."""

import os
import sys
import traceback
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Annotated

import typer

from wye.errors import consequence, in_our_words

COMMANDS = {
    "demo": "Make a county, run the whole road, prove the log.",
    "run": "Walk the road once.",
    "work": "Walk the road for as long as it is let.",
    "health": "Say how the hub is, and what to do about what is red.",
    "services": "Start, stop and show PostgreSQL and RabbitMQ.",
    "sources": "List, check and read the systems that Wye is connected to.",
    "quality": "Show scorecards and the rows to work off.",
    "people": "Find and open people; decide who is who.",
    "consent": "Record, withdraw and show consents.",
    "agreements": "Check, show, compare and verify sharing agreements.",
    "explain": "Say why something was shared, or why not.",
    "disclose": "Record a one-off disclosure.",
    "feeds": "Show, replay and recall what partners were sent.",
    "broker": "Say and check what the broker must look like.",
    "audit": "Search, verify and export the audit trail.",
    "keys": "Show, rotate and shred keys.",
    "serve": "Serve the portal.",
}
"""Each noun and what it is for. One whose module `wye.cli.<noun>` is not there is not listed."""


def listed() -> list[str]:
    """Say which commands there are, without importing any."""
    return [name for name in COMMANDS if find_spec(f"wye.cli.{name}") is not None]


def main() -> None:
    """Run `wye` with the words of the shell, and end with its exit code."""
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone: that is their choice, not an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(words: list[str]) -> int:
    """Run one command; give its exit code: 0 ok, 1 a finding, 2 usage, 3 the environment."""
    try:
        return _call(words)
    except KeyboardInterrupt:
        return 130
    except (typer.Abort, BrokenPipeError):
        return 1
    except typer.TyperException as error:
        return _refuse(error, words)
    except Exception as error:  # noqa: BLE001  whatever it is, its values are shown to nobody
        return _fail(error)


def _call(words: list[str]) -> int:
    name = words[0] if words else ""
    if name in listed():
        command = typer.main.get_command(import_module(f"wye.cli.{name}").app)
        # Typer offers shell completion to each noun, which would complete a program named `wye <noun>`.
        command.params = [one for one in command.params if not str(one.name).endswith("_completion")]
        given = command.main(words[1:], prog_name=f"wye {name}", standalone_mode=False)
    else:
        given = typer.main.get_command(_front()).main(words, prog_name="wye", standalone_mode=False)
    return given if type(given) is int else 0


def _front() -> typer.Typer:
    """Make what stands for `wye` alone: its help and version. The commands are names here, and import nothing."""
    front = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

    @front.callback()
    def wye(
        _: Annotated[
            bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_version)
        ] = False,
    ) -> None:
        """Share what agencies know about people, under the agreements that they signed."""

    for name in listed():
        front.command(name, help=COMMANDS[name])(lambda: None)
    return front


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"wye {version('wye')}")
        raise typer.Exit


def _refuse(error: typer.TyperException, words: list[str]) -> int:
    """Say what is wrong with the words, in the manner of all our errors."""
    message = error.format_message().strip()
    if message:  # none when the help was printed, since nothing was asked
        noun = f" {words[0]}" if words and words[0] in listed() else ""
        _tell(f"{message[:1].lower()}{message[1:].removesuffix('.')}; see `wye{noun} --help`".replace("'", "`"))
    return error.exit_code


def _fail(error: Exception) -> int:
    if os.environ.get("WYE_TRACEBACK") == "1":
        traceback.print_exc()
    known = in_our_words(error)
    _tell(str(known))
    return consequence(known).exit_code


def _tell(message: str) -> None:
    sys.stderr.write(f"wye: {message}\n")
