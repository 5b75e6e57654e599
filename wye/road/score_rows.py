"""Keep the SQL of the nightly scores: each comparison and each score is one statement over whole tables."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from wye.quality.score import Measured
from wye.store.database import Connection

# What a comparison finds replaces what it found before; what is found again keeps its first day.
KEEP = """, ended AS (
 DELETE FROM scorecard.failing f WHERE f.nightly AND f.rule = %(rule)s AND f."column" = %(column)s
  AND NOT EXISTS (SELECT FROM found n WHERE n.record = f.record))
INSERT INTO scorecard.failing (record, source, stream, rule, "column", dimension, severity, nightly, since)
SELECT record, source, stream, %(rule)s, %(column)s, %(dimension)s, 'info', true, %(at)s FROM found
ON CONFLICT (record, rule, "column") DO NOTHING"""

# One of a person's rows in a stream is the one that counts (one not marked a duplicate, if there is); the others fail.
TWICE = """WITH found AS (
 SELECT record, source, stream FROM (
  SELECT r.record, r.source, r.stream, row_number() OVER (PARTITION BY l.person, r.source, r.stream ORDER BY
   EXISTS (SELECT FROM canonical.row m WHERE m.subject = r.record AND m.entity = 'relationship'
           AND m.superseded_at IS NULL AND m.body ->> 'kind' = 'duplicate'), r.record) AS place
  FROM canonical.row r JOIN identity.person_link l ON l.record = r.record AND l.superseded_at IS NULL
  JOIN unnest(%(sources)s::text[], %(streams)s::text[]) AS s (source, stream) USING (source, stream)
  WHERE r.entity = 'person' AND r.superseded_at IS NULL) AS placed
 WHERE place > 1)"""

# Another source's value of the attribute is the best known one, and this record says otherwise.
DISAGREES = """WITH found AS (
 SELECT DISTINCT r.record, r.source, r.stream
 FROM canonical.row r JOIN identity.person_link l ON l.record = r.record AND l.superseded_at IS NULL
 JOIN identity.golden g ON g.person = l.person AND g.attribute = %(column)s AND g.superseded_at IS NULL
 CROSS JOIN LATERAL (SELECT upper(regexp_replace(r.body ->> %(column)s, '[^[:alnum:]]', '', 'g')),
                            upper(regexp_replace(g.value #>> '{}', '[^[:alnum:]]', '', 'g'))) AS v (own, best)
 WHERE r.entity = 'person' AND r.superseded_at IS NULL AND g.source <> r.source
  AND v.own <> v.best AND NOT (%(column)s = 'sex' AND 'U' IN (v.own, v.best)))"""

SHARED = """WITH numbered AS (
 SELECT r.record, r.source, r.stream, l.person, r.body ->> %(column)s AS number
 FROM canonical.row r JOIN identity.person_link l ON l.record = r.record AND l.superseded_at IS NULL
 WHERE r.entity = 'person' AND r.superseded_at IS NULL AND r.body ->> %(column)s IS NOT NULL),
found AS (
 SELECT record, source, stream FROM numbered WHERE number IN (
  SELECT number FROM numbered GROUP BY number HAVING count(DISTINCT person) > 1))"""

# The clock of a row runs from its change, or from the day on which its stream was first read, whichever came later.
LATE = """WITH promised AS (
 SELECT * FROM unnest(%(sources)s::text[], %(streams)s::text[], %(within)s::interval[]) AS s (source, stream, within)),
began AS (
 SELECT b.source, b.stream, p.within, min(b.landed_at) AS at FROM intake.batch b JOIN promised p USING (source, stream)
 GROUP BY b.source, b.stream, p.within),
newest AS (
 SELECT DISTINCT ON (l.record) l.record, b.source, b.stream, l.deleted, b.landed_at - greatest(l.observed_at, began.at) AS took,
  began.within
 FROM intake.landed l JOIN intake.batch b USING (batch) JOIN began USING (source, stream)
 ORDER BY l.record, l.value DESC),
found AS (SELECT record, source, stream FROM newest WHERE took > within AND NOT deleted)"""

# What a steward accepted of a record's newest version, with a reason on the record, is right as it stands: it passes.
ROWS = """waiting AS (
 SELECT DISTINCT l.record FROM intake.landed l JOIN intake.batch b USING (batch) WHERE b.state IN ('landed', 'held')),
unread AS (
 SELECT q.source, q.stream, count(DISTINCT q.record) AS n FROM intake.quarantine q WHERE q.cleared_at IS NULL
  AND NOT EXISTS (SELECT FROM intake.present p WHERE p.record = q.record AND p.source = q.source AND p.stream = q.stream)
 GROUP BY q.source, q.stream),
held AS (
 SELECT source, stream, sum(n)::bigint AS rows FROM (
  SELECT p.source, p.stream, count(*) AS n FROM intake.present p
  WHERE NOT EXISTS (SELECT FROM waiting w WHERE w.record = p.record) GROUP BY p.source, p.stream
  UNION ALL SELECT source, stream, n FROM unread) AS counted
 GROUP BY source, stream),
accepted AS (
 SELECT q.record, q.rule, q."column" FROM intake.quarantine_decision d JOIN intake.quarantine q ON q.decision = d.id
 WHERE d.decision = 'accept' AND d.undone_at IS NULL
  AND NOT EXISTS (SELECT FROM intake.landed n WHERE n.record = q.record AND n.value > q.value)),
counted AS (
 SELECT f.* FROM scorecard.failing f
 WHERE EXISTS (SELECT FROM intake.present p WHERE p.record = f.record AND p.source = f.source AND p.stream = f.stream)
  AND NOT EXISTS (SELECT FROM waiting w WHERE w.record = f.record)
  AND NOT EXISTS (SELECT FROM accepted a WHERE (a.record, a.rule, a."column") = (f.record, f.rule, f."column")))"""

SCORE_RULES = f"""WITH {ROWS}, failed AS (
 SELECT source, stream, rule, "column", count(*) AS n FROM counted GROUP BY source, stream, rule, "column"
 UNION ALL SELECT source, stream, %(unmapped)s, '*', n FROM unread),
total AS (SELECT source, stream, rule, "column", sum(n)::bigint AS n FROM failed GROUP BY source, stream, rule, "column")
INSERT INTO scorecard.rule (day, source, stream, rule, "column", dimension, severity, rows, failed, scored_at)
SELECT %(day)s, m.source, m.stream, m.rule, m."column", m.dimension, m.severity, h.rows, coalesce(t.n, 0), %(at)s
FROM unnest(%(sources)s::text[], %(streams)s::text[], %(rules)s::text[], %(columns)s::text[], %(dimensions)s::text[],
            %(severities)s::text[]) AS m (source, stream, rule, "column", dimension, severity)
JOIN held h USING (source, stream) LEFT JOIN total t USING (source, stream, rule, "column") WHERE h.rows > 0"""  # noqa: S608  text of ours alone

# A stream that has gone quiet for longer than it promised is out of date in every row.
SCORE_FRESH = f"""WITH {ROWS}, last AS (
 SELECT source, stream, max(landed_at) AS at FROM intake.batch GROUP BY source, stream)
INSERT INTO scorecard.rule (day, source, stream, rule, "column", dimension, severity, rows, failed, scored_at)
SELECT %(day)s, s.source, s.stream, %(rule)s, '*', 'timeliness', 'info', h.rows,
 CASE WHEN last.at < %(at)s - s.within THEN h.rows ELSE 0 END, %(at)s
FROM unnest(%(sources)s::text[], %(streams)s::text[], %(within)s::interval[]) AS s (source, stream, within)
JOIN held h USING (source, stream) JOIN last USING (source, stream) WHERE h.rows > 0"""  # noqa: S608  text of ours alone

SCORE_DIMENSIONS = f"""WITH {ROWS}, failed AS (
 SELECT c.source, c.stream, c.dimension, count(DISTINCT c.record) AS n FROM counted c
 WHERE EXISTS (SELECT FROM scorecard.rule r WHERE r.day = %(day)s
               AND (r.source, r.stream, r.rule, r."column") = (c.source, c.stream, c.rule, c."column"))
 GROUP BY c.source, c.stream, c.dimension
 UNION ALL SELECT source, stream, 'validity', n FROM unread),
total AS (SELECT source, stream, dimension, sum(n)::bigint AS n FROM failed GROUP BY source, stream, dimension)
INSERT INTO scorecard.dimension (day, source, stream, dimension, rows, failed, scored_at)
SELECT %(day)s, r.source, r.stream, r.dimension, max(r.rows),
 greatest(coalesce(max(t.n), 0), max(CASE WHEN r.rule = %(fresh)s THEN r.failed ELSE 0 END)), %(at)s
FROM scorecard.rule r LEFT JOIN total t USING (source, stream, dimension)
WHERE r.day = %(day)s GROUP BY r.source, r.stream, r.dimension"""  # noqa: S608  text of ours alone

SEEN = (
    "ANALYZE scorecard.failing, intake.present, intake.landed, intake.batch, intake.quarantine,"
    " intake.quarantine_decision, canonical.row, identity.person_link, identity.golden"
)
"""Let the planner see tables that a night has just filled: without it a score of 5,000 rows took half a minute."""

Streams = Sequence[tuple[str, str]]
Within = Sequence[tuple[str, str, timedelta]]


def compare(
    conn: Connection, query: str, rule: str, column: str, dimension: str, at: datetime, more: Mapping[str, object]
) -> None:
    """Note which records fail one comparison, and drop those that no longer do."""
    conn.execute(query + KEEP, {"rule": rule, "column": column, "dimension": dimension, "at": at, **more})


def streams_of(streams: Streams) -> dict[str, object]:
    """Give streams as two arrays."""
    return {"sources": [source for source, _ in streams], "streams": [stream for _, stream in streams]}


def within_of(promised: Within) -> dict[str, object]:
    """Give streams and the time that each promises as three arrays."""
    return {
        "sources": [source for source, _, _ in promised],
        "streams": [stream for _, stream, _ in promised],
        "within": [within for _, _, within in promised],
    }


def score(
    conn: Connection,
    measured: Sequence[Measured],
    fresh: Within,
    names: tuple[str, str],
    day: date,
    at: datetime,
) -> tuple[int, int]:
    """Write the day's scores anew; gives how many rules and dimensions. `names` are the rules of mapping and freshness."""
    unmapped, freshness = names
    values: dict[str, object] = {"day": day, "at": at, "unmapped": unmapped, "fresh": freshness, "rule": freshness}
    conn.execute("DELETE FROM scorecard.rule WHERE day = %s", (day,))
    conn.execute("DELETE FROM scorecard.dimension WHERE day = %s", (day,))
    fields = ("sources", "streams", "rules", "columns", "dimensions", "severities")
    arrays = {name: [each[place] for each in measured] for place, name in enumerate(fields)}
    conn.execute("ANALYZE scorecard.failing")
    rules = conn.execute(SCORE_RULES, values | arrays).rowcount
    rules += conn.execute(SCORE_FRESH, values | within_of(fresh)).rowcount
    conn.execute("ANALYZE scorecard.rule")
    return rules, conn.execute(SCORE_DIMENSIONS, values).rowcount
