"""Deliver feeds whose recipient is the council itself: the adapter receives as any partner does, then writes.

Finance has its own account on the broker, its own database and its own keys; it opens, applies once and gives signed
receipts. What it holds of care packages becomes the month's payment batch.
"""

from dataclasses import dataclass
from pathlib import Path

import orjson
import psycopg

from wye.agreements.model import Agreement
from wye.errors import EnvironmentFault, WyeError
from wye.partner.config import Config
from wye.partner.consumer import Consumer
from wye.ports import Writes
from wye.road.faults import noting, raise_all
from wye.road.handing import hand
from wye.road.hub import Hub
from wye.road.payment_run import payments
from wye.vocabulary import Template

STREAM = "care_payments"


@dataclass(slots=True)
class Delivered:
    """Tell what was received and what was written."""

    applied: int = 0
    written: int = 0


def deliver(hub: Hub) -> Delivered:
    """Receive and write for every internal agreement in force that has a feed, then raise what stopped some of them.

    Raises EnvironmentFault if an adapter is not set up, BrokerUnavailable, StorageExhausted or SourceUnavailable.
    """
    done = Delivered()
    faults: list[WyeError] = []
    for standing in hub.agreements.values():
        if standing.agreement.template is Template.INTERNAL and standing.agreement.feeds:
            with noting(faults):
                _deliver(hub, standing.agreement, done)
    raise_all(faults)
    return done


def _deliver(hub: Hub, agreement: Agreement, done: Delivered) -> None:
    connector = str(agreement.route.connector)
    if not isinstance(hub.connector(connector), Writes):
        return
    path = adapter_settings(hub.settings.home, agreement.recipient)
    if not path.exists():
        raise EnvironmentFault(f"adapter of `{agreement.recipient}` is not set up: write its settings to `{path.name}`")
    config = Config.load(path)
    faults: list[WyeError] = []
    with noting(faults):  # what came in before is written all the same
        done.applied += Consumer(config).run_once().applied
    items = payments(_packages(config, agreement.id), hub.at().date())
    done.written += hand(hub, connector, STREAM, items)
    raise_all(faults)


def _packages(config: Config, agreement: str) -> list[dict[str, object]]:
    """List the care packages that the adapter holds now."""
    with psycopg.connect(config.database_url) as conn:
        bodies = conn.execute(
            "SELECT body FROM partner.held WHERE agreement = %s ORDER BY subject", (agreement,)
        ).fetchall()
    return [row for (body,) in bodies for row in orjson.loads(body)["entities"].get("care_package", [])]


def adapter_settings(home: Path, recipient: str) -> Path:
    """Say where the settings of a council system's adapter are."""
    return home / "adapters" / f"{recipient}.json"
