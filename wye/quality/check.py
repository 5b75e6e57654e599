"""Apply a stream's row rules to a batch of rows at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import orjson
import polars as pl

from wye.quality.contract import StreamContract
from wye.quality.rules import RULES
from wye.vocabulary import Dimension, Severity


@dataclass(frozen=True, slots=True)
class Failure:
    """Say that one row (by its place in the batch) fails one rule, and what that means for it. Holds no value."""

    row: int
    rule: str
    column: str
    dimension: Dimension
    severity: Severity = Severity.ERROR

    @property
    def quarantines(self) -> bool:
        """Say whether the row waits for it; otherwise only the value is left out, or only counted."""
        return self.severity is Severity.ERROR


def check_rows(contract: StreamContract, rows: Sequence[Mapping[str, object]], today: date) -> list[Failure]:
    """Apply every rule to every row; one failure per row and rule, in row order.

    A rule that itself breaks raises: a broken check is never shown as bad data, or as good.
    """
    if not rows:
        return []
    frame = pl.DataFrame(
        {name: pl.Series(name, [as_text(row.get(name)) for row in rows], dtype=pl.String) for name in contract.columns}
    )
    masks = frame.select(
        RULES[rule.rule](pl.col(rule.column), {**rule.arguments, "today": today}).fill_null(False).alias(str(place))
        for place, rule in enumerate(contract.rules)
    )
    failures = [
        Failure(row, rule.name, rule.column, rule.dimension, rule.severity)
        for place, rule in enumerate(contract.rules)
        for row in masks.get_column(str(place)).arg_true().to_list()
    ]
    return sorted(failures, key=lambda failure: failure.row)


def as_text(value: object) -> str | None:
    """Write a value as the text that rules look at; none stays none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return orjson.dumps(value).decode()
