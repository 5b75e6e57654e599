"""Walk the whole road without Airflow, on a stage that is set: what a worker does, verb by verb."""

from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import psycopg

from wye import bootstrap
from wye.demo.stage import Stage, send_from_partners
from wye.ports import Receives
from wye.road.deliver import deliver
from wye.road.hand_on import hand_on
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.ingest import ingest
from wye.road.receipts import receipts
from wye.road.relay import relay
from wye.road.sequence import sequence
from wye.road.share import share

NAMES = {"id", "fullUrl", "reference", "subject", "at", "timestamp", "lastUpdated"}
"""What differs between two runs of one county: person ids are random, and so is all that is named after them."""


@contextmanager
def hub_on(stage: Stage) -> Iterator[Hub]:
    """Open a hub on the stage."""
    with bootstrap.open_hub(stage.settings) as hub:
        yield hub


def ingest_all(hub: Hub, *, received: bool) -> dict[str, dict[str, object]]:
    """Ingest the council's systems, or what partners sent."""
    names = [name for name in hub.source_names if isinstance(hub.connector(name), Receives) == received]
    return {name: ingest(hub, name).counts() for name in names}


def share_all(hub: Hub) -> None:
    """Identify, give what is noted its place in the log, share and relay under every agreement in force."""
    identify(hub)
    sequence(hub)
    for agreement in hub.agreements:
        share(hub, agreement)
        relay(hub, agreement)


def consume(stage: Stage) -> None:
    """Let every outside partner drain its feeds."""
    for path in stage.partners.values():
        stage.processes.run("wye.partner", "--config", str(path), "--once")


def settle(stage: Stage, hub: Hub) -> None:
    """Do what follows a share."""
    consume(stage)
    deliver(hub)
    receipts(hub)
    hand_on(hub)
    sequence(hub)


def walk(stage: Stage, hub: Hub) -> None:
    """Walk the road there and back."""
    ingest_all(hub, received=False)
    share_all(hub)
    settle(stage, hub)
    send_from_partners(stage)
    ingest_all(hub, received=True)
    share_all(hub)
    settle(stage, hub)


def held(stage: Stage) -> dict[str, set[tuple[str, str, bytes]]]:
    """Tell what each recipient holds now: (agreement, subject, body without its times)."""
    found = {}
    for name, url in stage.databases.items():
        if name in {"hub", "mosaic"}:
            continue
        with psycopg.connect(url) as conn:
            rows = conn.execute("SELECT agreement, subject, body FROM partner.held").fetchall()
        found[name] = {(agreement, subject, timeless(body)) for agreement, subject, body in rows}
    return found


def timeless(body: str) -> bytes:
    """Leave the times of deciding out of a body, so that two runs can be compared."""
    content = orjson.loads(body)
    content.pop("at", None)
    content.pop("timestamp", None)
    if isinstance(content.get("meta"), dict):
        content["meta"].pop("lastUpdated", None)
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def nameless(body: str, subject: str) -> str:
    """Leave out of a body what is random or a time."""

    def strip(value: object) -> object:
        if isinstance(value, dict):
            return {key: strip(each) for key, each in value.items() if key not in NAMES}
        if isinstance(value, list):
            return [strip(each) for each in value]
        return "subject" if value == subject else value

    return orjson.dumps(strip(orjson.loads(body)), option=orjson.OPT_SORT_KEYS).decode()
