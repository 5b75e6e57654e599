"""Play the road through Airflow: it decides when, Wye decides what; the demo only rings the first bell and waits."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from wye.demo.stage import Stage, send_from_partners, start_partners
from wye.errors import EnvironmentFault
from wye.ports import Receives
from wye.road.hub import Hub
from wye.store.database import Connection

QUIET_SECONDS = 8.0
"""An asset event that strands (a known fault of the scheduler) is helped on after so long without a run."""
PATIENCE_SECONDS = 900.0

WORK = {
    "changed": "SELECT count(*) FROM canonical.changed",
    "due": "SELECT count(*) FROM sharing.due WHERE not_before <= now()",
    "outbox": "SELECT count(*) FROM exchange.outbox WHERE state IN ('waiting', 'numbered')",
    "unconfirmed": "SELECT count(*) FROM exchange.outbox WHERE state = 'published'",
    "staged": "SELECT count(*) FROM audit.entry e WHERE NOT EXISTS (SELECT FROM audit.index i WHERE i.entry = e.id)",
    "unpaid": "SELECT count(*) FROM exchange.handed_on WHERE written_at IS NULL",
}
"""What is still to be done at each step, as the database knows it."""


class Orchestrator(Protocol):
    """Be the part of the child Airflow that playing needs."""

    def trigger(self, dag_id: str) -> str:
        """Start a run and give its id."""
        ...

    def runs(self, dag_id: str) -> list[tuple[str, str]]:
        """List runs with their states."""
        ...


def play(stage: Stage, hub: Hub, airflow: Orchestrator, say: Callable[[str], None]) -> int:
    """Run everything to its end; gives how many messages the partners sent. Raises EnvironmentFault if a run fails."""
    inbound = [name for name in hub.source_names if isinstance(hub.connector(name), Receives)]
    council = [name for name in hub.source_names if name not in inbound]
    shares = [f"share_{name}" for name in hub.agreements]
    start_partners(stage)
    say("reading the council's systems")
    _ring(hub.conn, airflow, [f"ingest_{name}" for name in council], ())
    _downstream(hub.conn, airflow, shares, say)
    say("the hospital and the police send what they know")
    sent = send_from_partners(stage)
    _ring(hub.conn, airflow, [f"ingest_{name}" for name in inbound], ())
    _downstream(hub.conn, airflow, shares, say)
    say("finance pays, and tells")
    _until(lambda: _paid(stage), "the finance system posted no batch")
    _ring(hub.conn, airflow, ["ingest_agresso"], ())
    _downstream(hub.conn, airflow, shares, say)
    ingests = [f"ingest_{name}" for name in hub.source_names]
    _settle(hub.conn, airflow, [*ingests, "identity", *shares, "housekeeping"], tuple(WORK))
    return sent


def _downstream(conn: Connection, airflow: Orchestrator, shares: Sequence[str], say: Callable[[str], None]) -> None:
    """Wait for what follows a landing: identity, shares, and the housekeeping after them."""
    say("saying who is who")
    _settle(conn, airflow, ["identity"], ("changed",))
    say("deciding under each agreement, field by field")
    _settle(conn, airflow, shares, ("due", "outbox"))
    say("collecting receipts, handing on, sealing the trail")
    _settle(conn, airflow, ["housekeeping"], ("unconfirmed", "unpaid", "staged"))


def _ring(conn: Connection, airflow: Orchestrator, dags: Sequence[str], work: Sequence[str]) -> None:
    for dag in dags:
        airflow.trigger(dag)
    _settle(conn, airflow, dags, work)


def _settle(conn: Connection, airflow: Orchestrator, dags: Sequence[str], work: Sequence[str]) -> None:
    """Wait until the work is done and no run of these DAGs is under way; start them if none is and work is left."""
    quiet_since = time.monotonic()
    end = quiet_since + PATIENCE_SECONDS
    while True:
        states = [state for dag in dags for _, state in airflow.runs(dag)]
        if "failed" in states:
            raise EnvironmentFault(f"a run of {', '.join(dags)} failed; its log is in the demo's airflow/logs")
        active = any(state in {"queued", "running"} for state in states)
        left = [name for name in work if _count(conn, WORK[name])]
        now = time.monotonic()
        if active:
            quiet_since = now
        elif not left:
            return
        elif now - quiet_since > QUIET_SECONDS:
            for dag in dags:
                airflow.trigger(dag)
            quiet_since = now
        if now > end:
            raise EnvironmentFault(f"{', '.join(dags)} did not settle; still to do: {', '.join(left)}")
        time.sleep(0.5)


def _count(conn: Connection, query: str) -> int:
    found = conn.execute(query).fetchone()
    return int(str(found[0])) if found else 0


def _paid(stage: Stage) -> bool:
    """Say whether finance took every batch out of its drop folder."""
    return not any(Path(stage.settings.sources["agresso"]["drop_folder"]).glob("*.dat"))


def _until(done: Callable[[], bool], otherwise: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise EnvironmentFault(otherwise)
        time.sleep(0.2)
