"""Read what a contract promises beside its rules: how soon and how often rows come, and where a person stands once.

ODCS says the first two under `slaProperties` (latency, frequency; `element` names the stream; its third, retention, is
read by wye.quality.retention); the last is a custom
property of the stream, `people`: each stands there `once`, or `repeatedly`, a row to each event or claim.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, ServiceLevelAgreementProperty

from wye.errors import ContractBroken
from wye.quality.retention import PROPERTY as RETENTION

UNITS: Mapping[str, timedelta] = MappingProxyType({"h": timedelta(hours=1), "d": timedelta(days=1)})
LATENCY, FREQUENCY = "latency", "frequency"
PEOPLE = "people"
ONCE, REPEATEDLY = "once", "repeatedly"


@dataclass(frozen=True, slots=True)
class Promise:
    """Hold what one stream promises."""

    stream: str
    latency: timedelta | None = None
    """Within which a change in the system reaches the hub."""
    frequency: timedelta | None = None
    """Within which something new comes."""
    people: str | None = None
    """`once` or `repeatedly`; none where the rows are not about a person as such."""

    @property
    def one_row_per_person(self) -> bool:
        """Say whether two rows of one person are one too many."""
        return self.people == ONCE


def load_promises(path: Path, source: str) -> dict[str, Promise]:
    """Read the promises of each stream; raises ContractBroken for a word, unit or stream that is not known."""
    odcs = OpenDataContractStandard.from_file(str(path))
    where = f"contract of `{source}`"
    streams = [str(item.name) for item in odcs.schema_ or []]
    found: dict[str, dict[str, timedelta]] = {stream: {} for stream in streams}
    for line in odcs.slaProperties or []:
        if line.property == RETENTION:
            continue
        if line.property not in {LATENCY, FREQUENCY}:
            raise ContractBroken(f"{where} promises `{line.property}`; allowed: {LATENCY}, {FREQUENCY}, {RETENTION}")
        if line.element not in found:
            raise ContractBroken(
                f"{where} promises {line.property} of `{line.element}`; there are: {', '.join(streams)}"
            )
        found[line.element][line.property] = _length(where, line)
    people = {str(item.name): _people(f"{where}: `{item.name}`", item) for item in odcs.schema_ or []}
    return {
        stream: Promise(stream, found[stream].get(LATENCY), found[stream].get(FREQUENCY), people[stream])
        for stream in streams
    }


def _people(where: str, item: SchemaObject) -> str | None:
    words = [each.value for each in item.customProperties or [] if each.property == PEOPLE]
    if strange := [word for word in words if word not in {ONCE, REPEATEDLY}]:
        raise ContractBroken(f"{where} has people `{strange[0]}`; allowed: {ONCE}, {REPEATEDLY}")
    return str(words[0]) if words else None


def _length(where: str, line: ServiceLevelAgreementProperty) -> timedelta:
    number, unit = line.value, UNITS.get(line.unit or "")
    if unit is None or isinstance(number, bool) or not isinstance(number, int | float) or number <= 0:
        raise ContractBroken(
            f"{where} promises {line.property} of `{line.element}` as `{number} {line.unit}`: "
            f"right is a number above nothing and a unit of {', '.join(UNITS)}"
        )
    return unit * number
