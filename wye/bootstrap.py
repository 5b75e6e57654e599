"""Compose a hub: the one place that knows which parts go together.

Light on purpose: listing names loads no connector, linker or database; what is composed is loaded when asked for.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from wye.errors import UsageError, in_our_words
from wye.settings import Settings

if TYPE_CHECKING:
    from wye.ports import Connector
    from wye.road.hub import Hub


def sources() -> list[str]:
    """List the connectors that are installed, by entry point."""
    return sorted({point.name for point in entry_points(group="wye.connectors")})


def agreements(settings: Settings | None = None) -> list[str]:
    """List the agreements that have a folder; whether one is in force is for each run to find out."""
    folder = (settings or Settings()).agreements
    return sorted(path.parent.name for path in folder.glob("*/agreement.yaml"))


@contextmanager
def open_hub(settings: Settings | None = None) -> Iterator["Hub"]:
    """Open a hub on the configured database, broker and keys; raises EnvironmentFault saying what is missing."""
    from wye.agreements.in_force import standing
    from wye.exchange.identities import hub_party
    from wye.keys.choose import open_keys
    from wye.local.places import resolve
    from wye.road.account import clock, signed_in
    from wye.road.hub import Hub
    from wye.store.database import bring_up_to_date, connect

    settings = settings or Settings()
    places = resolve(settings)
    bring_up_to_date(places.database.application, places.database.migrator)
    keys = open_keys(settings)
    with connect(places.database.application) as conn:
        found = standing(settings, conn, clock())
        yield Hub(
            settings=settings,
            conn=conn,
            keys=keys,
            actor=signed_in(),
            at=clock,
            make_connector=lambda name: make_connector(settings, name),
            source_names=tuple(sources()),
            agreements=found.in_force,
            refused=found.refused,
            amqp_url=places.amqp_url,
            party=hub_party(settings.keys / "exchange", settings.council),
            sequencer_url=places.database.sequencer,
        )


def make_connector(settings: Settings, name: str) -> "Connector":
    """Build one connector with its settings; raises UsageError naming those there are."""
    for point in entry_points(group="wye.connectors"):
        if point.name == name:
            factory: Callable[[dict[str, str]], Connector] = point.load()
            return factory(settings.sources.get(name, {}))
    raise UsageError(f"no source `{name}`; there are: {', '.join(sources())}")


def run(verb: str, name: str | None = None) -> dict[str, object]:
    """Do one verb of the road once and give its counts: what an Airflow task calls, and what it returns.

    INVARIANT: what it raises is ours and has no cause: a task's log shows the whole chain, and texts hold values.
    """
    from wye.road import runs
    from wye.road.account import clock
    from wye.road.verbs import VERBS

    if verb not in VERBS:
        raise UsageError(f"no verb `{verb}`; there are: {', '.join(VERBS)}")
    settings: Settings | None = None
    try:
        settings = Settings()
        with open_hub(settings) as hub:
            done = VERBS[verb](hub, name)
    except Exception as error:
        if settings is not None:
            runs.note(settings, verb, name, clock(), str(in_our_words(error)))
        if os.environ.get("WYE_TRACEBACK") == "1":
            raise
        told = in_our_words(error)
        told.__cause__ = None
        raise told from None
    runs.note(settings, verb, name, clock())
    return done
