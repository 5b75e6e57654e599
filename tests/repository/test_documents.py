"""What the documents tell people to type is there: every `wye` command, and every option named with it."""

import re
from importlib import import_module
from pathlib import Path

import pytest
import typer

from wye.cli.main import listed

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TYPED = re.compile(r"`(wye [^`\n]+)`|^(wye [^\n#]+)", re.MULTILINE)
OTHERWISE = {"--help", "--version"}


def commands(path: Path) -> list[str]:
    return [(inline or line).strip() for inline, line in TYPED.findall(path.read_text(encoding="utf-8"))]


def wrong(typed: str) -> str | None:
    """Say what is not there of one line as typed, or nothing. Commands of one noun may be listed, with commas."""
    nouns, *words = typed.removeprefix("wye ").split()
    noun = nouns.strip(",")
    if noun.startswith("-"):
        return None
    if noun not in listed():
        return noun
    if nouns.endswith(","):
        return next((word for word in words if word.strip(",") not in listed()), None)
    at: object = typer.main.get_command(import_module(f"wye.cli.{noun}").app)
    known, after_comma = options(at) | OTHERWISE, False
    for word in words:
        below = getattr(at, "commands", {})
        name, more = word.strip(","), word.endswith(",")
        if word.startswith("--"):
            if word.split("=")[0] not in known:
                return word
        elif below and re.fullmatch(r"[a-z][a-z0-9-]*(\|[a-z][a-z0-9-]*)*", name):
            if absent := [each for each in name.split("|") if each not in below]:
                return absent[0]
            known |= {option for each in name.split("|") for option in options(below[each])}
            at = at if more or after_comma else below[name.split("|")[0]]
        after_comma = more
    return None


def options(command: object) -> set[str]:
    return {name for each in command.params for name in (*each.opts, *each.secondary_opts)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_a_document_names_is_there(path: Path) -> None:
    assert {typed: what for typed in commands(path) if (what := wrong(typed)) is not None} == {}


def test_command_or_option_that_is_not_there_is_found() -> None:
    assert sum(len(commands(path)) for path in DOCUMENTS) > 30
    assert wrong("wye people reviews") == "reviews"
    assert wrong("wye people review decided PAIR") == "decided"
    assert wrong("wye people review --colour") == "--colour"
    assert wrong("wye quality quarantine list, show, throw") == "throw"
    assert wrong("wye peoples") == "peoples"
