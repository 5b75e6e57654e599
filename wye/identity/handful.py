"""Key and weigh a handful of records in Python: the same texts as in DuckDB (scales.py), read by evaluate.py."""

from functools import lru_cache
from typing import Any

import orjson

from wye.identity import model
from wye.identity.evaluate import Row, compiled, key_number
from wye.identity.rules import rule_case
from wye.identity.scales import DOOR, MARKED
from wye.identity.weigh import Bearers, weight


class Handful:
    """Hold the model as functions of rows of features."""

    def __init__(self, parameters: model.Parameters, records: int, bearers: Bearers) -> None:
        self._rule = compiled(rule_case().replace("marked", MARKED))
        self._door = compiled(DOOR)
        self._weight = compiled(weight(parameters, records, bearers))
        self._blocks = [compiled(sql) for sql in model.BLOCKS.values()]

    def keys(self, row: Row) -> set[int]:
        """Give the blocking keys of a record; a sealed one has none."""
        if row["sealed"]:
            return set()
        found = ((kind, key) for kind, block in enumerate(self._blocks) for key in block({"": row}) or ())
        return {key_number(kind, key) for kind, key in found if key is not None}

    def weigh(self, left: Row, right: Row) -> tuple[int | None, bool, float]:
        """Weigh a pair: the place in RULES of the rule that holds, whether they share a door, the weight."""
        pair: dict[str, Any] = {"l": left, "r": right}
        return self._rule(pair), bool(self._door(pair)), float(self._weight(pair))


@lru_cache(maxsize=4)
def handful(parameters: bytes, form: str, records: int, bearers: Bearers) -> Handful:  # noqa: ARG001  the form tells one model from another
    """Keep the last ones: to read the model's texts takes longer than to weigh one person's records."""
    return Handful(orjson.loads(parameters), records, bearers)
