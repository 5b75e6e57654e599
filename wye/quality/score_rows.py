"""Read scorecards: counts by source, dimension and day."""

from datetime import date
from typing import cast

from wye.quality.score import DayScore, RuleScore
from wye.store.database import Connection

DAYS = """SELECT source, dimension, day, sum(rows)::bigint, sum(failed)::bigint FROM scorecard.dimension
WHERE day > (SELECT max(day) FROM scorecard.dimension) - %(days)s AND (%(source)s::text IS NULL OR source = %(source)s)
GROUP BY source, dimension, day HAVING sum(rows) > 0 ORDER BY source, dimension, day"""

RULES = """SELECT source, stream, rule, "column", dimension, severity, rows, failed FROM scorecard.rule r
WHERE day = (SELECT max(day) FROM scorecard.rule n WHERE n.source = r.source)
 AND (%(source)s::text IS NULL OR source = %(source)s) ORDER BY source, stream, rule, "column" """


def days_of(conn: Connection, source: str | None, days: int) -> list[DayScore]:
    """Read the scores of the last `days` days before the newest, a line to source, dimension and day."""
    found = conn.execute(DAYS, {"source": source, "days": days}).fetchall()
    return [DayScore(*cast("tuple[str, str, date, int, int]", row)) for row in found]


def rules_today(conn: Connection, source: str | None) -> list[RuleScore]:
    """Read each rule's newest score."""
    found = conn.execute(RULES, {"source": source}).fetchall()
    return [RuleScore(*cast("tuple[str, str, str, str, str, str, int, int]", row)) for row in found]
