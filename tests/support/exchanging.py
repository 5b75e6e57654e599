"""Stand a hub and a partner on the two sides of the real broker; payloads are stand-ins, rest in clear and are invented.

Also a program, for tests that kill the hub's side: `python exchanging.py relay|receipts|inbound SIDE.json`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import psycopg

from wye.exchange import inbound, receipts
from wye.exchange.broker import open_channel
from wye.exchange.envelope import InboundMessage
from wye.exchange.identities import hub_party, read_public
from wye.exchange.outbox import OutboxRow, enqueue
from wye.exchange.publisher import Publisher
from wye.exchange.relay import OpenPayload, Payload, Redecide, RelayResult, Verdict, relay
from wye.exchange.session import Feed
from wye.partner.config import Config
from wye.store.database import Connection, connect
from wye.store.ids import uuid7

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
COUNCIL = "arrowshire-council"


@dataclass(frozen=True, slots=True)
class Side:
    """Hold where everything is: what a subprocess needs to be the hub or the partner."""

    database_url: str
    amqp_url: str
    partner_database_url: str
    partner_amqp_url: str
    folder: str
    agreement: str
    other_agreement: str
    partner: str

    @property
    def hub_home(self) -> Path:
        return Path(self.folder) / "hub"

    @property
    def partner_home(self) -> Path:
        return Path(self.folder) / "partner"

    @property
    def partner_config(self) -> Path:
        return self.partner_home / "config.json"

    def save(self) -> Path:
        """Write both configurations; keys must be there."""
        path = Path(self.folder) / "side.json"
        path.write_text(json.dumps(asdict(self)))
        config = {
            "name": self.partner,
            "hub": "../hub/partner.json",
            "database_url": self.partner_database_url,
            "amqp_url": self.partner_amqp_url,
            "feeds": [{"agreement": self.agreement}, {"agreement": self.other_agreement}],
            "inbound": [self.agreement],
            "batch": 50,
        }
        self.partner_config.write_text(json.dumps(config))
        return path

    def config(self) -> Config:
        return Config.load(self.partner_config)

    def feed(self, agreement: str | None = None, *, sign_each: bool = False, **limits: object) -> Feed:
        return Feed(
            agreement or self.agreement,
            read_public(self.partner_home / "partner.json"),
            hub_party(self.hub_home, COUNCIL),
            seal=lambda _value, _holder, plain: plain,
            unseal=lambda _value, sealed: sealed,
            sign_each=sign_each,
            **limits,  # type: ignore[arg-type]
        )

    def relay(
        self,
        conn: Connection,
        *,
        feed: Feed | None = None,
        redecide: Redecide | None = None,
        open_payload: OpenPayload | None = None,
        amqp_url: str | None = None,
        patience: float = 10.0,
        batch: int = 40,
        at: datetime = AT,
        checkpoint: str = "",
    ) -> list[RelayResult]:
        """Relay until nothing waits."""
        results = []
        with Publisher(amqp_url or self.amqp_url, window=25, patience=patience) as publisher:
            while True:
                results.append(
                    relay(
                        conn,
                        publisher,
                        feed or self.feed(),
                        redecide=redecide or send_all,
                        open_payload=open_payload or payloads,
                        at=at,
                        batch=batch,
                        checkpoint=checkpoint,
                    )
                )
                if results[-1].taken == 0:
                    return results

    def receipts(self, conn: Connection) -> receipts.ReceiptCounts:
        with open_channel(self.amqp_url) as channel:
            return receipts.collect(conn, channel, read_public(self.partner_home / "partner.json"), AT)

    def inbound(self, conn: Connection, note_refused: inbound.NoteRefused = lambda _: None) -> inbound.InboundCounts:
        """Land by noting each message in a table of the test's own, in the same transaction."""
        conn.execute("CREATE TABLE IF NOT EXISTS landed_here (id uuid, body text)")

        def land(messages: Sequence[InboundMessage]) -> UUID | None:
            with conn.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO landed_here VALUES (%s, %s)", [(m.id, m.body.decode()) for m in messages]
                )
            return None

        with open_channel(self.amqp_url) as channel:
            return inbound.collect(
                conn,
                channel,
                self.agreement,
                hub_party(self.hub_home, COUNCIL),
                read_public(self.partner_home / "partner.json"),
                land,
                AT,
                batch=20,
                note_refused=note_refused,
            )

    def program(self, *words: str, failpoint: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Be the hub in a process of its own."""
        return _run([__file__, *words, str(self.save())], failpoint)

    def partner_program(self, *words: str, failpoint: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Be the partner in a process of its own."""
        return _run(["-m", "wye.partner", *words], failpoint)


def _run(words: list[str], failpoint: str | None) -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if k != "WYE_FAILPOINT"}
    if failpoint is not None:
        environment["WYE_FAILPOINT"] = failpoint
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def body_of(subject: str, version: int) -> bytes:
    return json.dumps({"subject": subject, "version": version, "note": "naïve “café” ✓"}).encode()


def rows_for(
    conn: Connection, side: Side, entries: Iterable[tuple[str, int, str]], agreement: str | None = None
) -> list[OutboxRow]:
    """Make outbox rows with their audit entries from (subject, version, kind), each a second after the one before."""
    made = []
    for n, (subject, version, kind) in enumerate(entries):
        body = body_of(subject, version) if kind in ("put", "correct") else b""
        made.append(
            OutboxRow(
                uuid7(), agreement or side.agreement, "1.0.0", side.partner, person_of(subject), subject, kind, body,
                sha256(body).digest(), sha256(body + kind.encode()).digest(), uuid7(), AT + timedelta(seconds=n),
            )
        )  # fmt: skip
    with conn.transaction(), conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO audit.entry (id, header, ciphertext, token_salt, staged_at) VALUES (%s, %s, %s, %s, %s)",
            [(row.audit_id, row.audit_id.bytes, b"", b"", AT) for row in made],
        )
        enqueue(conn, made)
    return made


def person_of(subject: str) -> UUID:
    return UUID(bytes=sha256(subject.encode()).digest()[:16])


def send_all(rows: Sequence[OutboxRow]) -> list[Verdict]:
    return [Verdict.send() for _ in rows]


def payloads(rows: Sequence[OutboxRow]) -> list[Payload | None]:
    return [Payload(sha256(b"\0" + row.audit_id.bytes).digest(), "application/json", row.sealed) for row in rows]


def states(conn: Connection) -> dict[str, int]:
    found = conn.execute("SELECT state, count(*) FROM exchange.outbox GROUP BY state").fetchall()
    return {str(state): int(count) for state, count in found}  # type: ignore[call-overload]


def held(side: Side) -> dict[tuple[str, str], tuple[int, str]]:
    """Read what the partner holds: (agreement, subject) to (sequence, body)."""
    with psycopg.connect(side.partner_database_url) as conn:
        found = conn.execute("SELECT agreement, subject, sequence, body FROM partner.held").fetchall()
    return {(agreement, subject): (sequence, body) for agreement, subject, sequence, body in found}


def main() -> None:
    """Run one of the hub's verbs on the side that a file describes."""
    verb, path = sys.argv[1:3]
    side = Side(**json.loads(Path(path).read_text()))
    with connect(side.database_url) as conn:
        match verb:
            case "relay":
                side.relay(conn)
            case "receipts":
                side.receipts(conn)
            case "inbound":
                side.inbound(conn)
            case _:
                raise SystemExit(f"no verb `{verb}`")


if __name__ == "__main__":
    main()
