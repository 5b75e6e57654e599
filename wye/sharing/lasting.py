"""Say whether a row lasts on a day, and when that next changes. Days are ISO text, which orders as days do."""

from collections.abc import Mapping
from datetime import date, timedelta

from wye.agreements.periods import LASTING


def lasts(entity: str, values: Mapping[str, object], day: str) -> bool:
    """Say whether a row of an entity lasts on a day; raises KeyError for an entity whose rows do not last."""
    lasting = LASTING[entity]
    begins, ends = values.get(lasting.begins), values.get(lasting.ends)
    if begins is not None and _text(begins) > day:
        return False
    if ends is not None and _text(ends) < day:
        return False
    return lasting.state is None or values.get(lasting.state) == lasting.open_state


def next_day(entity: str, values: Mapping[str, object], day: str) -> date | None:
    """Give the next day on which `lasts` may answer otherwise, or None."""
    lasting = LASTING[entity]
    begins, ends = values.get(lasting.begins), values.get(lasting.ends)
    if begins is not None and _text(begins) > day:
        return date.fromisoformat(_text(begins))
    if ends is not None and _text(ends) >= day:
        return date.fromisoformat(_text(ends)) + timedelta(days=1)
    return None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a day that is not text")
    return value
