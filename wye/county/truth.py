"""Keep who is who, and score what a linker says against it: only the scorer opens it."""

import csv
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wye.county.errors import Defect
from wye.county.files import CountyFiles
from wye.county.residents import Resident

PEOPLE = "truth/people.csv"
RESIDENTS = "truth/residents.csv"
DEFECTS = "truth/defects.csv"
MARKERS = "truth/markers.json"
COLUMNS = {
    PEOPLE: ("system", "stream", "key", "person"),
    RESIDENTS: (
        "person", "household", "kind", "sex", "given", "middle", "family", "former_family", "birth", "death", "nhs",
        "nino", "mobile", "email", "uprn", "postcode", "stays",
    ),
    DEFECTS: ("system", "stream", "key", "defect"),
}  # fmt: skip

RecordKey = tuple[str, str, str]


class Truth:
    """Write the truth beside the systems' files."""

    def __init__(self, files: CountyFiles) -> None:
        self._files = files

    def record(self, key: RecordKey, person: str, defects: Iterable[Defect] = ()) -> None:
        """Note whom a system's row is about and what is wrong with it."""
        system, stream, name = key
        self._files.csv_row(PEOPLE, {"system": system, "stream": stream, "key": name, "person": person})
        for defect in defects:
            self._files.csv_row(DEFECTS, {"system": system, "stream": stream, "key": name, "defect": defect.value})

    def resident(self, resident: Resident, household: int, kind: str) -> None:
        """Note a resident's true particulars."""
        self._files.csv_row(
            RESIDENTS,
            {
                "person": resident.person, "household": household, "kind": kind, "sex": resident.sex,
                "given": resident.given, "middle": resident.middle, "family": resident.family,
                "former_family": resident.former_family, "birth": resident.birth.isoformat(),
                "death": resident.death.isoformat() if resident.death else None, "nhs": resident.nhs,
                "nino": resident.nino, "mobile": resident.mobile, "email": resident.email,
                "uprn": resident.home.uprn, "postcode": resident.home.postcode, "stays": len(resident.stays),
            },
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """Say how well records were joined into people, by pairs of records.

    `pairs` counts the pairs that truly belong together among the records that were both predicted and known;
    `false_merges` the predicted people that hold records of more than one true person; `missing` the true records
    that nothing was predicted for (quarantined, or never read); `unknown` the predicted records without a truth.
    """

    pairs: int
    precision: float
    recall: float
    f1: float
    false_merges: int
    missing: int
    unknown: int


def read_truth(truth_folder: Path) -> dict[RecordKey, str]:
    """Read who every person-bearing row is about."""
    with (truth_folder / "people.csv").open(encoding="utf-8", newline="") as opened:
        return {(row["system"], row["stream"], row["key"]): row["person"] for row in csv.DictReader(opened)}


def score(predicted: Mapping[RecordKey, Hashable], truth_folder: Path) -> Score:
    """Score predicted people, by (system, stream, key), against the truth in a folder."""
    return compare(predicted, read_truth(truth_folder))


def compare(predicted: Mapping[RecordKey, Hashable], truth: Mapping[RecordKey, Hashable]) -> Score:
    """Compare two partitions of records by pairs, counted from the contingency of the two: linear in the records.

    Precision and recall are 1 when there is nothing to be wrong about.
    """
    both = predicted.keys() & truth.keys()
    cells: Counter[tuple[Hashable, Hashable]] = Counter((predicted[key], truth[key]) for key in both)
    joined: Counter[Hashable] = Counter()
    true: Counter[Hashable] = Counter()
    people_in: Counter[Hashable] = Counter()
    for (guess, person), records in cells.items():
        joined[guess] += records
        true[person] += records
        people_in[guess] += 1
    right, said, real = _pairs(cells.values()), _pairs(joined.values()), _pairs(true.values())
    precision = right / said if said else 1.0
    recall = right / real if real else 1.0
    return Score(
        pairs=real,
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        false_merges=sum(1 for people in people_in.values() if people > 1),
        missing=len(truth) - len(both),
        unknown=len(predicted) - len(both),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
