"""Name the verbs that an orchestrator may ask for. Each does its work once and gives counts: never a personal value."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from types import MappingProxyType

from wye.errors import UsageError
from wye.road.check_index import check_index
from wye.road.deliver import deliver
from wye.road.hand_on import hand_on
from wye.road.holds import check_held
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.ingest import ingest
from wye.road.lapse import warn_of_lapse
from wye.road.opt_out import forget_opt_outs
from wye.road.overdue import check_overdue
from wye.road.receipts import receipts
from wye.road.relay import relay
from wye.road.sample import sample
from wye.road.score import score
from wye.road.sequence import sequence
from wye.road.share import share
from wye.road.train import train
from wye.road.witness import witness

Verb = Callable[[Hub, str | None], dict[str, object]]


def _of(verb: Callable[[Hub], object]) -> Verb:
    def run(hub: Hub, name: str | None) -> dict[str, object]:
        if name is not None:
            raise UsageError(f"verb takes no name, and was given `{name}`")
        return _counts(verb(hub))

    return run


def _for(verb: Callable[[Hub, str], object]) -> Verb:
    def run(hub: Hub, name: str | None) -> dict[str, object]:
        if name is None:
            raise UsageError("verb needs the name of a source or an agreement")
        return _counts(verb(hub, name))

    return run


def _counts(found: object) -> dict[str, object]:
    if is_dataclass(found) and not isinstance(found, type):
        return asdict(found)
    return dict(found) if isinstance(found, Mapping) else {}


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "ingest": _for(ingest),
        "check_held": _for(check_held),
        "identify": _of(identify),
        "share": _for(share),
        "relay": _for(relay),
        "deliver": _of(deliver),
        "receipts": _of(receipts),
        "hand_on": _of(hand_on),
        "sequence": _of(sequence),
        "check_overdue": _of(check_overdue),
        "score": _of(score),
        "check_index": _of(check_index),
        "warn_of_lapse": _of(warn_of_lapse),
        "forget_opt_outs": _of(forget_opt_outs),
        "train": _of(train),
        "sample": _for(sample),
        "witness": _of(witness),
    }
)
