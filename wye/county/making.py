"""Make the county: household by household, each written by every system and then forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from wye.county import markers, truth
from wye.county.errors import Defect, ErrorRate, Tally
from wye.county.files import CountyFiles
from wye.county.households import Builder
from wye.county.identifiers import CAPACITY
from wye.county.residents import Household, Resident
from wye.county.systems import agresso, civica, crm, frameworki, hospital, police
from wye.county.systems.writing import Desk
from wye.errors import UsageError

TODAY = date(2026, 11, 1)
"""The county's day, if no other is given: the county has no clock."""

STATE = "truth/county.json"
CSV_COLUMNS = {**civica.COLUMNS, **agresso.COLUMNS, **truth.COLUMNS}
JSON_LINES = (*frameworki.FILES, *crm.FILES, *hospital.FILES, *police.FILES)


@dataclass(frozen=True, slots=True)
class CountySummary:
    """Say what was made: rows per file, residents and households, and per system what was planted of each defect."""

    people: int
    households: int
    rows: Mapping[str, int]
    tallies: Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class CountyState:
    """Hold what the next night must know: how far numbers have been given out."""

    seed: int
    today: date
    people: int
    households: int
    night: int

    def save(self, folder: Path) -> None:
        """Write the state beside the truth."""
        (folder / STATE).write_bytes(orjson.dumps(self, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))

    @classmethod
    def load(cls, folder: Path) -> "CountyState":
        """Read the state; raises UsageError if no county was made in the folder."""
        try:
            read = orjson.loads((folder / STATE).read_bytes())
        except FileNotFoundError:
            raise UsageError(f"folder `{folder.name}` holds no county: make one first") from None
        return cls(**{**read, "today": date.fromisoformat(read["today"])})


class Systems:
    """Hold the writers of all systems, and show them one household after another."""

    def __init__(self, desk: Desk) -> None:
        self._truth = desk.truth
        care = frameworki.Frameworki(desk, agresso.Agresso(desk))
        self.revenues = civica.Civica(desk)
        self._writers = (care, crm.Crm(desk), self.revenues, hospital.Hospital(desk), police.Police(desk))

    def write(self, household: Household) -> None:
        """Write one household everywhere where it is known."""
        for resident in household.residents:
            self._truth.resident(resident, household.number, household.kind)
        for writer in self._writers:
            writer.write(household)

    def tallies(self) -> dict[str, Tally]:
        """Tell, for each system, what was planted."""
        return {writer.clerk.tally.system: writer.clerk.tally for writer in self._writers}


def make(
    folder: Path, people: int, seed: int, today: date = TODAY, rates: Mapping[Defect, ErrorRate] | None = None
) -> CountySummary:
    """Make a county of `people` residents, and six marker people more, into a folder: same arguments, same bytes.

    `rates` say how often each system errs, as error_rates.yaml does if they are left out. Memory does not grow with `people`. Raises UsageError if there are none or too many.
    """
    if not 0 < people <= CAPACITY - len(markers.MARKERS):
        raise UsageError(f"a county cannot have `{people}` people; it has 1 to {CAPACITY - len(markers.MARKERS)}")
    builder = Builder(seed, people, today)
    households = 0
    with CountyFiles(folder, CSV_COLUMNS, JSON_LINES) as files:
        systems = Systems(Desk(seed, today, files, truth.Truth(files), rates=rates))
        for household in builder.households():
            systems.write(household)
            households += 1
        marked: list[Resident] = []
        for household in markers.households(seed, households, people, today):
            systems.write(household)
            marked.extend(household.residents)
        places = max(households, builder.places)
        systems.revenues.properties(0, places)
    found = orjson.dumps(markers.values(marked), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    (folder / truth.MARKERS).write_bytes(found)
    CountyState(seed, today, people + len(marked), places + len(marked), 0).save(folder)
    rows = dict(sorted(files.rows.items()))
    return CountySummary(people + len(marked), households + len(marked), rows, systems.tallies())
