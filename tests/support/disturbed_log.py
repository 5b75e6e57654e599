"""Append to an audit log and sequence it as work that can be stopped at any of its system calls."""

import logging
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection as ToStand
from pathlib import Path
from typing import Self, cast
from uuid import UUID

from audit_log import AT, an_event
from killed_server import kill_server
from system_calls import PATIENCE, Ended, Point, run

from wye import bootstrap
from wye.audit.append import append
from wye.exchange.rows import OutboxRow, copy_outbox
from wye.keys.file import FileKeys
from wye.keys.provider import KeyProvider
from wye.keys.rows import insert_wraps
from wye.keys.sealing import seal_many
from wye.road.hub import Hub
from wye.road.sequence import sequence
from wye.settings import Settings
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

BATCHES = 2
MESSAGES = 3
"""Messages in one transaction, each with its entry."""
BODY = b"{}" * 400


def settings_for(url: str, home: Path) -> Settings:
    """Say where the database and the keys are; nobody asks for the broker."""
    return Settings(home=home, database_url=url, amqp_url="amqp://nobody@127.0.0.1:1/none", agreements=home / "none")


def disclose(conn: Connection, keys: KeyProvider) -> list[UUID]:
    """Make messages ready with their entries, in one transaction, as a share does; gives the messages."""
    messages = [(uuid7(), uuid7(), BODY) for _ in range(MESSAGES)]
    with conn.transaction():
        entries = append(conn, keys, [an_event(person=person, message=one) for one, person, _ in messages], AT)
        sealed = seal_many(keys, messages)
        insert_wraps(conn, sealed)
        rows = [
            OutboxRow(
                one, "adult-care-acute", "1.0", "arrowshire-hospitals", person, str(person), "put", box.ciphertext,
                sha256(BODY).digest(), bytes(32), entry.id, AT,
            )
            for (one, person, _), box, entry in zip(messages, sealed, entries, strict=True)
        ]  # fmt: skip
        copy_outbox(conn, rows)
    return [one for one, _, _ in messages]


def _disclosing(settings: Settings, begin: Callable[[], None], tell: Callable[[bytes], None]) -> None:
    keys = FileKeys.open(settings.keys, create=False)
    with connect(str(settings.database_url)) as conn:
        begin()
        for _ in range(BATCHES):
            tell(b"".join(one.bytes for one in disclose(conn, keys)))


def _sequencing(hub: Hub, begin: Callable[[], None], tell: Callable[[bytes], None]) -> None:
    begin()
    tell(sequence(hub)["size"].to_bytes(8))


def acknowledged(ended: Ended) -> set[UUID]:
    """Read which messages the writer was told to be durable."""
    return {UUID(bytes=ended.told[at : at + 16]) for at in range(0, len(ended.told), 16)}


class Stand:
    """Hold a process of its own that forks the work, point by point, and is warm for it."""

    def __init__(self, settings: Settings) -> None:
        spawn = get_context("spawn")
        self._ours, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(settings, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.close()
        self._process.join(10)
        self._process.kill()

    def append(self, point: Point | None = None, kill: Path | None = None) -> Ended:
        """Append batches of messages with their entries; `kill` names the data folder of a server to be killed there."""
        return self._ask("append", point, kill)

    def sequence(self, point: Point | None = None, kill: Path | None = None) -> Ended:
        """Sequence what waits, as `wye run` does."""
        return self._ask("sequence", point, kill)

    def _ask(self, *words: object) -> Ended:
        self._ours.send(words)
        if not self._ours.poll(PATIENCE + 10):
            raise AssertionError("the stand does not answer")
        ended = self._ours.recv()
        if not isinstance(ended, Ended):
            raise AssertionError(f"at {words}: {ended}")  # noqa: TRY004  a failed test, not a wrong type
        return ended


def _serve(settings: Settings, asked: "ToStand[object, object]") -> None:
    logging.disable()  # what psycopg says of links that the tests broke
    while True:
        try:
            what, point, kill = cast("tuple[str, Point | None, Path | None]", asked.recv())
        except EOFError:
            return
        try:
            asked.send((_append if what == "append" else _sequence)(settings, point, kill))
        except Exception as error:  # noqa: BLE001  told to the test
            asked.send(repr(error))


def _append(settings: Settings, point: Point | None, kill: Path | None) -> Ended:
    return run(partial(_disclosing, settings), point, partial(kill_server, kill) if kill else None)


def _sequence(settings: Settings, point: Point | None, kill: Path | None) -> Ended:
    with bootstrap.open_hub(settings) as hub:
        return run(partial(_sequencing, hub), point, partial(kill_server, kill) if kill else None)
