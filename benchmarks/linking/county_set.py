"""Read a made county's systems as one labelled set. Needs tests/support on the path: the mapping is the tests' own."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from county_canonical import rows as canonical_rows  # type: ignore[import-not-found]  # tests/support is no package

from benchmarks.linking.labelled import Labelled, Row
from benchmarks.linking.layout import Columns, Layout
from wye.county.truth import read_truth
from wye.identity.features import GROUP, RAW, UNIT, normalise
from wye.ports import record_id

COUNTY = Layout(
    "county",
    Columns("given_name", "family_name", "birth_date", "postcode", (), "email", "nhs_number"),
    households=True,
    small=False,
)
SCALARS = ("given_name", "middle_names", "family_name", "birth_date", "sex", "nhs_number")


def read(folder: Path, name: str) -> Labelled:
    """Read every person-bearing record, and who it is about."""
    beside: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    people: dict[str, dict[str, str | None]] = {}
    for row in canonical_rows(folder):
        body, record = row.body, str(row.subject)
        if row.entity == "person":
            people[record] = {"source": row.source, **{each: body.get(each) for each in SCALARS}}
        elif row.entity == "address":
            beside[record]["addresses"].append(f"{body.get('postcode') or ''}{UNIT}{body.get('lines') or ''}")
        elif row.entity == "contact_point":
            beside[record]["emails" if body["kind"] == "email" else "phones"].append(body["value"])
        else:
            beside[record]["duplicates"].append(body["other"])
    truth = {str(record_id(*key)): person for key, person in read_truth(folder / "truth").items()}
    records = sorted(people.keys() & truth.keys())
    raw = [_raw(record, people[record], beside[record]) for record in records]
    features = normalise(pl.DataFrame(raw, schema=RAW))
    rows = list(_flat(raw))
    return Labelled(name, COUNTY, rows, [truth[record] for record in records], features, tuple(range(len(records))))


def _raw(record: str, person: dict[str, str | None], lists: dict[str, list[str]]) -> dict[str, object]:
    joined = {name: GROUP.join(values) for name, values in lists.items()}
    return dict.fromkeys(RAW) | {"record": record, **person, **joined, "sealed": False}


def _flat(raw: list[dict[str, object]]) -> Iterator[Row]:
    """Give each record the way Splink's demos have them: one value to a column."""
    for row in raw:
        address = str(row["addresses"] or "").split(GROUP)[0].split(UNIT)[0]
        one = {name: str(row[name] or "") for name in SCALARS}
        yield {
            **one,
            "postcode": address.replace(" ", "").upper(),
            "email": str(row["emails"] or "").split(GROUP)[0].lower(),
            "phone": str(row["phones"] or "").split(GROUP)[0].replace(" ", ""),
            "source": str(row["source"]),
            "key": str(row["record"]),
        }
