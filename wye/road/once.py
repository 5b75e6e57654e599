"""Do every verb once, in order. One system that is down stops only itself."""

from collections.abc import Callable

from wye.errors import AgreementRefused, EnvironmentFault
from wye.ports import Receives
from wye.road.hub import Hub
from wye.road.verbs import VERBS


def once(hub: Hub, say: Callable[[str], None], *, own_sources: bool = True) -> dict[str, list[object]]:
    """Walk the road once; gives what each verb did, and the faults that a later round may find mended."""
    done: list[object] = []
    faults: list[object] = []
    sources = [name for name in hub.source_names if own_sources or isinstance(hub.connector(name), Receives)]
    steps: list[tuple[str, str | None]] = [("ingest", name) for name in sources]
    steps += [("identify", None)]
    steps += [(verb, name) for name in hub.agreements for verb in ("share", "relay")]
    steps += [(verb, None) for verb in ("deliver", "receipts", "hand_on", "sequence")]
    for verb, name in steps:
        try:
            counts = VERBS[verb](hub, name)
        except (EnvironmentFault, AgreementRefused) as error:
            faults.append(f"{verb}{f' {name}' if name else ''}: {error}")
            continue
        say(f"{verb}{f' {name}' if name else ''}: {counts}")
        done.append({"verb": verb, "name": name, "counts": counts})
    faults += [f"agreement {name} is not in force: {why}" for name, why in hub.refused.items()]
    return {"done": done, "faults": faults}
