"""Count what somebody owes by a day: what is open, what of it is overdue, and the earliest day. Names nobody."""

from datetime import datetime
from typing import LiteralString, cast

from wye.store.database import Connection

OWED: LiteralString = """SELECT what, count(*), count(*) FILTER (WHERE due < %(at)s), min(due) FROM (
 SELECT 'one-off reviews', d.review_due FROM sharing.one_off_decision AS d
  WHERE NOT EXISTS (SELECT FROM sharing.one_off_review AS v WHERE v.decision = d.id)
 UNION ALL SELECT 'break-glass reviews', b.review_due FROM sharing.break_glass AS b
  WHERE NOT EXISTS (SELECT FROM sharing.break_glass_review AS v WHERE v.break_glass = b.id)
 UNION ALL SELECT 'restricted records referred', r.answer_by FROM sharing.referred AS r
  WHERE NOT EXISTS (SELECT FROM sharing.referred_answer AS a WHERE a.referred = r.id)
 UNION ALL SELECT 'recalls', answer_by FROM exchange.open_recall
 UNION ALL SELECT 'certificates', (due_on + 1)::timestamp AT TIME ZONE 'Europe/London' FROM sharing.agreement_certificate
  WHERE outcome IS NULL
 UNION ALL SELECT 'corrections to tell', drafted_at + interval '7 days' FROM identity.correction_draft WHERE state = 'draft'
) AS owed (what, due) GROUP BY what"""


def owed(conn: Connection, at: datetime) -> dict[str, tuple[int, int, datetime]]:
    """Count by what is owed: (open, overdue, earliest instant by which one is due)."""
    found = cast("list[tuple[str, int, int, datetime]]", conn.execute(OWED, {"at": at}).fetchall())
    return {what: (count, late, due) for what, count, late, due in found}
