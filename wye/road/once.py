"""Do every verb once, in order. What is wrong with one system, partner or agreement stops only itself."""

import os
import traceback
from collections.abc import Callable, Iterator

from wye.audit.backlog import overdue as unsequenced
from wye.errors import in_our_words
from wye.ports import Receives
from wye.road import lapse, runs
from wye.road.hub import Hub
from wye.road.overdue import overdue
from wye.road.quarantine_list import unplaced
from wye.road.verbs import VERBS

Step = tuple[str, str | None]


def once(hub: Hub, say: Callable[[str], None], *, own_sources: bool = True) -> dict[str, list[object]]:
    """Walk the road once; gives what each verb did, and the faults that a later round may find mended.

    A held batch is a fault too: somebody has to look at it. So is a row that may protect somebody of whom nobody can tell
    who it is: that alarms. Raises only if the hub's own database has gone.
    """
    done: list[object] = []
    faults: list[object] = []
    hub.renew()
    for verb, name in _steps(hub, own_sources=own_sources):
        step = f"{verb} {name}" if name else verb
        try:
            counts = VERBS[verb](hub, name)
        except Exception as error:  # whatever is wrong with one step, the others are done, and it is shown
            if hub.conn.closed:
                raise
            if os.environ.get("WYE_TRACEBACK") == "1":
                traceback.print_exc()
            fault = str(in_our_words(error))
            runs.note(hub.settings, verb, name, hub.at(), fault)
            faults.append(f"{step}: {fault}")
            continue
        runs.note(hub.settings, verb, name, hub.at())
        say(f"{step}: {counts}")
        done.append({"verb": verb, "name": name, "counts": counts})
        held = counts.get("held")
        faults += [f"{step}: held: {reason}" for reason in held] if isinstance(held, list) else []
    faults += [f"agreement {name} is not in force: {why}" for name, why in hub.refused.items()]
    alarms: list[object] = [
        f"a protection waits in `{each['source']}.{each['stream']}` for someone nobody can tell (record"
        f" {each['record']}): `wye quality quarantine list`"
        for each in unplaced(hub)
    ]
    alarms += [each.words() for each in overdue(hub.conn, hub.at())]
    alarms += lapse.alarms(hub)
    late = unsequenced(hub.conn, hub.at())
    alarms += [late] if late else []
    return {"done": done, "faults": faults, "alarms": alarms}


def _steps(hub: Hub, *, own_sources: bool) -> Iterator[Step]:
    for name in hub.source_names:
        if own_sources or _receives(hub, name):
            yield "ingest", name
    yield "identify", None
    yield "sequence", None  # what an outage left waiting has its place in the log before anything more is disclosed
    for name in hub.agreements:
        yield "share", name
        yield "relay", name
    for verb in ("deliver", "receipts", "hand_on", "sequence"):
        yield verb, None
    if own_sources:  # a worker that turns all day leaves these to the schedule
        if hub.settings.witnesses:
            yield "witness", None
        yield "score", None
        yield "check_index", None
        yield "warn_of_lapse", None
        yield "forget_opt_outs", None


def _receives(hub: Hub, name: str) -> bool:
    """Say whether a source is a partner's; one that cannot even be built is tried, so that its fault is shown."""
    try:
        return isinstance(hub.connector(name), Receives)
    except Exception:  # noqa: BLE001  the verb meets it again, and says it
        return True
