"""Search, show, verify, witness and export the audit trail. Needs the database and the keys, not the broker."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, cast
from uuid import UUID

import typer

from wye.audit.outside import check_held
from wye.audit.proofs import prove_entry
from wye.audit.search import FoundEntry
from wye.audit.search import search as search_log
from wye.audit.search import show as show_entry
from wye.audit.search_index import standing
from wye.audit.verifier import BrokenNote, open_note, verify_directory
from wye.audit.verify import verify as verify_log
from wye.cli import audit_index, audit_report, audit_section62, audit_snooping
from wye.cli.console import result, say
from wye.cli.trail import Trail, opened
from wye.errors import EvidenceBroken, UsageError
from wye.road.account import clock, signed_in
from wye.road.export import export_on_record
from wye.road.proving import disclosed_by
from wye.road.witness import show_to_witnesses

app = typer.Typer(no_args_is_help=True, help="Search, verify and export the audit trail.")
app.add_typer(audit_report.app, name="report")
app.add_typer(audit_snooping.accounts, name="accounts")
app.command()(audit_section62.section62)
app.command()(audit_index.index)
app.command()(audit_snooping.snooping)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Purpose = Annotated[str, typer.Option(help="Why you look: kept with your name in the trail.")]
Instant = Annotated[datetime | None, typer.Option(help="In UTC, as 2026-11-21 or 2026-11-21T09:30:00.")]


@app.command()
def search(
    person: Annotated[UUID | None, typer.Option(help="The person's id.")] = None,
    agreement: Annotated[str | None, typer.Option(help="The agreement's id.")] = None,
    recipient: Annotated[str | None, typer.Option(help="Who received.")] = None,
    message: Annotated[UUID | None, typer.Option(help="The message's id.")] = None,
    nhs_number: Annotated[
        bool, typer.Option("--nhs-number", help="An NHS number, which is read from standard input.")
    ] = False,
    actor: Annotated[str | None, typer.Option(help="The account that acted.")] = None,
    since: Instant = None,
    until: Instant = None,
    purpose: Purpose = "audit",
    as_json: Json = False,
) -> None:
    """Find the entries that match all that is given, and say up to which entry the search index is verified.

    The search goes on the record, under your account.
    """
    with opened() as trail:
        found = search_log(
            trail.conn,
            trail.keys,
            person=person,
            agreement=agreement,
            recipient=recipient,
            message=message,
            nhs_number=audit_index.typed_number() if nhs_number else None,
            actor=actor,
            since=_utc(since),
            until=_utc(until),
            searcher=signed_in(),
            purpose=purpose,
            at=clock(),
        )
        stands = standing(trail.conn)
    lines = [*map(_line, found), f"{len(found)} found; {audit_index.words(stands)}"]
    told = {"found": [_told(each) for each in found], "index": audit_index.data(stands)}
    result(told, as_json, "\n".join(lines))


@app.command()
def show(
    entry: Annotated[UUID, typer.Argument(help="The entry's id.")], purpose: Purpose = "audit", as_json: Json = False
) -> None:
    """Show one entry. The look goes on the record, under your account."""
    with opened() as trail:
        found = show_entry(trail.conn, trail.keys, entry, searcher=signed_in(), purpose=purpose, at=clock())
    result(_told(found), as_json)


@app.command()
def verify(
    offline: Annotated[Path | None, typer.Option(help="An exported log, instead of the live one.")] = None,
    key: Annotated[str | None, typer.Option(help="With --offline: the log's public key (vkey).")] = None,
    witness_key: Annotated[
        list[str] | None, typer.Option(help="With --offline: the public key of a witness who must have cosigned.")
    ] = None,
    held: Annotated[
        Path | None, typer.Option(help="A checkpoint that was held elsewhere: the log must have begun with it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify every entry, index, hash and checkpoint; exit 1 and name the first that is wrong.

    The live log is then shown to the witnesses of the settings: only they catch a log that was put back, or rewritten
    with its own key. Entries newer than the last checkpoint held outside are vouched for by the log's key alone.
    """
    if (offline is None) != (key is None):
        raise UsageError("`--offline DIR` and `--key VKEY` go together; `wye keys status` shows the key")
    if offline is not None and key is not None:
        report = verify_directory(offline, key, witness_key or (), _text(held))
        parts = f"{report.sealed} ciphertexts and {report.tokens} token lists compared"
        if witness_key:
            parts += f"; witnessed up to {report.witnessed}"
        _tell(asdict(report), report.entries, report.checkpoints, parts, as_json=as_json)
        return
    if witness_key:
        raise UsageError("`--witness-key` goes with `--offline`; the live log's witnesses are in the settings")
    with opened() as trail:
        verification = verify_log(trail.conn, trail.keys)
        told = asdict(verification) | {"witnessed": {}, "witnesses_silent": {}}
        if verification.ok:
            told |= _outside(trail, _text(held))
    parts = f"{verification.waiting} waiting for an index, {verification.disposed} disposed of"
    if told["witnessed"] or told["witnesses_silent"]:
        parts += f"; {len(told['witnessed'])} witnesses agree"
    for why in told["witnesses_silent"].values():
        say(f"not compared: {why}")
    _tell(told, verification.entries, verification.checkpoints, parts, as_json=as_json)


@app.command()
def witness(as_json: Json = False) -> None:
    """Show the newest checkpoint to every witness of the settings and keep what they cosign; exit 1 if one refuses."""
    with opened() as trail:
        if not trail.settings.witnesses:
            raise UsageError("no witness is configured; set WYE_WITNESSES__<NAME>__URL and __KEY")
        found = show_to_witnesses(trail.conn, trail.keys, trail.settings, clock())
    for why in found.silent.values():
        say(why)
    result({"cosigned": dict(found.agreed), "silent": dict(found.silent)}, as_json)
    if found.silent:
        raise typer.Exit(3)


@app.command()
def prove(
    entry: Annotated[UUID | None, typer.Argument(help="The entry's id.")] = None,
    message: Annotated[UUID | None, typer.Option(help="Or the id of a message, as its receipt names it.")] = None,
    as_json: Json = False,
) -> None:
    """Prove that an entry is in the log, to whoever has its leaf hash: prints a .tlog-proof (C2SP tlog-proof).

    A message carries the leaf hash of its disclosure: its recipient checks the proof with the public key alone. To look
    the entry up by its message goes on the record, under your account.
    """
    if (entry is None) == (message is None):
        raise UsageError("name the entry, or by `--message` what a receipt is about")
    with opened() as trail:
        if message is not None:
            entry = disclosed_by(trail.conn, trail.keys, message, actor=signed_in(), at=clock())
        index, leaf, proof = prove_entry(trail.conn, cast("UUID", entry))
        vkey = trail.verifier_key
    say(f"check with: python -m wye.audit.verifier FILE '{vkey}' --leaf {leaf.hex()}")
    result({"entry": str(entry), "index": index, "leaf": leaf.hex(), "key": vkey, "proof": proof}, as_json, proof)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A folder that is to be made.")],
    public: Annotated[bool, typer.Option("--public", help="Leave out ciphertexts and search tokens.")] = False,
    purpose: Purpose = "audit",
    as_json: Json = False,
) -> None:
    """Write the log as static files (C2SP tlog-tiles) that anyone verifies with the public key alone.

    That you export goes on the record before a file is written, with what you left out.
    """
    with opened() as trail:
        made = export_on_record(
            trail.conn, trail.keys, folder, public=public, actor=signed_in(), purpose=purpose, at=clock()
        )
        vkey = trail.verifier_key
    text = f"{made.size} entries in {made.files} files\nverify with: wye audit verify --offline {folder} --key '{vkey}'"
    result({"folder": str(folder), "entries": made.size, "files": made.files, "key": vkey}, as_json, text)


def _outside(trail: Trail, held: str | None) -> dict[str, Any]:
    """Compare the live log with a checkpoint held outside and with its witnesses; what is wrong is told, not raised."""
    check = "held"
    try:
        if held is not None:
            check_held(trail.conn, open_note(held, trail.verifier_key), "the file given")
        check = "witness"
        found = show_to_witnesses(trail.conn, trail.keys, trail.settings, clock())
    except (EvidenceBroken, BrokenNote) as error:
        return {"ok": False, "check": check, "first_wrong": "the log as a whole", "explanation": str(error)}
    return {"witnessed": dict(found.agreed), "witnesses_silent": dict(found.silent)}


def _text(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"`{path}` cannot be read as a checkpoint") from None


def _tell(told: dict[str, object], entries: int, checkpoints: int, parts: str, *, as_json: bool) -> None:
    if told["ok"]:
        text = f"verified: {entries} entries under {checkpoints} checkpoints; {parts}"
    else:
        text = f"WRONG at {told['first_wrong']} (check: {told['check']}): {told['explanation']}"
    result(told, as_json, text)
    if not told["ok"]:
        raise typer.Exit(1)


def _told(found: FoundEntry) -> dict[str, object]:
    told: dict[str, object] = {"id": str(found.id), "index": found.index, "staged_at": found.staged_at.isoformat()}
    if found.event is None:
        return told | {"event": None, "destroyed_by": str(found.destroyed_by) if found.destroyed_by else None}
    event = {name: value for name, value in asdict(found.event).items() if value not in (None, (), {})}
    return told | {"event": event | {"at": found.event.at.isoformat(), "kind": found.event.kind.value}}


def _line(found: FoundEntry) -> str:
    place = "-" if found.index is None else str(found.index)
    event = found.event
    if event is None:
        why = f"values destroyed, as entry {found.destroyed_by} says" if found.destroyed_by else "no longer held"
        return f"{found.staged_at:%Y-%m-%d %H:%M:%S}  {found.id}  {place:>8}  {why}"
    parts = (event.kind.value, event.outcome, event.agreement, event.recipient, f"by {event.actor}", event.purpose)
    told = "  ".join([part for part in parts if part] + ([", ".join(event.reasons)] if event.reasons else []))
    return f"{event.at:%Y-%m-%d %H:%M:%S}  {found.id}  {place:>8}  {told}"


def _utc(instant: datetime | None) -> datetime | None:
    return instant.replace(tzinfo=UTC) if instant is not None and instant.tzinfo is None else instant
