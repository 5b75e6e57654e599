"""Make the county: household by household, each written by every system and then forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from wye.county import markers, truth
from wye.county.errors import Tally
from wye.county.files import CountyFiles
from wye.county.households import Builder
from wye.county.identifiers import CAPACITY
from wye.county.residents import Household, Resident
from wye.county.systems import agresso, civica, crm, frameworki, hospital, police
from wye.county.systems.writing import Desk
from wye.errors import UsageError

TODAY = date(2026, 11, 1)
"""The county's day, if no other is given: the county has no clock."""

CSV_COLUMNS = {**civica.COLUMNS, **agresso.COLUMNS, **truth.COLUMNS}
JSON_LINES = (*frameworki.FILES, *crm.FILES, *hospital.FILES, *police.FILES)


@dataclass(frozen=True, slots=True)
class CountySummary:
    """Say what was made: rows per file, residents and households, and per system what was planted of each defect."""

    people: int
    households: int
    rows: Mapping[str, int]
    tallies: Mapping[str, Tally]


def make(folder: Path, people: int, seed: int, today: date = TODAY) -> CountySummary:
    """Make a county of `people` residents, and six marker people more, into a folder: same arguments, same bytes.

    Memory does not grow with `people`. Raises UsageError if there are none or too many.
    """
    if not 0 < people <= CAPACITY - len(markers.MARKERS):
        raise UsageError(f"a county cannot have `{people}` people; it has 1 to {CAPACITY - len(markers.MARKERS)}")
    builder = Builder(seed, people, today)
    households = 0
    with CountyFiles(folder, CSV_COLUMNS, JSON_LINES) as files:
        kept = truth.Truth(files)
        desk = Desk(seed, today, files, kept)
        care = frameworki.Frameworki(desk, agresso.Agresso(desk))
        customers, revenues = crm.Crm(desk), civica.Civica(desk)
        trust, force = hospital.Hospital(desk), police.Police(desk)
        writers = (care, customers, revenues, trust, force)

        def write(household: Household) -> None:
            for resident in household.residents:
                kept.resident(resident, household.number, household.kind)
            for writer in writers:
                writer.write(household)

        for household in builder.households():
            write(household)
            households += 1
        marked: list[Resident] = []
        for household in markers.households(seed, households, people, today):
            write(household)
            marked.extend(household.residents)
        revenues.properties(max(households, builder.places))
    found = orjson.dumps(markers.values(marked), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    (folder / truth.MARKERS).write_bytes(found)
    tallies = {writer.clerk.tally.system: writer.clerk.tally for writer in writers}
    return CountySummary(people + len(marked), households + len(marked), dict(sorted(files.rows.items())), tallies)
