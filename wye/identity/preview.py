"""Say what another model would make of the people of a hub, before it is put in force: counts, and nothing else."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from wye.identity import feature_rows, model, rows
from wye.identity.assign import Link
from wye.identity.link import Memory, link
from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class Preview:
    """Count pairs of records that a model would bring together or part, and people before and after.

    A link that people or source systems made stays, and so does one that is weak by the model but not below FRACTURE.
    """

    links: int
    """Pairs of records that are of one person now."""
    made: int
    broken: int
    people: int
    people_then: int
    doubtful: int
    """Pairs that people would be asked about, those decided already among them."""


def preview(conn: Connection, parameters: model.Parameters) -> Preview:
    """Link all records by these parameters without writing anything."""
    features = feature_rows.features(conn).drop(feature_rows.COUNTS)
    records = [UUID(record) for record in features["record"]]
    links: dict[UUID, Link] = rows.links_of(conn, records)
    said = tuple(rows.decisions(conn, records))
    linked = link(features, parameters, memory=Memory(links, said))
    cells = Counter(
        (links[record].person if record in links else record, then)
        for record, then in zip(records, linked.person, strict=True)
    )
    now, then = _sums(cells, 0), _sums(cells, 1)
    both = _pairs(cells.values())
    return Preview(
        links=_pairs(now.values()),
        made=_pairs(then.values()) - both,
        broken=_pairs(now.values()) - both,
        people=len(now),
        people_then=len(then),
        doubtful=linked.doubtful,
    )


def _sums(cells: Counter[tuple[UUID, int]], side: int) -> Counter[object]:
    found: Counter[object] = Counter()
    for cell, records in cells.items():
        found[cell[side]] += records
    return found


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
