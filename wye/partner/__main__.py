"""Run the reference partner: `python -m wye.partner --config config.json [--once]`, `... send`, `... init`."""

import signal
import sys
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import orjson
import typer

from wye.errors import UsageError, WyeError, consequence
from wye.partner import rows as sql
from wye.partner.config import Config
from wye.partner.consumer import Consumer
from wye.partner.key_pairs import PUBLIC_FILE, make_party
from wye.partner.send import add_lines, send
from wye.vocabulary import RecallAnswer

app = typer.Typer(help=__doc__, add_completion=False, pretty_exceptions_enable=False)


def _print(result: object) -> None:
    sys.stdout.write(orjson.dumps(result, option=orjson.OPT_SORT_KEYS).decode() + "\n")


@app.callback(invoke_without_command=True)
def consume(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="The partner's configuration (JSON).")] = None,
    once: Annotated[bool, typer.Option("--once", help="Drain the feeds to empty, then end.")] = False,  # noqa: FBT002
) -> None:
    """Consume the feeds, until SIGTERM or, with --once, until they are empty; counts as JSON at the end."""
    if context.invoked_subcommand is not None:
        return
    if config is None:
        raise UsageError("say which partner: --config FILE")
    consumer = Consumer(Config.load(config))
    if once:
        _print(asdict(consumer.run_once()))
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _print(asdict(consumer.run(stop)))


@app.command("send")
def send_command(
    config: Annotated[Path, typer.Option(help="The partner's configuration (JSON).")],
    file: Annotated[Path | None, typer.Option(help="JSON lines to put into the outgoing table first.")] = None,
) -> None:
    """Send what waits in the outgoing table to the hub."""
    loaded, at = Config.load(config), datetime.now(UTC)
    added = 0
    if file is not None:
        try:
            lines = file.read_bytes().splitlines()
        except OSError as error:
            raise UsageError(f"`{file}` cannot be read") from error
        added = add_lines(loaded, lines, at)
    _print({"read": added, "sent": send(loaded, at)})


@app.command("recalls")
def recalls_command(
    config: Annotated[Path, typer.Option(help="The partner's configuration (JSON).")],
) -> None:
    """List what the hub called back and nobody answered yet."""
    with sql.connect(Config.load(config).database_url) as conn:
        _print(sql.recalls(conn))


@app.command("answer")
def answer_command(
    message: Annotated[UUID, typer.Argument(help="The recall's id, as `recalls` lists it.")],
    answer: Annotated[RecallAnswer, typer.Argument(help="What became of what we held.")],
    config: Annotated[Path, typer.Option(help="The partner's configuration (JSON).")],
) -> None:
    """Answer a recall; what we no longer keep is let go of. The answer goes out when the feeds are next consumed."""
    with sql.connect(Config.load(config).database_url) as conn, conn.transaction():
        if not sql.answer_recall(conn, message, answer, datetime.now(UTC)):
            raise UsageError(f"no recall `{message}`; `recalls` lists those that wait")
    _print({"recall": str(message), "answer": answer.value})


@app.command("init")
def init_command(
    home: Annotated[Path, typer.Option(help="Folder for the keys; made if missing.")],
    name: Annotated[str, typer.Option(help="Our name, as the agreements write it.")],
) -> None:
    """Make our key pairs; give the public half, partner.json, to the hub."""
    make_party(home, name)
    _print({"public": str(home / PUBLIC_FILE)})


def main() -> None:
    """Run, and turn our errors into one line on stderr and an exit code."""
    try:
        app()
    except WyeError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(consequence(error).exit_code)


if __name__ == "__main__":
    main()
