"""Find people of a stage whom two systems describe differently, and act as the staff of those systems."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import orjson

from connectors.crm.counterpart.worklist import Worklist
from wye.demo.stage import Stage
from wye.road.hub import Hub

# Adults without any flag whose surname customer services write otherwise than social care; one record in each.
TWO_WORDS = """SELECT f.person FROM identity.person_row f
JOIN identity.person_row c ON c.person = f.person AND c.source = 'crm' AND c.entity = 'person'
WHERE f.source = 'frameworki' AND f.entity = 'person' AND f.body ->> 'family_name' <> c.body ->> 'family_name'
 AND f.body ->> 'birth_date' < '2000-01-01' AND c.body ->> 'birth_date' < '2000-01-01'
 AND NOT EXISTS (SELECT FROM identity.person_row o WHERE o.person = f.person
  AND (o.entity IN ('flag', 'correction') OR o.entity = 'person' AND o.record NOT IN (f.record, c.record)
   AND (o.source NOT IN ('civica_revenues') OR o.body ->> 'family_name' <> f.body ->> 'family_name')))
ORDER BY f.person"""


def two_words(hub: Hub) -> list[UUID]:
    """List persons whose surname two systems write in two ways."""
    return list(dict.fromkeys(row[0] for row in hub.conn.execute(TWO_WORDS).fetchall()))  # type: ignore[misc]


def two_systems(hub: Hub) -> list[UUID]:
    """List adults without any flag who have one record with social care and one with customer services, and no other."""
    found = hub.conn.execute(
        "SELECT person FROM identity.person_row WHERE entity IN ('person', 'flag', 'correction') GROUP BY person"
        " HAVING array_agg(source || '.' || entity ORDER BY source) = '{crm.person,frameworki.person}'"
        " AND max(body ->> 'birth_date') < '2000-01-01' ORDER BY person"
    ).fetchall()
    return [row[0] for row in found]  # type: ignore[misc]


def said(hub: Hub, who: UUID, source: str, attribute: str = "family_name") -> str:
    """Read what a system says of a person now."""
    found = hub.conn.execute(
        "SELECT body ->> %s FROM identity.person_row WHERE person = %s AND source = %s AND entity = 'person'",
        (attribute, who, source),
    ).fetchall()
    assert len(found) == 1
    return str(found[0][0])


def golden(hub: Hub, who: UUID, attribute: str = "family_name") -> tuple[object, ...]:
    """Read a person's golden value and why it won."""
    found = hub.conn.execute(
        "SELECT value, reason FROM identity.golden WHERE person = %s AND attribute = %s AND superseded_at IS NULL",
        (who, attribute),
    ).fetchone()
    assert found is not None
    return found


def proposals(hub: Hub, correction: UUID) -> dict[str, tuple[str, str]]:
    """Tell each proposal of a correction: system -> (state, why)."""
    found = hub.conn.execute(
        "SELECT system, state, why FROM exchange.proposal WHERE correction = %s", (correction,)
    ).fetchall()
    return {str(system): (str(state), str(why)) for system, state, why in found}


def proposal_id(hub: Hub, correction: UUID, system: str) -> str:
    """Tell the id of a correction's proposal to a system."""
    found = hub.conn.execute(
        "SELECT id FROM exchange.proposal WHERE correction = %s AND system = %s", (correction, system)
    ).fetchone()
    assert found is not None
    return str(found[0])


def tasks(stage: Stage, proposal: str) -> list[dict[str, object]]:
    """Read customer services' tasks of one proposal."""
    return [task for task in Worklist(stage.data / "crm").rows() if task["activityid"] == proposal]


def imported(stage: Stage, proposal: str) -> list[dict[str, object]]:
    """Read what lies in Mosaic's import folder of one proposal."""
    folder = Path(stage.settings.sources["frameworki"]["import_folder"]) / "proposals"
    items = [item for path in folder.glob("*.json") for item in orjson.loads(path.read_bytes())["items"]]
    return [item for item in items if item["proposal"] == proposal]


def share_in_a_process(stage: Stage, agreement: str, failpoint: str | None = None) -> None:
    """Share under an agreement in a process of its own, killed at a named point if asked."""
    run = [sys.executable, "-c", f"from wye import bootstrap; bootstrap.run('share', {agreement!r})"]
    environment = stage.environment | ({"WYE_FAILPOINT": failpoint} if failpoint else {})
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == (-signal.SIGKILL if failpoint else os.EX_OK), done.stderr[-2000:]
