"""Hold records whose people are known, as features that linking compares and as the rows that plain Splink gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

import polars as pl

from benchmarks.linking.layout import Layout
from wye.identity.features import GROUP, RAW, UNIT, normalise

SPACE = UUID("6d2c6b4f-3a94-5b1e-9d0f-5b1c5a7f0e55")
"""The namespace of the ids that labelled records get, so that they are UUIDs as a hub's are."""

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Hold one set. `rows` are as the set has them, with `source` and `key`; `person` says who each row is."""

    name: str
    layout: Layout
    rows: Sequence[Row]
    person: Sequence[str]
    features: pl.DataFrame
    """In the order of record ids; `place` gives the place in `rows`."""
    place: tuple[int, ...]

    @property
    def pairs(self) -> int:
        """Count the true pairs, between sources only if the layout says that a source holds nobody twice."""
        sizes: dict[str, int] = {}
        for person in self.person:
            sizes[person] = sizes.get(person, 0) + 1
        return sum(size * (size - 1) // 2 for size in sizes.values())


def labelled(name: str, layout: Layout, rows: Sequence[Row], person: Sequence[str]) -> Labelled:
    """Make a set of rows that have a `source` and a `key` besides the columns that the layout names."""
    raw = pl.DataFrame([_raw(row, layout) for row in rows], schema={**RAW, "number": pl.String})
    made = normalise(raw.drop("number"), layout.postcode)
    if layout.columns.number:
        made = made.with_columns(nhs_number=raw["number"])
    ordered = made.with_row_index("place").sort("record")
    return Labelled(name, layout, rows, person, ordered.drop("place"), tuple(ordered["place"].to_list()))


def _raw(row: Row, layout: Layout) -> dict[str, object]:
    columns = layout.columns
    lines = " ".join(row[column] for column in columns.address if row[column])
    postcode = row[columns.postcode] if columns.postcode else ""
    return {
        "record": str(uuid5(SPACE, f"{row['source']}/{row['key']}")),
        "source": row["source"],
        "given_name": row[columns.given_name] or None,
        "middle_names": None,
        "family_name": row[columns.family_name] or None,
        "birth_date": layout.birth_date(row[columns.birth_date]),
        "addresses": GROUP.join([f"{postcode}{UNIT}{lines}"]) if lines or postcode else None,
        "emails": (row[columns.email] or None) if columns.email else None,
        "number": (row[columns.number] or None) if columns.number else None,
    }
