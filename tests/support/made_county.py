"""Read a made county's files back, for the county's own tests."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from wye.county import CountySummary, make
from wye.county.truth import RecordKey, read_truth

CIVICA = "civica_revenues"


@dataclass(frozen=True)
class MadeCounty:
    folder: Path
    summary: CountySummary

    def json_lines(self, name: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / name).read_bytes().splitlines()]

    def csv_rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))

    def truth(self) -> dict[RecordKey, str]:
        return read_truth(self.folder / "truth")

    def residents(self) -> dict[str, dict[str, str]]:
        return {row["person"]: row for row in self.csv_rows("truth/residents.csv")}

    def defects(self) -> dict[RecordKey, set[str]]:
        found: dict[RecordKey, set[str]] = {}
        for row in self.csv_rows("truth/defects.csv"):
            found.setdefault((row["system"], row["stream"], row["key"]), set()).add(row["defect"])
        return found


def make_county(folder: Path, people: int, seed: int) -> MadeCounty:
    return MadeCounty(folder, make(folder, people, seed))
