"""Count what was sent, by agreement and month. The statement of the public register stands here."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import cast

from wye.store.database import Connection

# What was published tells people something of somebody; a withdrawal or a merge does not.
COUNT = """SELECT agreement, date_trunc('month', published_at AT TIME ZONE 'Europe/London')::date, count(DISTINCT person)
FROM exchange.outbox WHERE published_at >= %s AND kind IN ('put', 'correct') GROUP BY 1, 2"""


def people_a_month(conn: Connection, since: datetime) -> Mapping[str, Mapping[date, int]]:
    """Count the people about whom something was sent under each agreement, by the first day of the month in London."""
    found: dict[str, dict[date, int]] = defaultdict(dict)
    for agreement, month, people in cast("list[tuple[str, date, int]]", conn.execute(COUNT, (since,)).fetchall()):
        found[agreement][month] = people
    return found
