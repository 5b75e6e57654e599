"""Show, rotate and retire the wrapping keys, and shred a person's: which there are, never what they are."""

from datetime import timedelta
from typing import Annotated

import typer

from wye.cli.console import result, say
from wye.cli.keys_shred import hold, shred
from wye.cli.trail import opened
from wye.keys.rotation_rows import superseded
from wye.keys.rows import wraps_by_provider_key
from wye.road.account import clock, signed_in
from wye.road.retire import retire as retire_keys
from wye.road.rotate import rotate as rotate_key

app = typer.Typer(no_args_is_help=True, help="Show, rotate and retire the keys of this hub, and shred a person's.")
app.add_typer(shred, name="shred")
app.add_typer(hold, name="hold")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def status(as_json: Json = False) -> None:
    """Say which wrapping key is current, what each one wraps, and the public key of the audit log."""
    with opened("application") as trail:
        days = timedelta(days=trail.settings.backup_days)
        wraps = wraps_by_provider_key(trail.conn)
        held = {name: wraps.pop(name, 0) for name in trail.keys.wrapping_keys}
        ends = {
            each.provider_key: (each.rewrapped_at + days).isoformat() if each.rewrapped_at else None
            for each in superseded(trail.conn)
            if each.destroyed_at is None
        }
        told = {
            "place": trail.keys.place,
            "current": trail.keys.current,
            "wraps": held,
            "wraps_without_key": wraps,
            "retire_from": ends,
            "audit_key": trail.verifier_key,
        }
    result(told, as_json)


@app.command()
def rotate(as_json: Json = False) -> None:
    """Make a new wrapping key and move every wrap to it. Safe to stop and ask for again; exit 1 if a wrap is broken."""
    with opened("application") as trail:
        done = rotate_key(
            trail.conn,
            trail.keys,
            actor=signed_in(),
            at=clock(),
            tell=lambda moved, of: say(f"{moved} of {of} wraps moved"),
        )
    told = {
        "current": done.current,
        "superseded": list(done.superseded),
        "resumed": done.resumed,
        "rewrapped": done.rewrapped,
        "left": done.left,
        "broken": [str(value) for value in done.broken],
    }
    if done.left:
        say(f"{done.left} wraps were made under an old key meanwhile: ask again")
    result(told, as_json)
    if done.broken:
        raise typer.Exit(1)


@app.command()
def retire(
    now: Annotated[
        bool, typer.Option("--now", help="Do not wait until backups have ended: those made under it become unreadable.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Destroy wrapping keys that wrap nothing any more, and with them every old backup's secrets."""
    with opened("application") as trail:
        days = trail.settings.backup_days
        done = retire_keys(trail.conn, trail.keys, actor=signed_in(), at=clock(), backup_days=days, now=now)
    for name, why in done.kept.items():
        say(f"{name} is kept: {why}")
    result({"destroyed": list(done.destroyed), "kept": done.kept}, as_json)
