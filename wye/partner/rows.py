"""Keep the partner's SQL. Every statement is for a whole batch."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast
from uuid import UUID

import psycopg
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from wye.errors import EnvironmentFault
from wye.partner.plan import Opened
from wye.partner.receipt import Receipt, Refusal
from wye.vocabulary import RecallAnswer, ReceiptOutcome

Connection = psycopg.Connection[tuple[object, ...]]
_TABLES_LOCK = 7794
_Due = tuple[UUID, str, str, datetime, int, str | None, str | None]
"""One row that a receipt is made of."""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Hold a message that waits for an earlier one, as it came."""

    agreement: str
    headers: dict[str, object]
    sealed: bytes


@dataclass(frozen=True, slots=True)
class OutgoingRow:
    """Hold one message that we send."""

    id: UUID
    number: int
    agreement: str
    version: str
    subject: str
    media_type: str
    body: str
    created_at: datetime


def connect(url: str) -> AbstractContextManager[Connection]:
    """Open our database in autocommit and make its tables; raises EnvironmentFault."""
    try:
        conn = psycopg.connect(url, autocommit=True, options="-c timezone=UTC", connect_timeout=10)
    except psycopg.OperationalError as error:
        raise EnvironmentFault("the partner's database does not answer; check `database_url`") from error
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (_TABLES_LOCK,))
        conn.execute((Path(__file__).parent / "tables.sql").read_text().encode())
    return conn


def session_keys(conn: Connection) -> dict[tuple[str, str], bytes]:
    """Load every session key, by (agreement, kid)."""
    rows = conn.execute("SELECT agreement, kid, key FROM partner.session_key").fetchall()
    return {(str(agreement), str(kid)): bytes(key) for agreement, kid, key in rows}  # type: ignore[call-overload]  # bytea


def keep_session_keys(conn: Connection, keys: Mapping[tuple[str, str], bytes], at: datetime) -> None:
    """Keep session keys; one that is held already stays as it is."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO partner.session_key (agreement, kid, key, received_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (kid) DO NOTHING",
            [(agreement, kid, key, at) for (agreement, kid), key in keys.items()],
        )


def lock_positions(conn: Connection, subjects: Sequence[str]) -> dict[str, int]:
    """Give the last sequence number applied of each subject, and keep others from moving it."""
    conn.execute(
        "INSERT INTO partner.position (subject, last) SELECT s, 0 FROM unnest(%s::text[]) AS u (s) ORDER BY s"
        " ON CONFLICT DO NOTHING",
        (list(subjects),),
    )
    rows = conn.execute(
        "SELECT subject, last FROM partner.position WHERE subject = ANY(%s) ORDER BY subject FOR UPDATE",
        (list(subjects),),
    ).fetchall()
    return {str(subject): int(last) for subject, last in rows}  # type: ignore[call-overload]  # bigint


def known(conn: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Tell which messages were applied or refused before."""
    rows = conn.execute("SELECT id FROM partner.inbox WHERE id = ANY(%s)", (list(ids),)).fetchall()
    return {id_ for (id_,) in rows}  # type: ignore[misc]  # uuid by the statement


def waiting(conn: Connection, subjects: Sequence[str]) -> list[WaitingRow]:
    """Give the messages of these subjects that wait for an earlier one."""
    with conn.cursor(row_factory=class_row(WaitingRow)) as cursor:
        return cursor.execute(
            "SELECT agreement, headers, sealed FROM partner.waiting WHERE subject = ANY(%s)", (list(subjects),)
        ).fetchall()


def count_waiting(conn: Connection) -> int:
    """Count the messages that wait for an earlier one of their subject."""
    row = conn.execute("SELECT count(*) FROM partner.waiting").fetchone()
    return int(row[0]) if row else 0  # type: ignore[call-overload]  # bigint


def keep_waiting(conn: Connection, messages: Sequence[Opened]) -> None:
    """Keep messages until the earlier ones of their subject have come."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO partner.waiting (subject, sequence, id, agreement, headers, sealed)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                (m.message.attributes.subject, m.message.attributes.sequence, m.message.attributes.id,
                 m.message.attributes.agreement, Jsonb(dict(m.headers)), m.sealed)
                for m in messages
            ],
        )  # fmt: skip


def move_positions(conn: Connection, positions: Mapping[str, int]) -> None:
    """Move the subjects' positions, and forget what waited up to there."""
    arrays = (list(positions), list(positions.values()))
    conn.execute(
        "UPDATE partner.position AS p SET last = n.last FROM unnest(%s::text[], %s::bigint[]) AS n (subject, last)"
        " WHERE p.subject = n.subject",
        arrays,
    )
    conn.execute(
        "DELETE FROM partner.waiting AS w USING unnest(%s::text[], %s::bigint[]) AS n (subject, last)"
        " WHERE w.subject = n.subject AND w.sequence <= n.last",
        arrays,
    )


def enter_inbox(conn: Connection, messages: Sequence[tuple[Opened, Refusal | None]], at: datetime) -> None:
    """Enter messages as applied, or refused; an id that is there already breaks the transaction."""
    columns = "id, agreement, subject, sequence, kind, body_hash, outcome, refusal, applied_at"
    with conn.cursor() as cursor, cursor.copy(f"COPY partner.inbox ({columns}) FROM STDIN") as copy:
        for opened, refusal in messages:
            a = opened.message.attributes
            outcome = ReceiptOutcome.REFUSED if refusal else ReceiptOutcome.APPLIED
            copy.write_row(
                (a.id, a.agreement, a.subject, a.sequence, a.kind.value, opened.body_hash, outcome.value,
                 refusal.value if refusal else None, at)
            )  # fmt: skip


def hold(conn: Connection, messages: Sequence[Opened]) -> None:
    """Hold the bodies; one message to an (agreement, subject)."""
    conn.execute(
        """
        INSERT INTO partner.held (agreement, subject, sequence, body, media_type, leaf)
        SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])
        ON CONFLICT (agreement, subject) DO UPDATE SET sequence = EXCLUDED.sequence, body = EXCLUDED.body,
            media_type = EXCLUDED.media_type, leaf = EXCLUDED.leaf
        """,
        (
            [m.message.attributes.agreement for m in messages], [m.message.attributes.subject for m in messages],
            [m.message.attributes.sequence for m in messages], [m.message.body.decode() for m in messages],
            [m.message.media_type for m in messages], [m.message.leaf for m in messages],
        ),
    )  # fmt: skip


def release(conn: Connection, subjects: Sequence[tuple[str, str]]) -> None:
    """Let go of what is held of each (agreement, subject)."""
    conn.execute(
        "DELETE FROM partner.held AS h USING unnest(%s::text[], %s::text[]) AS g (agreement, subject)"
        " WHERE (h.agreement, h.subject) = (g.agreement, g.subject)",
        ([agreement for agreement, _ in subjects], [subject for _, subject in subjects]),
    )


def keep_recalls(conn: Connection, recalls: Sequence[tuple[UUID, str, str, str, str]]) -> None:
    """Keep recalls as (message, agreement, subject, ground, answer by); each is owed an answer."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO partner.recall (id, agreement, subject, ground, answer_by) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (id) DO NOTHING",
            recalls,
        )


def answer_recall(conn: Connection, message: UUID, answer: RecallAnswer, at: datetime) -> bool:
    """Answer a recall: what was given up is let go of, and the answer goes with the next receipts. False: no such recall."""
    found = conn.execute(
        "UPDATE partner.recall SET answer = %s, answered_at = %s WHERE id = %s RETURNING agreement, subject",
        (answer.value, at, message),
    ).fetchone()
    if found is None:
        return False
    if answer in {RecallAnswer.DELETED, RecallAnswer.RETURNED}:
        release(conn, [(str(found[0]), str(found[1]))])
    conn.execute("UPDATE partner.inbox SET receipted = false WHERE id = %s", (message,))
    return True


def recalls(conn: Connection) -> list[dict[str, object]]:
    """List the recalls that wait for an answer, the most urgent first: ids and pseudonyms, never a value."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT id, agreement, subject, ground, answer_by FROM partner.recall WHERE answer IS NULL ORDER BY answer_by, id"
        ).fetchall()


def hold_checkpoints(conn: Connection, notes: Sequence[tuple[str, int, str]]) -> None:
    """Hold checkpoints, as (origin, size, note): of each log the one of the most entries."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO partner.checkpoint AS c (origin, size, note) VALUES (%s, %s, %s) ON CONFLICT (origin)"
            " DO UPDATE SET size = EXCLUDED.size, note = EXCLUDED.note WHERE c.size < EXCLUDED.size",
            notes,
        )


def held_checkpoints(conn: Connection) -> list[str]:
    """Give the checkpoints that we hold."""
    return [str(note) for (note,) in conn.execute("SELECT note FROM partner.checkpoint ORDER BY origin").fetchall()]


def log_unopened(conn: Connection, entries: Sequence[tuple[str, str, str, str]], at: datetime) -> None:
    """Log what did not open, as (hash of its bytes, agreement, claimed id, reason)."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO partner.unopened (raw_hash, agreement, claimed_id, reason, at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(*entry, at) for entry in entries],
        )


def receipts_due(conn: Connection, ids: Sequence[UUID]) -> list[Receipt]:
    """Give the receipts of these messages, and of all whose receipt was never sent."""
    rows = conn.execute(
        "SELECT i.id, i.body_hash, i.outcome, i.applied_at, i.sequence, i.refusal, r.answer FROM partner.inbox AS i"
        " LEFT JOIN partner.recall AS r USING (id)"
        " WHERE NOT i.receipted OR i.id = ANY(%s) ORDER BY i.applied_at, i.id",
        (list(ids),),
    ).fetchall()
    return [
        Receipt(
            id_,
            hash_,
            ReceiptOutcome(outcome),
            at,
            sequence,
            Refusal(refusal) if refusal else None,
            RecallAnswer(answer) if answer else None,
        )
        for id_, hash_, outcome, at, sequence, refusal, answer in cast("list[_Due]", rows)
    ]


def mark_receipted(conn: Connection, ids: Sequence[UUID]) -> None:
    """Note that the broker has these receipts."""
    conn.execute("UPDATE partner.inbox SET receipted = true WHERE id = ANY(%s) AND NOT receipted", (list(ids),))


def add_outgoing(conn: Connection, rows: Sequence[tuple[UUID, str, str, str, str, str]], at: datetime) -> None:
    """Add messages to send, as (id, agreement, version, subject, media type, body); an id once is enough."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO partner.outgoing (id, agreement, version, subject, media_type, body, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING",
            [(*row, at) for row in rows],
        )


def unsent(conn: Connection, size: int) -> list[OutgoingRow]:
    """Give the oldest messages that the broker does not have yet."""
    with conn.cursor(row_factory=class_row(OutgoingRow)) as cursor:
        return cursor.execute(
            "SELECT id, number, agreement, version, subject, media_type, body, created_at FROM partner.outgoing"
            " WHERE sent_at IS NULL ORDER BY number LIMIT %s",
            (size,),
        ).fetchall()


def mark_sent(conn: Connection, ids: Sequence[UUID], at: datetime) -> None:
    """Note that the broker has these messages."""
    conn.execute("UPDATE partner.outgoing SET sent_at = %s WHERE id = ANY(%s)", (at, list(ids)))
