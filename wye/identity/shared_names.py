"""Say how much less it tells that two names are equal, where they go together more often than chance has it. Pure.

A given name and a family name are weighed each by its own frequency, as if one did not follow from the other. But names
go together by origin and by generation, and some districts have a dozen people of one name and birth date. So for each
pair of names, and each pair of names with a birth date, the number of records that bear it is held against what the
single frequencies let expect. Where there are more, the difference is taken from the weight; it is never added.

The number counts records besides two, for the two that are compared may be one person's. While few are counted it
leans on what the single frequencies let expect (a gamma prior of shape BELIEF on the rate).
"""

from collections.abc import Mapping

KEYS: Mapping[str, str] = {
    "names": "given || ' ' || family",
    "namesakes": "given || ' ' || family || ' ' || birth_date",
}
"""The features that are counted together, as SQL over features."""
BELIEF = 0.1
"""Shape of the prior: names that go together do so much more often than chance has it, so belief in chance is weak."""
PAIR = 2


def excess_sql(column: str, given: str, family: str, births: float, records: int) -> str:
    """Write how many times more common two names together are than chance has it, as DuckDB SQL over a left row `l`
    with the counts of its names. `given` and `family` are SQL of each name's share, `births` the chance of one birth
    date; `records` were counted.
    """
    usual = f"({given} * {family})"
    shared = _shared("names", usual, records)
    excess = f"greatest(1, {shared} / {usual})"
    if column == "names":
        return excess
    together = f"(greatest({shared}, {usual}) * {births!r}::DOUBLE)"
    return f"({excess} * greatest(1, {_shared('namesakes', together, records)} / {together}))"


def _shared(column: str, usual: str, records: int) -> str:
    return f"(({BELIEF!r} + greatest(l.{column}_count - {PAIR}, 0)) / ({BELIEF!r} / {usual} + {max(records, 1)}))"
