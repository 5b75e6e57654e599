"""Search, show, verify and export the audit trail. Needs the database and the keys, not the broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from wye.audit.checkpoint import origin_of, verifier_key
from wye.audit.export import export as export_log
from wye.audit.search import FoundEntry
from wye.audit.search import search as search_log
from wye.audit.search import show as show_entry
from wye.audit.verifier import verify_directory
from wye.audit.verify import verify as verify_log
from wye.cli.console import result
from wye.errors import UsageError
from wye.keys.choose import open_keys
from wye.keys.provider import KeyProvider
from wye.local.places import database
from wye.road.account import clock, signed_in
from wye.settings import Settings
from wye.store.database import Connection, connect, migrate

app = typer.Typer(no_args_is_help=True, help="Search, verify and export the audit trail.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Purpose = Annotated[str, typer.Option(help="Why you look: kept with your name in the trail.")]
Instant = Annotated[datetime | None, typer.Option(help="In UTC, as 2026-11-21 or 2026-11-21T09:30:00.")]


@dataclass(frozen=True, slots=True)
class Trail:
    """Hold what a command on the trail needs."""

    conn: Connection
    keys: KeyProvider
    settings: Settings

    @property
    def verifier_key(self) -> str:
        """Give the public key with which anyone verifies this log."""
        return verifier_key(origin_of(self.settings.council), self.keys.signing_key().public_key())


@contextmanager
def opened() -> Iterator[Trail]:
    """Open the trail of the configured hub; never makes keys."""
    settings = Settings()
    url = database(settings)
    keys = open_keys(settings, create=False)
    migrate(url)
    with connect(url) as conn:
        yield Trail(conn, keys, settings)


@app.command()
def search(
    person: Annotated[UUID | None, typer.Option(help="The person's id.")] = None,
    agreement: Annotated[str | None, typer.Option(help="The agreement's id.")] = None,
    recipient: Annotated[str | None, typer.Option(help="Who received.")] = None,
    message: Annotated[UUID | None, typer.Option(help="The message's id.")] = None,
    actor: Annotated[str | None, typer.Option(help="The account that acted.")] = None,
    since: Instant = None,
    until: Instant = None,
    purpose: Purpose = "audit",
    as_json: Json = False,
) -> None:
    """Find the entries that match all that is given. The search goes on the record, under your account."""
    with opened() as trail:
        found = search_log(
            trail.conn,
            trail.keys,
            person=person,
            agreement=agreement,
            recipient=recipient,
            message=message,
            actor=actor,
            since=_utc(since),
            until=_utc(until),
            searcher=signed_in(),
            purpose=purpose,
            at=clock(),
        )
    lines = [_line(each) for each in found]
    result([_told(each) for each in found], as_json, "\n".join([*lines, f"{len(found)} found"]))


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
    as_json: Json = False,
) -> None:
    """Verify every entry, index, hash and checkpoint; exit 1 and name the first that is wrong."""
    if (offline is None) != (key is None):
        raise UsageError("`--offline DIR` and `--key VKEY` go together; `wye keys status` shows the key")
    if offline is not None and key is not None:
        report = verify_directory(offline, key)
        parts = f"{report.sealed} ciphertexts and {report.tokens} token lists compared"
        _tell(asdict(report), report.entries, report.checkpoints, parts, as_json=as_json)
        return
    with opened() as trail:
        verification = verify_log(trail.conn, trail.keys)
    parts = f"{verification.waiting} waiting for an index, {verification.disposed} disposed of"
    _tell(asdict(verification), verification.entries, verification.checkpoints, parts, as_json=as_json)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A folder that is to be made.")],
    public: Annotated[bool, typer.Option("--public", help="Leave out ciphertexts and search tokens.")] = False,
    as_json: Json = False,
) -> None:
    """Write the log as static files (C2SP tlog-tiles) that anyone verifies with the public key alone."""
    with opened() as trail:
        made = export_log(trail.conn, folder, public=public)
        vkey = trail.verifier_key
    text = f"{made.size} entries in {made.files} files\nverify with: wye audit verify --offline {folder} --key '{vkey}'"
    result({"folder": str(folder), "entries": made.size, "files": made.files, "key": vkey}, as_json, text)


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
        return told | {"event": None}
    event = {name: value for name, value in asdict(found.event).items() if value not in (None, (), {})}
    return told | {"event": event | {"at": found.event.at.isoformat(), "kind": found.event.kind.value}}


def _line(found: FoundEntry) -> str:
    place = "-" if found.index is None else str(found.index)
    event = found.event
    if event is None:
        return f"{found.staged_at:%Y-%m-%d %H:%M:%S}  {found.id}  {place:>8}  no longer held"
    parts = (event.kind.value, event.outcome, event.agreement, event.recipient, f"by {event.actor}", event.purpose)
    told = "  ".join([part for part in parts if part] + ([", ".join(event.reasons)] if event.reasons else []))
    return f"{event.at:%Y-%m-%d %H:%M:%S}  {found.id}  {place:>8}  {told}"


def _utc(instant: datetime | None) -> datetime | None:
    return instant.replace(tzinfo=UTC) if instant is not None and instant.tzinfo is None else instant
