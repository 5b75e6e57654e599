"""List, learn, show, draw and put in force versions of the linkage model."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wye.cli.console import result, say

if TYPE_CHECKING:
    from wye.identity.model_rows import Version
    from wye.road.model import Shown

model = typer.Typer(no_args_is_help=True, help="Versions of the linkage model: learn, look, and put one in force.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Named = Annotated[str, typer.Argument(help="A version's id, or `shipped` for the one that comes with Wye.")]


@model.command("list")
def listing(as_json: Json = False) -> None:
    """List the versions: when and from how many records each was learnt, its state, who put it in force and why."""
    from wye.cli.hub import open_hub
    from wye.identity import model_rows
    from wye.road.model import SHIPPED

    with open_hub() as hub:
        shipped = "in force" if model_rows.shipped_is_in_force(hub.conn) else "available"
        first: dict[str, object] = {"version": SHIPPED, "state": shipped}
        found = [first, *map(_line, model_rows.versions(hub.conn))]
    result(found, as_json, "\n".join(" ".join(f"{key}={value}" for key, value in one.items()) for one in found))


@model.command()
def show(version: Named, as_json: Json = False) -> None:
    """Show a version, what it lets expect, and how many links it would make and break here; nothing is changed."""
    from wye.cli.hub import open_hub
    from wye.road.model import show as look

    with open_hub() as hub:
        shown = look(hub, version)
    result(_told(shown), as_json)


@model.command()
def train(as_json: Json = False) -> None:
    """Learn a candidate from all records of this hub. It changes nothing until somebody puts it in force."""
    from wye.cli.hub import open_hub
    from wye.road.train import train as learn

    say("learning from all records; this takes a minute for ten thousand")
    with open_hub() as hub:
        trained = learn(hub, always=True)
    say(f"see what it would change: wye people model show {trained.version}")
    result({"version": str(trained.version), "records": trained.records}, as_json)


@model.command()
def use(
    version: Named,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")],
    as_json: Json = False,
) -> None:
    """Put a version in force: the next run of identify looks at every record by it. See first what `show` counts."""
    from wye.cli.hub import open_hub
    from wye.road.model import use as put_in_force

    with open_hub() as hub:
        put_in_force(hub, version, reason)
    say("every record is looked at by it in the next run: wye run, or the DAG identity")
    result({"version": version, "state": "in force"}, as_json)


@model.command()
def chart(
    version: Named,
    html: Annotated[Path, typer.Option("--html", help="Where to write the page.", dir_okay=False)],
    as_json: Json = False,
) -> None:
    """Draw a version on one page: what each level weighs, m and u, and what each threshold lets expect."""
    from wye.cli.hub import open_hub
    from wye.identity import model_rows
    from wye.identity.model_page import page
    from wye.road.model import SHIPPED, parameters_of

    with open_hub() as hub:
        parameters = parameters_of(hub, version)
        found = [one for one in model_rows.versions(hub.conn) if str(one.id) == version]
    facts = {key: str(value) for key, value in (_line(found[0]) if found else {"version": SHIPPED}).items()}
    html.write_text(page(version, facts | {"records": f"{parameters['records']:,}"}, parameters), encoding="utf-8")
    result({"version": version, "html": str(html)}, as_json)


def _line(version: "Version") -> dict[str, object]:
    expected = version.parameters.get("expected", {})
    told: dict[str, object] = {
        "version": str(version.id),
        "state": version.state,
        "trained_at": version.trained_at.isoformat(timespec="seconds"),
        "records": version.records,
        "expected_precision": expected.get("precision"),
        "expected_recall": expected.get("recall"),
    }
    if version.put_in_force_at:
        told |= {
            "put_in_force_by": version.put_in_force_by,
            "put_in_force_at": version.put_in_force_at.isoformat(timespec="seconds"),
            "reason": version.reason,
        }
    return told


def _told(shown: "Shown") -> dict[str, object]:
    from wye.identity import model as linkage_model

    thresholds = {"join": linkage_model.JOIN, "fracture": linkage_model.FRACTURE, "doubt": linkage_model.DOUBT}
    return {
        **(_line(shown.version) if shown.version else {"version": shown.name}),
        "in_force": shown.in_force,
        "records_learnt_from": shown.parameters["records"],
        "thresholds": thresholds,
        "here": asdict(shown.preview),
        "levels": {
            name: {label: {"m": m, "u": u} for label, (m, u) in levels.items()}
            for name, levels in shown.parameters["comparisons"].items()
        },
    }
