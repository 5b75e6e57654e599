"""Look at every record: when the footing changed, or when so much did that finding what is near would cost more.

Pairs are found and weighed in memory, all at once; then the records are parted into groups that nothing ties to one
another, and settled some groups at a time, so that memory holds the ties of those only.
"""

from collections.abc import Iterator
from typing import cast
from uuid import UUID

import numpy as np
import numpy.typing as npt
import polars as pl

from wye.identity import feature_rows, model, rows
from wye.identity.assign import Link
from wye.identity.block_rows import Footing, replace_all
from wye.identity.follow import traits, words
from wye.identity.linkage import Linkage
from wye.identity.nearby import TRAITS
from wye.identity.scene import Scene, tie
from wye.store.database import Connection

TOGETHER = 50_000
"""Records that are settled at a time, give or take a group."""

Places = npt.NDArray[np.int64]


def everyone(conn: Connection, parameters: model.Parameters, footing: Footing) -> Iterator[Scene]:
    """Weigh all pairs, keep the blocking keys of all records anew, and give the records some groups at a time."""
    features = feature_rows.features(conn)
    linkage = Linkage(features, parameters, footing.records, footing.bearers)
    try:
        replace_all(conn, linkage.keys(), linkage.records)
        pairs = linkage.pairs(range(features.height))
    finally:
        linkage.close()
    features = features.select("record", *TRAITS)
    places = features.select("record").with_row_index("n")
    linked = rows.persons(conn).join(places, on="record")
    edges = pl.concat([pairs.select("a", "b"), _bound(conn, places, linked)])
    label = components(features.height, edges["a"].to_numpy(), edges["b"].to_numpy())
    alone = np.bincount(label, minlength=features.height)[label] == 1
    alone[linked["n"].to_numpy()] = False
    yield from _loners(features, np.flatnonzero(alone))
    order = np.argsort(label, kind="stable")
    order = order[~alone[order]]
    pairs = pairs.with_columns(label=pl.Series(label[pairs["a"].to_numpy()])).sort("label", "a", "b")
    ties_of = pairs["label"].to_numpy()
    start = 0
    while start < len(order):
        last = label[order[min(start + TOGETHER, len(order)) - 1]]
        end = int(np.searchsorted(label[order], last, side="right"))
        first, past = np.searchsorted(ties_of, (label[order[start]], last + 1))
        yield _scene(conn, features, np.sort(order[start:end]), pairs[int(first) : int(past)])
        start = end


def components(size: int, a: Places, b: Places) -> Places:
    """Label each of `size` places with the lowest place that edges a to b lead to."""
    label = np.arange(size)
    while True:
        low = np.minimum(label[a], label[b])
        before = label.copy()
        np.minimum.at(label, label[a], low)
        np.minimum.at(label, label[b], low)
        while not np.array_equal(label, shorter := label[label]):
            label = shorter
        if np.array_equal(label, before):
            return label


def _loners(features: pl.DataFrame, places: Places) -> Iterator[Scene]:
    """Give those that nothing ties to anybody, who were mostly never seen before."""
    for start in range(0, len(places), TOGETHER):
        records = features["record"][places[start : start + TOGETHER]]
        yield Scene([], {}, loners=[UUID(record) for record in records])


def _bound(conn: Connection, places: pl.DataFrame, linked: pl.DataFrame) -> pl.DataFrame:
    """Give the pairs of places that are with one person now, or that a human found to be one, as a chain of edges."""
    chain = (
        linked.sort("person", "n")
        .select(a=pl.col("n").shift(1), b="n", same=pl.col("person") == pl.col("person").shift(1))
        .filter(pl.col("same"))
    )
    said = rows.said_same(conn).join(places, left_on="record_a", right_on="record").rename({"n": "a"})
    said = said.join(places, left_on="record_b", right_on="record").rename({"n": "b"})
    return pl.concat([each.select(pl.col("a", "b").cast(pl.Int32)) for each in (chain, said)])


def _scene(conn: Connection, features: pl.DataFrame, chosen: Places, pairs: pl.DataFrame) -> Scene:
    here = features[chosen]
    records = [UUID(record) for record in here["record"]]
    links: dict[UUID, Link] = rows.links_of(conn, records)
    scene = Scene(records, links, set(range(len(records))))
    a, b = (np.searchsorted(chosen, pairs[end].to_numpy()).tolist() for end in "ab")
    for x, y, rule, door, weight in zip(a, b, pairs["rule"], pairs["door"], pairs["weight"], strict=True):
        scene.ties.append(tie((x, y), rule, weight, door=door))
    place_of = {record: place for place, record in enumerate(records)}
    scene.words = words(conn, records, place_of, scene.ties)
    tied = sorted(
        {place for each in scene.ties for place in each.pair} | {p for pair in scene.words.same for p in pair}
    )
    for place, row in zip(tied, here.select(TRAITS)[tied].iter_rows(), strict=True):
        scene.traits[place] = traits(cast("tuple[object, ...]", row), links.get(records[place]))
    return scene
