"""Check, show, compare and verify agreements. Needs no database: whether one was suspended, `wye run` finds out."""

import sys
from dataclasses import asdict
from typing import Annotated

import orjson
import typer

from wye.agreements.diff import diff as diff_agreements
from wye.agreements.diff import in_words
from wye.agreements.in_force import load_one, read_agreement
from wye.agreements.showing import show as show_agreement
from wye.agreements.showing import show_html
from wye.agreements.signing import load_signers
from wye.cli import agreements_life, agreements_preview, agreements_publish, agreements_register
from wye.cli.agreements_findings import findings
from wye.cli.agreements_folder import folder, folders
from wye.cli.console import result
from wye.errors import AgreementRefused
from wye.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Check, show, sign and look after sharing agreements.")
app.command()(agreements_preview.preview)
app.command()(agreements_publish.publish)
for made in (agreements_register.register, agreements_register.processing, agreements_register.assets):
    app.command()(made)

app.command(name="sign")(agreements_life.sign_agreement)
app.command()(agreements_life.move)
app.command()(agreements_life.states)
app.command()(agreements_life.versions)
app.command()(agreements_life.lapsing)
app.command()(agreements_life.certificates)
app.command()(agreements_life.certify)

Id = Annotated[str | None, typer.Argument(help="The agreement's id; all of them, if left out.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def check(agreement: Id = None, as_json: Json = False) -> None:
    """Check agreements before signing: whole, lawful on their face, and every case holds."""
    _tell({each.name: findings(each) for each in folders(agreement)}, "in order", as_json=as_json)


@app.command()
def show(
    agreement: Annotated[str, typer.Argument(help="The agreement's id, or the folder of one of its versions.")],
    html: Annotated[bool, typer.Option("--html", help="One HTML page instead of text.")] = False,
) -> None:
    """Show an agreement in plain English: who, why, about whom, by which law, each field and why, how long, how it ends."""
    found = read_agreement(folder(agreement)).agreement
    result({}, as_json=False, text=show_html(found) if html else show_agreement(found))


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="An agreement's id, or the folder of one of its versions.")],
    after: Annotated[str, typer.Argument(help="The same of the other version.")],
    as_json: Json = False,
) -> None:
    """Say in words what one version changes against another: what shares more first, then what shares less."""
    was, now = (read_agreement(folder(each)) for each in (before, after))
    changes = diff_agreements(was.agreement, now.agreement)
    beside = [name for name in ("terms.md", "cases.yaml") if was.text.files[name] != now.text.files[name]]
    told = "\n".join([in_words(changes), *(f"{name} differs: compare its text" for name in beside)])
    result({"changes": [asdict(each) for each in changes], "texts": beside}, as_json, told)


@app.command()
def verify(agreement: Id = None, as_json: Json = False) -> None:
    """Verify that every required office, and nobody else, signed exactly these texts."""
    settings = Settings()
    found: dict[str, list[str]] = {}
    for each in folders(agreement):
        try:
            signers = load_signers(
                settings.agreements, settings.agreements_root, allow_examples=settings.allow_example_signers
            )
            load_one(each, signers)
            found[each.name] = []
        except AgreementRefused as error:
            found[each.name] = str(error).splitlines()
    _tell(found, "signed by all who must", as_json=as_json)


@app.command(name="bytes")
def signed_bytes(agreement: Annotated[str, typer.Argument(help="The agreement's id.")]) -> None:
    """Write the bytes that a signatory signs: `wye agreements bytes ID | ssh-keygen -Y sign -n sharing-agreement@wye -f KEY`."""
    sys.stdout.buffer.write(read_agreement(folders(agreement)[0]).text.framed())


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
