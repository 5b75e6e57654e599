"""Look at everything, one thing at a time: what is broken in one place hides nothing of another."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from wye.agreements.in_force import standing
from wye.errors import EnvironmentFault, in_our_words
from wye.keys.choose import open_keys
from wye.local.places import Logins, database
from wye.road.health import services, trail, work
from wye.road.health.agreements import agreements, offices
from wye.road.health.finding import Finding, Level
from wye.road.health.jobs import expected, jobs
from wye.settings import Settings
from wye.store.database import Connection, connect

OnConnection = Callable[[Connection], Iterable[Finding]]


def look(settings: Settings, sources: Iterable[str], at: datetime, *, services_only: bool = False) -> list[Finding]:
    """Give every finding. Changes nothing, asks nobody outside, and opens no value.

    `services_only`: database, broker and keys, which decide whether a process can work at all.
    """
    found = [
        *_found("database", lambda: _with(database(settings).application, services.database), Level.DOWN),
        *_found("broker", lambda: services.broker_answers(settings), Level.DOWN),
        *_found("keys", lambda: services.keys(settings), Level.DOWN),
    ]
    if services_only:
        return found
    down = {each.name for each in found if each.level is Level.DOWN}
    if "broker" not in down:
        found += _found("queues", lambda: services.queues(settings))
    if "database" not in down:
        found += _in_database(settings, database(settings), at)
    names = sorted(path.parent.name for path in settings.agreements.glob("*/agreement.yaml"))
    due = expected(sources, names, witnesses=bool(settings.witnesses))
    return found + _found("jobs", lambda: jobs(settings, at, due))


def _in_database(settings: Settings, logins: Logins, at: datetime) -> list[Finding]:
    def alone(name: str, login: str, check: OnConnection) -> list[Finding]:
        return _found(name, lambda: _with(login, check))

    def waiting(conn: Connection) -> Iterable[Finding]:
        in_force = standing(settings, conn, at)
        feeds = [name for name, one in in_force.in_force.items() if one.agreement.feeds]
        held = frozenset(office for office, accounts in settings.offices.items() if accounts)
        return [*work.waiting(conn, at, feeds), *agreements(in_force, at), *offices(in_force, held)]

    keys = partial(open_keys, settings, create=False)
    application, sequencer = logins.application, logins.sequencer
    return [
        *alone("sequencing", application, lambda conn: trail.sequencing(conn, at)),
        *alone("log", sequencer, lambda conn: trail.log(conn, keys(), settings)),
        *alone("witnesses", sequencer, lambda conn: trail.witnesses(conn, settings, at)),
        *alone("old keys", application, lambda conn: services.retirement(conn, keys(), settings, at)),
        *alone("what waits", application, waiting),
        *alone("what is owed", application, lambda conn: work.owing(conn, at)),
    ]


def _with(url: str, check: OnConnection) -> list[Finding]:
    with connect(url) as conn:
        return list(check(conn))


def _found(name: str, check: Callable[[], Iterable[Finding]], broken: Level = Level.RED) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001  whatever is wrong with one check, the others are done, and it is shown
        told = in_our_words(error)
        return [Finding(name, Level.DOWN if isinstance(told, EnvironmentFault) else broken, str(told))]
