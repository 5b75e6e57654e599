"""Sign agreements, move them through their life, warn before they lapse, and collect what parties certify at the end."""

from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from wye.agreements import rows, sign
from wye.agreements.days import day_of
from wye.agreements.in_force import read_agreement
from wye.agreements.kept import in_force_at
from wye.agreements.life import Move
from wye.agreements.loading import read
from wye.agreements.showing import show
from wye.agreements.signing import load_signers
from wye.agreements.words import Disposal
from wye.cli.agreements_findings import findings
from wye.cli.agreements_folder import folders
from wye.cli.console import result
from wye.cli.hub import open_hub
from wye.errors import UsageError
from wye.road import agreement_life
from wye.road.agreement_end import certify as record_certificate
from wye.road.agreement_end import overdue
from wye.road.lapse import lapses
from wye.settings import Settings

Id = Annotated[str, typer.Argument(help="The agreement's id.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option(help="Why: kept with your name in the trail.")]


class Step(StrEnum):
    """Name the moves that an account may make."""

    PROPOSE = Move.PROPOSE.value
    SUSPEND = Move.SUSPEND.value
    RESUME = Move.RESUME.value
    END = Move.END.value


def sign_agreement(
    agreement: Id,
    office: Annotated[str, typer.Option("--as", help="Your office, such as caldicott-guardian.arrowshire-council.")],
    key: Annotated[Path | None, typer.Option(help="Your private key (OpenSSH, Ed25519). It goes nowhere.")] = None,
    taken: Annotated[
        Path | None, typer.Option("--signature", help="A signature made by `ssh-keygen -Y sign` instead.")
    ] = None,
) -> None:
    """Sign an agreement, on your own machine. Refused: a text with findings, a key not enrolled for the office, its drafter."""
    if (key is None) == (taken is None):
        raise UsageError("give either `--key` or `--signature`")
    settings, home = Settings(), folders(agreement)[0]
    if found := findings(home):
        raise UsageError(f"`{agreement}` is not ready to be signed:\n" + "\n".join(found))
    loaded = read_agreement(home)
    signers = load_signers(settings.agreements, settings.agreements_root, allow_examples=settings.allow_example_signers)
    armored = (
        read(taken) if taken is not None else sign.signature(loaded.text.framed(), sign.load_key(read(key or Path())))
    )
    path = sign.put(loaded, office, armored, signers)
    typer.echo(f"signed {agreement} {loaded.agreement.version} as {office}: {path.name}, sha256 {loaded.digest.hex()}")


def move(
    agreement: Id,
    step: Annotated[Step, typer.Argument(help="What to do with it.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Propose, suspend, resume or end the version in its folder. On the record; docs/agreement-life.md has the table."""
    folders(agreement)
    with open_hub() as hub:
        state = agreement_life.move(hub, agreement, Move(step.value), reason)
        owed = [each.party for each in rows.certificates(hub.conn, agreement) if each.outcome is None]
    told = {"agreement": agreement, "state": state.value, "certificates_owed": owed}
    owing = f"; certificates are owed by {', '.join(owed)}" if owed else ""
    result(told, as_json, f"{agreement} is {state}{owing}")


def states(as_json: Json = False) -> None:
    """Say of each agreement in what state its version is, and who has yet to sign."""
    with open_hub() as hub:
        found = [agreement_life.stands(hub, read_agreement(each), hub.at()) for each in folders(None)]
    told = [
        {
            "agreement": each.agreement.id,
            "version": each.agreement.version,
            "state": each.state.value,
            "missing": list(each.missing),
        }
        for each in found
    ]
    lines = [
        f"{each.agreement.id} {each.agreement.version}: {each.state}"
        + (f"; not signed by {', '.join(each.missing)}" if each.missing else "")
        for each in found
    ]
    result(told, as_json, "\n".join(lines))


def versions(
    agreement: Id,
    as_of: Annotated[
        datetime | None, typer.Option(help="Show the version in force at this instant (UTC) in plain English instead.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write every version with its signatures here, a folder each, to verify.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List every version that this hub ever enforced, and what happened to it."""
    with open_hub() as hub:
        kept, events = agreement_life.kept(hub, agreement), rows.events_of(hub.conn, agreement)
    if as_of is not None:
        then = in_force_at(kept, events, as_of.replace(tzinfo=UTC))
        result({}, as_json=False, text=show(then.load().agreement))
        return
    if out is not None:
        for each in kept:
            each.write(out / f"{each.agreement}-{each.version}")
    told = [
        {
            "version": each.version,
            "digest": each.digest.hex(),
            "events": [
                {"state": event.state.value, "at": event.at.isoformat(), "actor": event.actor, "reason": event.reason}
                for event in events
                if event.version == each.version
            ],
        }
        for each in kept
    ]
    lines = []
    for each in kept:
        lines.append(f"{each.version} sha256 {each.digest.hex()}")
        mine = [event for event in events if event.version == each.version]
        lines += [f"  {event.at:%Y-%m-%d %H:%M} {event.state} by {event.actor}: {event.reason}" for event in mine]
    result(told, as_json, "\n".join(lines) or "no version was enforced yet")


def lapsing(as_json: Json = False) -> None:
    """Say what is to be reviewed or expires within 60 days, or has lapsed, and whom to tell; exit 1 if anything does."""
    with open_hub() as hub:
        found = lapses(hub)
    result([asdict(each) for each in found], as_json, "\n".join(map(str, found)) or "nothing lapses within 60 days")
    if found:
        raise typer.Exit(1)


def certificates(
    agreement: Annotated[str | None, typer.Argument(help="The agreement's id.")] = None, as_json: Json = False
) -> None:
    """List what parties owe or certified after an agreement ended; exit 1 if one is overdue."""
    with open_hub() as hub:
        found, at = rows.certificates(hub.conn, agreement), hub.at()
    late = [each for each in found if overdue(each, at)]
    lines = [
        f"{each.agreement} {each.version}, {each.party}: "
        + (
            f"{each.outcome} ({each.reference})"
            if each.outcome
            else f"owed by {each.due_on}{' OVERDUE' if each in late else ''}"
        )
        for each in found
    ]
    result([asdict(each) for each in found], as_json, "\n".join(lines) or "no certificate is owed")
    if late:
        raise typer.Exit(1)


def certify(
    agreement: Id,
    party: Annotated[str, typer.Argument(help="The party that certifies.")],
    outcome: Annotated[Disposal, typer.Argument(help="What it did with what it held.")],
    reference: Annotated[str, typer.Option(help="Its letter, and the law by which it keeps what it keeps.")],
    as_json: Json = False,
) -> None:
    """Record what a party certified after an agreement ended."""
    with open_hub() as hub:
        given = record_certificate(hub, agreement, party, outcome, reference)
    result(
        asdict(given), as_json, f"{party} certified on {day_of(datetime.now(UTC))}: {given.outcome} ({given.reference})"
    )
