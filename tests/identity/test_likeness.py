"""Likeness in Python is DuckDB's, on any text."""

from random import Random

import duckdb
import polars as pl
import pytest

from wye.identity.likeness import damerau_levenshtein, jaro_winkler


@pytest.mark.parametrize("letters", ["ABCMN-1E", "AB", "ABCÉłß "])
def test_likeness_is_that_of_duckdb(letters):
    rng = Random(letters)  # noqa: S311  any texts
    texts = [["".join(rng.choices(letters, k=rng.randint(0, 13))) for _ in range(2)] for _ in range(10_000)]
    duck = duckdb.connect(":memory:")
    duck.register("pair", pl.DataFrame(texts, schema=["a", "b"], orient="row").to_arrow())

    found = duck.execute("SELECT a, b, jaro_winkler_similarity(a, b), damerau_levenshtein(a, b) FROM pair").fetchall()

    duck.close()
    assert [damerau_levenshtein(a, b) for a, b, *_ in found] == [edits for *_, edits in found]
    assert max(abs(jaro_winkler(a, b) - alike) for a, b, alike, _ in found) < 1e-15 * 4
    assert len({alike for _, _, alike, _ in found}) > 50
