"""Write the model as Splink settings for Spark, the engine with which ours is compared. Pure.

The levels are the same text (comparisons.py), read as DuckDB's and written as Spark's, so that there is one model. Spark
has to be told what it lacks: `jaro_winkler` and `damerau_levenshtein`, as DuckDB has them (likeness.py), and to give NULL,
not an error, for the first item of an empty list (`spark.sql.ansi.enabled` false). A test holds both engines' weights
and clusters equal.
"""

from typing import Any

import sqlglot
from sqlglot import exp

from wye.identity import model
from wye.identity.feature_rows import LISTS

LISTED = frozenset(f"{name}_{side}" for name in LISTS for side in "lr")
"""Columns of a pair that hold lists."""
NAMED = {"suffix": "endswith", "list_intersect": "array_intersect", "damerau_levenshtein": "damerau_levenshtein"}
"""Functions that sqlglot knows of neither engine, by DuckDB's name."""


def settings(parameters: model.Parameters, records: int) -> dict[str, Any]:
    """Write the model as Splink settings whose levels are Spark SQL."""
    found = model.settings(parameters, records)
    for comparison in found["comparisons"]:
        for level in comparison["comparison_levels"]:
            if level["sql_condition"] != "ELSE":
                level["sql_condition"] = spark_sql(level["sql_condition"])
    found["blocking_rules_to_generate_predictions"] = [
        spark_sql(rule) for rule in found["blocking_rules_to_generate_predictions"]
    ]
    return found


def spark_sql(duckdb_sql: str) -> str:
    """Write a condition of DuckDB's as Spark's; raises NotImplementedError for a function that is not known here."""
    tree: exp.Expr = exp.Paren(this=sqlglot.parse_one(duckdb_sql, read="duckdb"))
    for node in reversed(list(tree.walk())):  # what is inside comes first
        if (made := _as_spark(node)) is not node:
            node.replace(made)
    return str(tree.this.sql(dialect="spark"))


def _as_spark(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.JarowinklerSimilarity):
        return exp.Anonymous(this="jaro_winkler", expressions=[node.this, node.expression])
    if isinstance(node, exp.ArrayOverlaps):
        return exp.Anonymous(this="arrays_overlap", expressions=[node.this, node.expression])
    if isinstance(node, exp.Length) and _is_list(node.this):
        return exp.Anonymous(this="size", expressions=[node.this])
    if isinstance(node, exp.Anonymous):
        name = str(node.this).lower()
        if name not in {*NAMED, *NAMED.values(), "jaro_winkler", "arrays_overlap", "size"}:
            raise NotImplementedError(f"the model's SQL says `{name}`, which spark_settings.py does not know")
        return exp.Anonymous(this=NAMED.get(name, name), expressions=node.expressions)
    return node


def _is_list(node: exp.Expr) -> bool:
    if isinstance(node, exp.Column):
        return node.name in LISTED
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in {"list_intersect", "array_intersect"}
