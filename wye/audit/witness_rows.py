"""Keep what witnesses cosigned, beside the checkpoints."""

from typing import cast

from wye.audit.witnessing import Cosignature
from wye.store.database import Connection


def insert_cosignature(conn: Connection, cosignature: Cosignature) -> None:
    """Store a cosignature; of one witness and size the first is kept."""
    conn.execute(
        "INSERT INTO audit.cosignature (size, witness, line, at) VALUES (%s, %s, %s, to_timestamp(%s))"
        " ON CONFLICT DO NOTHING",
        (cosignature.size, cosignature.witness, cosignature.line, cosignature.timestamp),
    )


def last_cosigned(conn: Connection, witness: str) -> int:
    """Give the largest size that a witness cosigned, as far as this database knows."""
    row = conn.execute("SELECT coalesce(max(size), 0) FROM audit.cosignature WHERE witness = %s", (witness,)).fetchone()
    return cast("int", row[0]) if row else 0


def cosignatures(conn: Connection) -> dict[int, list[str]]:
    """Read every cosignature's line, by size."""
    lines: dict[int, list[str]] = {}
    found = conn.execute("SELECT size, line FROM audit.cosignature ORDER BY size, witness").fetchall()
    for size, line in cast("list[tuple[int, str]]", found):
        lines.setdefault(size, []).append(line)
    return lines
