"""Check, show and verify agreements. Needs no database: whether one was suspended, `wye run` finds out."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from wye.agreements.checking import check as check_agreement
from wye.agreements.in_force import load_one, read_agreement
from wye.agreements.showing import show as show_agreement
from wye.agreements.signing import load_signers
from wye.errors import AgreementRefused, UsageError
from wye.settings import Settings
from wye.sharing.cases import failing
from wye.sharing.policy import compile_policy

app = typer.Typer(no_args_is_help=True, help="Check, show and verify sharing agreements.")

Id = Annotated[str | None, typer.Argument(help="The agreement's id; all of them, if left out.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def check(agreement: Id = None, as_json: Json = False) -> None:
    """Check agreements before signing: whole, lawful on their face, and every case holds."""
    _tell({folder.name: _findings(folder) for folder in _folders(agreement)}, "in order", as_json=as_json)


@app.command()
def show(agreement: Annotated[str, typer.Argument(help="The agreement's id.")]) -> None:
    """Show an agreement in plain English."""
    typer.echo(show_agreement(read_agreement(_folders(agreement)[0]).agreement))


@app.command()
def verify(agreement: Id = None, as_json: Json = False) -> None:
    """Verify that every required office, and nobody else, signed exactly these texts."""
    settings = Settings()
    found: dict[str, list[str]] = {}
    for folder in _folders(agreement):
        try:
            signers = load_signers(
                settings.agreements, settings.agreements_root, allow_examples=settings.allow_example_signers
            )
            load_one(folder, signers)
            found[folder.name] = []
        except AgreementRefused as error:
            found[folder.name] = str(error).splitlines()
    _tell(found, "signed by all who must", as_json=as_json)


@app.command(name="bytes")
def signed_bytes(agreement: Annotated[str, typer.Argument(help="The agreement's id.")]) -> None:
    """Write the bytes that a signatory signs: `wye agreements bytes ID | ssh-keygen -Y sign -n sharing-agreement@wye -f KEY`."""
    sys.stdout.buffer.write(read_agreement(_folders(agreement)[0]).text.framed())


def _folders(agreement: str | None) -> list[Path]:
    home = Settings().agreements
    found = sorted(path.parent for path in home.glob("*/agreement.yaml"))
    if agreement is None:
        if not found:
            raise UsageError(f"no agreements in `{home}`; set WYE_AGREEMENTS to their folder")
        return found
    chosen = [folder for folder in found if folder.name == agreement]
    if not chosen:
        raise UsageError(f"no agreement `{agreement}`; there are: {', '.join(folder.name for folder in found)}")
    return chosen


def _findings(folder: Path) -> list[str]:
    try:
        loaded = read_agreement(folder)
    except AgreementRefused as error:
        return str(error).splitlines()
    findings = [str(finding) for finding in check_agreement(loaded.document, loaded.cases)]
    return findings or list(failing(compile_policy(loaded.agreement), loaded.cases.value))


def _tell(found: dict[str, list[str]], good: str, *, as_json: bool) -> None:
    """Print the findings of each agreement; exit 1 if there are any."""
    if as_json:
        answer = {name: {"ok": not findings, "findings": findings} for name, findings in found.items()}
        typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())
    else:
        for name, findings in found.items():
            typer.echo(f"{name}: {good if not findings else ''}".rstrip())
            for finding in findings:
                typer.echo(f"  {finding}")
    if any(found.values()):
        raise typer.Exit(1)
