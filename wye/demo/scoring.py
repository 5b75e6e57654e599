"""Score the person index against the county's truth: what the scorer alone may know."""

from typing import cast
from uuid import UUID

from wye.county import Score, score
from wye.demo.stage import Stage
from wye.intake.land import decode
from wye.keys.rows import unseal_values
from wye.road.hub import Hub

PAGE = 20_000

LINKED = """
SELECT DISTINCT ON (w.record) w.record, w.value, w.sealed, b.source, b.stream, l.person
FROM identity.person_link l
JOIN intake.landed w ON w.record = l.record AND NOT w.deleted
JOIN intake.batch b ON b.batch = w.batch
WHERE l.superseded_at IS NULL AND l.record > %s
ORDER BY w.record, w.value DESC LIMIT %s
"""


def score_people(hub: Hub, stage: Stage) -> Score:
    """Compare who is linked to whom with the truth; the sources' own keys are opened for this and kept nowhere."""
    predicted: dict[tuple[str, str, str], UUID] = {}
    last = UUID(int=0)
    while page := hub.conn.execute(LINKED, (last, PAGE)).fetchall():
        sealed = {cast("UUID", value): bytes(cast("bytes", box)) for _, value, box, *_ in page}
        plain = unseal_values(hub.conn, hub.keys, sealed)
        for _, value, _, source, stream, person in page:
            row = decode(plain[cast("UUID", value)])
            predicted[str(source), str(stream), row.key] = cast("UUID", person)
        last = cast("UUID", page[-1][0])
    return score(predicted, stage.data / "truth")
