"""Read the labelled sets: febrl from its peer environment, made counties, and any CSV with labels."""

import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from benchmarks.ground import ROOT
from benchmarks.linking.labelled import Labelled, Row, labelled
from benchmarks.linking.layout import AUSTRALIAN, FEBRL, FEBRL_WITH_ID, Columns, Layout, eight_digits
from benchmarks.linking.peer import febrl as febrl_folder
from benchmarks.linking.table import read_table

COUNTY_SEED = 7
"""Not the seed that model.json was learnt on."""
PLAIN = Columns("given_name", "surname", "dob", "postcode", ("city",), "email")
NAMES: Mapping[str, tuple[str, ...]] = {
    "given_name": ("given_name", "first_name", "forename", "firstname"),
    "family_name": ("family_name", "surname", "last_name", "lastname"),
    "birth_date": ("birth_date", "dob", "date_of_birth", "dateofbirth"),
    "postcode": ("postcode", "post_code", "postal_code", "zip"),
    "email": ("email", "email_address"),
}
ADDRESS = ("street_number", "address", "address_1", "address_2", "street", "suburb", "town", "city", "county", "state")
PEOPLE = ("cluster", "person", "cluster_id", "person_id", "label")
LABEL = ("unique_id_l", "unique_id_r", "clerical_match_score")
PERSON = re.compile(r"^rec-\d+")


def febrl3(*, number: bool) -> Labelled:
    """Read 5,000 records of 2,000 people, up to five duplicates each, several slips a record."""
    layout = Layout("febrl3", FEBRL_WITH_ID if number else FEBRL, eight_digits, AUSTRALIAN)
    return _febrl("febrl3", layout, ("febrl3",), number=number)


def febrl4(*, number: bool) -> Labelled:
    """Read two sets of 5,000 people, the second of which holds each of the first once, with slips."""
    layout = Layout("febrl4", FEBRL_WITH_ID if number else FEBRL, eight_digits, AUSTRALIAN, once=True)
    return _febrl("febrl4", layout, ("febrl4a", "febrl4b"), number=number)


def _febrl(name: str, layout: Layout, files: Iterable[str], *, number: bool) -> Labelled:
    folder = febrl_folder()
    rows: list[Row] = []
    for file in files:
        rows += [
            {**row, "source": file, "key": row["rec_id"]} for row in read_table(folder / f"{file}.csv", ["rec_id"])
        ]
    person = [match.group() for row in rows if (match := PERSON.match(row["key"]))]
    return labelled(name if number else f"{name}_no_id", layout, rows, person)


def county(people: int) -> Labelled:
    """Make a county, and read what its seven systems hold of its people."""
    sys.path.append(str(ROOT / "tests" / "support"))
    from benchmarks.linking.county_set import read
    from wye.county import make

    with tempfile.TemporaryDirectory(prefix="wye-county-") as folder:
        make(Path(folder), people, COUNTY_SEED)
        return read(Path(folder), f"county_{people}")


def from_path(path: Path) -> Labelled:
    """Read a CSV of records, or the one CSV of a folder that is not labels, whose people are known.

    Who is who stands in a column `cluster` or the like, or in a file beside it named `<file>_labels.csv` with
    `unique_id_l`, `unique_id_r` and `clerical_match_score`. Raises ValueError saying what is missing or malformed, and where.
    """
    file = path if path.is_file() else _records(path)
    rows = [{**row, "source": file.stem} for row in read_table(file)]
    if not rows:
        raise ValueError(f"`{file.name}` holds no records")
    columns = _columns(rows[0], file.name)
    key = next((name for name in ("unique_id", "rec_id", "id", "key") if name in rows[0]), None)
    numbered = [{**row, "key": row[key] if key else str(place)} for place, row in enumerate(rows)]
    _check_keys([row["key"] for row in numbered], file.name)
    person = next((name for name in PEOPLE if name in rows[0]), None)
    people = [row[person] for row in rows] if person else _joined(file, [row["key"] for row in numbered])
    return labelled(file.stem, Layout(file.stem, columns), numbered, people)


def _check_keys(keys: list[str], file: str) -> None:
    seen: set[str] = set()
    for number, key in enumerate(keys, 1):
        if key in seen:
            raise ValueError(f"`{file}` row {number} has the key of a row before it")
        seen.add(key)


def _records(folder: Path) -> Path:
    found = [file for file in sorted(folder.glob("*.csv")) if not file.stem.endswith("_labels")]
    if len(found) != 1:
        raise ValueError(f"folder `{folder.name}` holds {len(found)} files of records; name the one that is meant")
    return found[0]


def _columns(row: Row, file: str) -> Columns:
    found = {what: next((name for name in names if name in row), "") for what, names in NAMES.items()}
    missing = [what for what in ("given_name", "family_name", "birth_date") if not found[what]]
    if missing:
        raise ValueError(f"`{file}` has no column for `{', '.join(missing)}`; one is named as in {NAMES}")
    return Columns(
        found["given_name"], found["family_name"], found["birth_date"], found["postcode"],
        tuple(name for name in ADDRESS if name in row), found["email"],
    )  # fmt: skip


def _joined(file: Path, keys: list[str]) -> list[str]:
    """Follow the labels from record to record; each record without one is somebody of its own."""
    labels = file.with_name(f"{file.stem}_labels.csv")
    if not labels.exists():
        raise ValueError(f"`{file.name}` says nowhere who is who: no column of {PEOPLE}, and no `{labels.name}`")
    root = {key: key for key in keys}

    def find(key: str) -> str:
        while root[key] != key:
            key = root[key]
        return key

    for number, row in enumerate(read_table(labels, LABEL), 1):
        one, other = row["unique_id_l"], row["unique_id_r"]
        if not {one, other} <= root.keys():
            raise ValueError(f"`{labels.name}` row {number} names a record that `{file.name}` has not")
        try:
            score = float(row["clerical_match_score"])
        except ValueError:
            raise ValueError(f"`{labels.name}` row {number}: `clerical_match_score` is no number") from None
        if score > 0.5:  # noqa: PLR2004  more likely one than two
            first, second = sorted((find(one), find(other)))
            root[second] = first
    return [find(key) for key in keys]


SETS: Mapping[str, Callable[[], Labelled]] = MappingProxyType(
    {
        "febrl3": partial(febrl3, number=True),
        "febrl3_no_id": partial(febrl3, number=False),
        "febrl4": partial(febrl4, number=True),
        "febrl4_no_id": partial(febrl4, number=False),
        "county_10000": partial(county, 10_000),
        "county_100000": partial(county, 100_000),
    }
)
"""Each set that needs no file of the user's, by the name in `link_f1_<name>`."""
