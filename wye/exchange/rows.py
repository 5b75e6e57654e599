"""Keep the exchange's SQL: outbox, sequences, recipient state, session keys, receipts and the way in.

Every statement is for a whole batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from wye.store.database import Connection
from wye.vocabulary import MessageKind, OutboxState, ReceiptOutcome

_COLUMNS = (
    "id, agreement, version, partner, person, subject, kind, sealed, body_hash, fingerprint, audit_id, created_at, "
    "state, reason, sequence"
)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Hold one row of the outbox: one message to one partner about one person. `sealed` is the shaped body, sealed."""

    id: UUID
    agreement: str
    version: str
    partner: str
    person: UUID
    subject: str
    kind: str
    sealed: bytes
    body_hash: bytes
    fingerprint: bytes
    audit_id: UUID
    created_at: datetime
    state: str = OutboxState.WAITING.value
    reason: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class SentRow:
    """Hold what a receipt is compared with."""

    id: UUID
    partner: str
    body_hash: bytes
    state: str
    reason: str | None
    sequence: int | None


@dataclass(frozen=True, slots=True)
class SessionKeyRow:
    """Hold one session key as it rests."""

    kid: str
    sealed: bytes
    value: UUID
    created_at: datetime
    announced_at: datetime | None
    messages: int


def copy_outbox(conn: Connection, rows: Sequence[OutboxRow]) -> None:
    """Add rows by COPY."""
    with conn.cursor() as cursor, cursor.copy(f"COPY exchange.outbox ({_COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(
            ["uuid", "text", "text", "text", "uuid", "text", "text", "bytea", "bytea", "bytea", "uuid", "timestamptz",
             "text", "text", "int8"]
        )  # fmt: skip
        for r in rows:
            copy.write_row(
                (r.id, r.agreement, r.version, r.partner, r.person, r.subject, r.kind, r.sealed, r.body_hash,
                 r.fingerprint, r.audit_id, r.created_at, r.state, r.reason, r.sequence)
            )  # fmt: skip


def hold_recipient_state(conn: Connection, rows: Sequence[OutboxRow]) -> None:
    """Note what each recipient will hold after these rows: the newest row of a person counts."""
    newest: dict[tuple[str, str, UUID], OutboxRow] = {}
    for row in rows:
        if row.kind in (MessageKind.PUT, MessageKind.CORRECT, MessageKind.WITHDRAW):
            newest[row.agreement, row.partner, row.person] = row
    held = [row for row in newest.values() if row.kind != MessageKind.WITHDRAW]
    gone = [row for row in newest.values() if row.kind == MessageKind.WITHDRAW]
    if held:
        conn.execute(
            """
            INSERT INTO exchange.recipient_state (agreement, partner, person, fingerprint, outbox, since)
            SELECT * FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::bytea[], %s::uuid[], %s::timestamptz[])
            ON CONFLICT (agreement, partner, person) DO UPDATE
            SET fingerprint = EXCLUDED.fingerprint, outbox = EXCLUDED.outbox, since = EXCLUDED.since
            """,
            (
                [r.agreement for r in held], [r.partner for r in held], [r.person for r in held],
                [r.fingerprint for r in held], [r.id for r in held], [r.created_at for r in held],
            ),
        )  # fmt: skip
    if gone:
        conn.execute(
            """
            DELETE FROM exchange.recipient_state AS s
            USING unnest(%s::text[], %s::text[], %s::uuid[]) AS g (agreement, partner, person)
            WHERE (s.agreement, s.partner, s.person) = (g.agreement, g.partner, g.person)
            """,
            ([r.agreement for r in gone], [r.partner for r in gone], [r.person for r in gone]),
        )


def restore_recipient_state(conn: Connection, ids: Sequence[UUID]) -> None:
    """Put back what the recipients of these rows hold, now that the rows will never be applied.

    That is the newest other row of the same person that is under way or delivered; nothing, if it withdrew or if
    there is none.
    """
    if not ids:
        return
    conn.execute(
        """
        WITH touched AS (
            SELECT DISTINCT agreement, partner, person FROM exchange.outbox WHERE id = ANY(%(ids)s)
        ), newest AS (
            SELECT DISTINCT ON (o.agreement, o.partner, o.person) o.*
            FROM exchange.outbox AS o
            JOIN touched USING (agreement, partner, person)
            WHERE o.state IN ('waiting', 'numbered', 'published', 'delivered') AND o.id <> ALL(%(ids)s)
              AND o.kind IN ('put', 'correct', 'withdraw')
            ORDER BY o.agreement, o.partner, o.person, o.created_at DESC, o.id DESC
        ), gone AS (
            DELETE FROM exchange.recipient_state AS s USING touched AS t
            WHERE (s.agreement, s.partner, s.person) = (t.agreement, t.partner, t.person)
              AND NOT EXISTS (
                SELECT FROM newest AS n
                WHERE (n.agreement, n.partner, n.person) = (s.agreement, s.partner, s.person) AND n.kind <> 'withdraw'
              )
        )
        INSERT INTO exchange.recipient_state (agreement, partner, person, fingerprint, outbox, since)
        SELECT agreement, partner, person, fingerprint, id, created_at FROM newest WHERE kind <> 'withdraw'
        ON CONFLICT (agreement, partner, person) DO UPDATE
        SET fingerprint = EXCLUDED.fingerprint, outbox = EXCLUDED.outbox, since = EXCLUDED.since
        """,
        {"ids": list(ids)},
    )


def try_relay_lock(conn: Connection, agreement: str) -> bool:
    """Take the agreement's relay lock for this connection; false if another relay has it."""
    row = conn.execute("SELECT pg_try_advisory_lock(hashtextextended('wye.relay:' || %s, 0))", (agreement,)).fetchone()
    return row is not None and bool(row[0])


def release_relay_lock(conn: Connection, agreement: str) -> None:
    """Give the agreement's relay lock back."""
    conn.execute("SELECT pg_advisory_unlock(hashtextextended('wye.relay:' || %s, 0))", (agreement,))


def anything_to_relay(conn: Connection, agreement: str, partner: str, at: datetime) -> bool:
    """Say whether a feed has rows that are waiting, and not put back until later, or numbered."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM exchange.outbox WHERE agreement = %s AND partner = %s"
        " AND state IN ('waiting', 'numbered') AND (not_before IS NULL OR not_before <= %s))",
        (agreement, partner, at),
    ).fetchone()
    return row is not None and bool(row[0])


def take_batch(conn: Connection, agreement: str, partner: str, size: int, at: datetime) -> list[OutboxRow]:
    """Lock the oldest rows that are waiting or were numbered before a crash, without those that must wait their turn.

    A row that somebody else has locked, or that is put back until later, is skipped, and so is every later row of its
    subject.
    """
    with conn.cursor(row_factory=class_row(OutboxRow)) as cursor:
        rows = cursor.execute(
            f"""
            SELECT {_COLUMNS} FROM exchange.outbox
            WHERE agreement = %s AND partner = %s AND state IN ('waiting', 'numbered')
              AND (not_before IS NULL OR not_before <= %s)
            ORDER BY created_at, id LIMIT %s FOR UPDATE SKIP LOCKED
            """,  # noqa: S608  column names are ours
            (agreement, partner, at, size),
        ).fetchall()
    if not rows:
        return []
    skipped = conn.execute(
        """
        SELECT DISTINCT ON (subject) subject, created_at, id FROM exchange.outbox
        WHERE agreement = %s AND partner = %s AND state IN ('waiting', 'numbered') AND (created_at, id) < (%s, %s)
          AND id <> ALL(%s)
        ORDER BY subject, created_at, id
        """,
        (agreement, partner, rows[-1].created_at, rows[-1].id, [row.id for row in rows]),
    ).fetchall()
    first_skipped = {subject: (at, id_) for subject, at, id_ in skipped}
    return [
        row for row in rows if row.subject not in first_skipped or (row.created_at, row.id) < first_skipped[row.subject]
    ]


def number(conn: Connection, rows: Sequence[OutboxRow]) -> dict[UUID, int]:
    """Give each row, in this order, the next sequence number of its (partner, subject), and mark it numbered."""
    if not rows:
        return {}
    found = conn.execute(
        """
        WITH picked AS (
            SELECT p.*, row_number() OVER (PARTITION BY partner, subject ORDER BY position) AS rank
            FROM unnest(%s::uuid[], %s::text[], %s::text[]) WITH ORDINALITY AS p (id, partner, subject, position)
        ), counted AS (
            SELECT partner, subject, count(*) AS rows FROM picked GROUP BY partner, subject
        ), moved AS (
            INSERT INTO exchange.subject_sequence AS s (partner, subject, last)
            SELECT partner, subject, rows FROM counted ORDER BY partner, subject
            ON CONFLICT (partner, subject) DO UPDATE SET last = s.last + EXCLUDED.last
            RETURNING partner, subject, last
        )
        UPDATE exchange.outbox AS o SET state = 'numbered', sequence = m.last - c.rows + p.rank
        FROM picked AS p JOIN counted AS c USING (partner, subject) JOIN moved AS m USING (partner, subject)
        WHERE o.id = p.id
        RETURNING o.id, o.sequence
        """,
        ([r.id for r in rows], [r.partner for r in rows], [r.subject for r in rows]),
    ).fetchall()
    return {id_: sequence for id_, sequence in found}  # type: ignore[misc]  # noqa: C416  (uuid, int) by the statement


def reject(conn: Connection, reasons: Mapping[UUID, str], at: datetime) -> None:
    """End rows as rejected, each with its reason, and put back what their recipients hold."""
    if not reasons:
        return
    conn.execute(
        """
        UPDATE exchange.outbox AS o SET state = 'rejected', reason = r.reason, settled_at = %s
        FROM unnest(%s::uuid[], %s::text[]) AS r (id, reason) WHERE o.id = r.id
        """,
        (at, list(reasons), list(reasons.values())),
    )
    restore_recipient_state(conn, list(reasons))


def put_back(conn: Connection, until: Mapping[UUID, datetime]) -> None:
    """Leave rows as they wait, not to be looked at again before an instant."""
    if not until:
        return
    conn.execute(
        """
        UPDATE exchange.outbox AS o SET not_before = u.until
        FROM unnest(%s::uuid[], %s::timestamptz[]) AS u (id, until) WHERE o.id = u.id
        """,
        (list(until), list(until.values())),
    )


def bring_forward(conn: Connection, agreement: str, persons: Sequence[UUID]) -> None:
    """Let rows that were put back be looked at again at once."""
    if persons:
        conn.execute(
            "UPDATE exchange.outbox SET not_before = NULL WHERE agreement = %s AND person = ANY(%s)"
            " AND state = 'waiting' AND not_before IS NOT NULL",
            (agreement, list(persons)),
        )


def supersede(conn: Connection, by: Mapping[UUID, UUID], at: datetime) -> None:
    """End rows as superseded by newer ones, which are in the outbox already."""
    if not by:
        return
    conn.execute(
        """
        UPDATE exchange.outbox AS o SET state = 'superseded', superseded_by = s.by, settled_at = %s,
            reason = 'decided anew before it was sent'
        FROM unnest(%s::uuid[], %s::uuid[]) AS s (id, by) WHERE o.id = s.id
        """,
        (at, list(by), list(by.values())),
    )


def mark_published(conn: Connection, ids: Sequence[UUID], at: datetime) -> None:
    """Note that the broker has these; a receipt may have come first, and then they stay delivered."""
    conn.execute(
        """
        UPDATE exchange.outbox SET published_at = COALESCE(published_at, %s),
            state = CASE WHEN state = 'numbered' AND reason IS NULL THEN 'published' ELSE state END
        WHERE id = ANY(%s)
        """,
        (at, list(ids)),
    )


def sent_rows(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, SentRow]:
    """Find the rows that receipts speak of, and lock them in one order."""
    with conn.cursor(row_factory=class_row(SentRow)) as cursor:
        rows = cursor.execute(
            "SELECT id, partner, body_hash, state, reason, sequence FROM exchange.outbox WHERE id = ANY(%s)"
            " ORDER BY id FOR UPDATE",
            (list(ids),),
        ).fetchall()
    return {row.id: row for row in rows}


def store_receipts(
    conn: Connection, partner: str, receipts: Sequence[tuple[UUID, ReceiptOutcome, str]], at: datetime
) -> list[UUID]:
    """Keep receipts as (message, outcome, JWS); gives the messages whose first receipt this is."""
    found = conn.execute(
        """
        INSERT INTO exchange.receipt (outbox, partner, outcome, jws, received_at)
        SELECT r.outbox, %s, r.outcome, r.jws, %s FROM unnest(%s::uuid[], %s::text[], %s::text[])
            AS r (outbox, outcome, jws)
        ON CONFLICT (outbox) DO NOTHING RETURNING outbox
        """,
        (partner, at, [r[0] for r in receipts], [r[1].value for r in receipts], [r[2] for r in receipts]),
    ).fetchall()
    return [id_ for (id_,) in found]  # type: ignore[misc]  # uuid by the statement


def mark_delivered(conn: Connection, ids: Sequence[UUID], at: datetime) -> None:
    """End rows as delivered."""
    conn.execute("UPDATE exchange.outbox SET state = 'delivered', settled_at = %s WHERE id = ANY(%s)", (at, list(ids)))


def mark_to_void(conn: Connection, ids: Sequence[UUID], reason: str) -> None:
    """Send rows back to the relay, which closes their sequence numbers with a message `void`."""
    conn.execute("UPDATE exchange.outbox SET state = 'numbered', reason = %s WHERE id = ANY(%s)", (reason, list(ids)))


def current_key(conn: Connection, agreement: str, partner: str) -> SessionKeyRow | None:
    """Find the newest session key in use."""
    with conn.cursor(row_factory=class_row(SessionKeyRow)) as cursor:
        return cursor.execute(
            """
            SELECT kid, sealed, value, created_at, announced_at, messages FROM exchange.session_key
            WHERE agreement = %s AND partner = %s AND retired_at IS NULL ORDER BY created_at DESC, kid LIMIT 1
            """,
            (agreement, partner),
        ).fetchone()


def add_key(conn: Connection, row: SessionKeyRow, agreement: str, partner: str) -> None:
    """Keep a new session key and retire those before it."""
    conn.execute(
        "UPDATE exchange.session_key SET retired_at = %s WHERE agreement = %s AND partner = %s AND retired_at IS NULL",
        (row.created_at, agreement, partner),
    )
    conn.execute(
        "INSERT INTO exchange.session_key (kid, agreement, partner, sealed, value, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (row.kid, agreement, partner, row.sealed, row.value, row.created_at),
    )


def mark_announced(conn: Connection, kid: str, at: datetime) -> None:
    """Note that the broker has the message that hands the key over."""
    conn.execute("UPDATE exchange.session_key SET announced_at = %s WHERE kid = %s", (at, kid))


def count_messages(conn: Connection, kid: str, messages: int) -> None:
    """Count messages against a session key, before they are sealed: too many is safe, too few is not."""
    conn.execute("UPDATE exchange.session_key SET messages = messages + %s WHERE kid = %s", (messages, kid))


def claim_inbound(conn: Connection, partner: str, agreement: str, ids: Sequence[UUID], at: datetime) -> set[UUID]:
    """Claim messages to land; those that were landed before are not given back."""
    found = conn.execute(
        """
        INSERT INTO exchange.inbound (partner, id, agreement, outcome, received_at)
        SELECT %s, id, %s, 'landed', %s FROM unnest(%s::uuid[]) AS i (id) ORDER BY id
        ON CONFLICT (partner, id) DO NOTHING RETURNING id
        """,
        (partner, agreement, at, list(ids)),
    ).fetchall()
    return {id_ for (id_,) in found}  # type: ignore[misc]  # uuid by the statement


def name_batch(conn: Connection, partner: str, ids: Sequence[UUID], batch: UUID) -> None:
    """Note the intake batch in which messages were landed."""
    conn.execute(
        "UPDATE exchange.inbound SET batch = %s WHERE partner = %s AND id = ANY(%s)", (batch, partner, list(ids))
    )


def refuse_inbound(conn: Connection, partner: str, agreement: str, refused: Mapping[UUID, str], at: datetime) -> None:
    """Keep that messages were refused, each with its reason."""
    conn.execute(
        """
        INSERT INTO exchange.inbound (partner, id, agreement, outcome, reason, received_at)
        SELECT %s, id, %s, 'refused', reason, %s FROM unnest(%s::uuid[], %s::text[]) AS r (id, reason) ORDER BY id
        ON CONFLICT (partner, id) DO NOTHING
        """,
        (partner, agreement, at, list(refused), list(refused.values())),
    )
