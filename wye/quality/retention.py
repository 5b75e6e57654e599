"""Read for how long a contract says that what came from its system is kept: for which stream, from when, on whose word.

ODCS says it under `slaProperties` as `retention`, in years; `element` names the stream. Custom properties of the line say
the rest: `start` (from when), `source` (where the period was read), `status` (`read`, or `unconfirmed`: nobody has shown
where it stands) and, for systems that know children, `known_as_child` (years from birth). A period is each controller's
own: the ones that come with Wye are defaults to be edited. An unconfirmed one counts: it can only keep longer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from open_data_contract_standard.model import OpenDataContractStandard, ServiceLevelAgreementProperty

from wye.agreements.days import later
from wye.agreements.keeping import Retention
from wye.agreements.retention import kept_until
from wye.errors import ContractBroken
from wye.vocabulary import RetentionStart

PROPERTY, UNIT = "retention", "y"
READ, UNCONFIRMED = "read", "unconfirmed"
WORDS = {"start", "source", "status", "known_as_child"}
OF_AGE = "P18Y"


@dataclass(frozen=True, slots=True)
class StreamRetention:
    """Hold for how long one stream's rows are kept: whole years."""

    years: int
    start: RetentionStart
    source: str
    confirmed: bool
    known_as_child: int | None = None
    """Years from birth, for whoever was under 18 when first known; none if it makes no difference."""

    def until(self, first: date, last: date, birth: date | None) -> date | None:
        """Give the last day on which a person's rows are kept, known from `first` to `last`.

        None if it cannot be told: whether somebody was known as a child hangs on the day of birth.
        """
        kept = kept_until(Retention(period=f"P{self.years}Y", start=self.start), last)
        if self.known_as_child is None:
            return kept
        if birth is None:
            return None
        child = first < later(birth, OF_AGE)
        return max(kept, later(birth, f"P{self.known_as_child}Y")) if child else kept

    def words(self) -> str:
        """Say the period, for people."""
        return f"{self.years} years from {self.start.value}{'' if self.confirmed else ', unconfirmed'}"


def load_retention(path: Path, source: str) -> Mapping[str, StreamRetention]:
    """Read the retention of each stream that states one; raises ContractBroken for what is not known."""
    odcs = OpenDataContractStandard.from_file(str(path))
    streams = {str(item.name) for item in odcs.schema_ or []}
    found: dict[str, StreamRetention] = {}
    for line in odcs.slaProperties or []:
        if line.property == PROPERTY:
            where = f"contract of `{source}`: retention of `{line.element}`"
            if line.element not in streams or line.element in found:
                raise ContractBroken(f"{where}: once for each of {', '.join(sorted(streams))}")
            found[line.element] = _read(where, line)
    return found


def _read(where: str, line: ServiceLevelAgreementProperty) -> StreamRetention:
    stated = {str(each.property): each.value for each in line.customProperties or []}
    if strange := sorted(stated.keys() - WORDS):
        raise ContractBroken(f"{where} says `{strange[0]}`; allowed: {', '.join(sorted(WORDS))}")
    if line.unit != UNIT:
        raise ContractBroken(f"{where} is in `{line.unit}`; right is `{UNIT}`")
    try:
        start = RetentionStart(str(stated.get("start")))
    except ValueError:
        raise ContractBroken(
            f"{where} starts at `{stated.get('start')}`; allowed: {', '.join(RetentionStart)}"
        ) from None
    source, status = stated.get("source"), stated.get("status")
    if not source or status not in {READ, UNCONFIRMED}:
        raise ContractBroken(f"{where} needs a `source` and a `status` of {READ} or {UNCONFIRMED}")
    child = stated.get("known_as_child")
    return StreamRetention(
        _years(where, line.value), start, str(source), status == READ, None if child is None else _years(where, child)
    )


def _years(where: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ContractBroken(f"{where} is `{value}`; right is a whole number of years")
    return value
