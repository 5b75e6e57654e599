"""Show the keys: which there are, never what they are."""

from typing import Annotated

import typer

from wye.cli.audit import opened
from wye.cli.console import result
from wye.keys.rows import wraps_by_provider_key

app = typer.Typer(no_args_is_help=True, help="Show the keys of this hub.")


@app.callback()
def keys() -> None:
    """Show the keys of this hub."""


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say which wrapping key is current, what each one wraps, and the public key of the audit log."""
    with opened() as trail:
        wraps = wraps_by_provider_key(trail.conn)
        held = {name: wraps.pop(name, 0) for name in trail.keys.wrapping_keys}
        told = {
            "place": trail.keys.place,
            "current": trail.keys.current,
            "wraps": held,
            "wraps_without_key": wraps,
            "audit_key": trail.verifier_key,
        }
    result(told, as_json)
