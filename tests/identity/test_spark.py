"""The same model on local Spark: the weight of every pair and the clusters are those of DuckDB and PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from canonical_people import AT, store
from county_canonical import rows
from spark_peer import link
from spark_settings import spark_sql

from wye.county import make
from wye.identity import block_rows, feature_rows, model
from wye.identity.everyone import components
from wye.identity.identify import identify
from wye.identity.linkage import Linkage
from wye.store.database import Connection, connect

PEOPLE, SEED = 2_000, 41
EVERY = -1e9


@pytest.fixture
def conn(database_url: str, tmp_path: Path) -> Iterator[Connection]:
    """A county of some thousand records, linked."""
    make(tmp_path / "county", PEOPLE, SEED)
    with connect(database_url) as opened:
        store(opened, rows(tmp_path / "county"))
        identify(opened, AT)
        yield opened


@pytest.mark.long
@pytest.mark.services
@pytest.mark.timeout(900)
def test_spark_gives_the_same_weights_and_clusters(conn, tmp_path):
    parameters = model.shipped()
    features = feature_rows.features(conn)
    footing = block_rows.footing(conn)
    linkage = Linkage(features, parameters, footing.records, footing.bearers)
    ours = linkage.pairs(range(features.height), least=EVERY)
    linkage.close()
    place = {record: n for n, record in enumerate(features["record"])}
    kept = conn.execute("SELECT record::text, key FROM identity.block").fetchall()
    keys = pl.DataFrame(
        [(place[record], key) for record, key in kept], schema={"n": pl.Int64, "key": pl.Int64}, orient="row"
    )
    (tmp_path / "spark").mkdir()

    pairs, clusters = link(tmp_path / "spark", features.drop(feature_rows.COUNTS), keys, parameters)

    mine = {(a, b): weight for a, b, weight in ours.select("a", "b", "weight").iter_rows()}
    theirs = {(min(a, b), max(a, b)): weight for a, b, weight in pairs.select("n_l", "n_r", "match_weight").iter_rows()}
    assert features.height > 2_500
    assert len(mine) > 3_000
    assert mine.keys() == theirs.keys()
    assert max(abs(mine[pair] - theirs[pair]) for pair in mine) < 1e-6
    joined = ours.filter(pl.col("weight") >= model.JOIN)
    label = components(features.height, joined["a"].to_numpy(), joined["b"].to_numpy())
    assert partition(enumerate(label.tolist())) == partition(clusters.select("n", "cluster_id").iter_rows())
    assert len(set(label.tolist())) < features.height * 0.8


def partition(labelled):
    """Which places are together, whatever the label."""
    groups: dict[object, set[int]] = {}
    for n, label in labelled:
        groups.setdefault(label, set()).add(n)
    return {frozenset(group) for group in groups.values()}


def test_what_spark_has_no_word_for_is_refused():
    with pytest.raises(NotImplementedError, match="hamming"):
        spark_sql('hamming("given_l", "given_r") <= 1')


def test_lists_and_texts_have_their_own_length():
    sql = spark_sql('len("homes_l") = length("given_l") AND suffix("given_l", "given_r")')

    assert sql == "SIZE(`homes_l`) = LENGTH(`given_l`) AND ENDSWITH(`given_l`, `given_r`)"
