"""Refuse names that are no people: placeholders collect many people's records under one.

A person needs a name of letters; systems are full of UNKNOWN, TEST, BABY and numbers typed into the field.
"""

from collections.abc import Mapping

import polars as pl

PLACEHOLDERS = (
    "unknown", "not known", "unkown", "unnamed", "no name", "none", "test", "tester", "test test", "dummy", "n/a",
    "na", "tbc", "xxx", "xx", "x", "void", "deleted", "duplicate", "do not use", "baby", "infant", "occupier",
    "the occupier", "executor", "executors of", "anonymous", "nk", "not known yet", "testperson", "zz", "zzz", "training",
)  # fmt: skip

RIGHT = (
    "The person's own name, such as Ng or Baby-Jones; not UNKNOWN, TEST, BABY or a number. Remove records of nobody."
)


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the whole name is a placeholder, begins with `baby `, or has digits or no letter at all."""
    del arguments
    plain = column.str.strip_chars().str.to_lowercase()
    placeholder = plain.is_in(list(PLACEHOLDERS)) | plain.str.contains(r"^baby\s|[0-9]")
    return placeholder | plain.str.contains(r"\p{L}").not_()
