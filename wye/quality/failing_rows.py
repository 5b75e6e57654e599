"""Keep what each record fails: one statement to a batch, no value."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from wye.store.database import Connection

ENDED = """DELETE FROM scorecard.failing f WHERE f.record = ANY(%(checked)s) AND NOT f.nightly AND NOT EXISTS (
 SELECT FROM unnest(%(records)s::uuid[], %(rules)s::text[], %(columns)s::text[]) AS n (record, rule, "column")
 WHERE (n.record, n.rule, n."column") = (f.record, f.rule, f."column"))"""

BEGUN = """INSERT INTO scorecard.failing (record, source, stream, rule, "column", dimension, severity, since)
SELECT record, %(source)s, %(stream)s, rule, "column", dimension, severity, %(at)s
FROM unnest(%(records)s::uuid[], %(rules)s::text[], %(columns)s::text[], %(dimensions)s::text[], %(severities)s::text[])
 AS n (record, rule, "column", dimension, severity)
ON CONFLICT (record, rule, "column") DO UPDATE SET dimension = excluded.dimension, severity = excluded.severity
WHERE (failing.dimension, failing.severity) IS DISTINCT FROM (excluded.dimension, excluded.severity)"""


class Failing(NamedTuple):
    """Hold one rule that one record fails."""

    record: UUID
    rule: str
    column: str
    dimension: str
    severity: str


def note(
    conn: Connection, source: str, stream: str, checked: Sequence[UUID], failing: Sequence[Failing], at: datetime
) -> None:
    """Make `failing` what these records of a stream fail, in the caller's transaction; whoever is not in it fails nothing."""
    lines = list(dict.fromkeys(failing))
    values = {
        "checked": list(checked),
        "source": source,
        "stream": stream,
        "at": at,
        "records": [each.record for each in lines],
        "rules": [each.rule for each in lines],
        "columns": [each.column for each in lines],
        "dimensions": [each.dimension for each in lines],
        "severities": [each.severity for each in lines],
    }
    conn.execute(ENDED, values)
    if lines:
        conn.execute(BEGUN, values)
