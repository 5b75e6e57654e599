"""Profile what waits of a stream, batch by batch: figures only, so that memory is flat and no value goes further."""

from collections.abc import Mapping, Sequence

from wye.quality.tables.rule import DELETED, NEWEST, ROWS, Batch, Memory, NamedRule

Figures = dict[str, float]


class Profile:
    """Gather one row of figures for each batch, and remember which rules broke while counting."""

    def __init__(self, rules: Sequence[NamedRule]) -> None:
        self._rules = rules
        self._memories: dict[str, Memory] = {}
        self._peaks = {NEWEST}
        self.rows: list[Figures] = []
        self.broken: dict[str, str] = {}
        """What a rule raised, by the rule's name: the error's class, never its text."""

    def add(self, batch: Batch, *, rows: int, deleted: int, newest: float | None) -> None:
        """Count one batch. A rule that breaks on it is broken for the whole look, and the others go on."""
        figures: Figures = {ROWS: float(rows), DELETED: float(deleted)}
        if newest is not None:
            figures[NEWEST] = newest
        for each in self._rules:
            if each.name in self.broken:
                continue
            try:
                memory = self._memories.setdefault(each.name, each.rule.memory())
                figures |= each.rule.count(batch, memory)
                peaks = each.rule.peak(batch)
            except Exception as error:  # noqa: BLE001  a broken check is shown as one; its text may hold a value
                self.broken[each.name] = type(error).__name__
                continue
            self._peaks |= peaks.keys()
            figures |= peaks
        self.rows.append(figures)

    def close(self, stream: Mapping[str, float]) -> Figures:
        """Add the figures of the stream itself as the last row, and give all of them as one."""
        self.rows.append({ROWS: 0.0, DELETED: 0.0, **stream})
        combined: Figures = {}
        for row in self.rows:
            for name, figure in row.items():
                held = combined.get(name)
                if held is None:
                    combined[name] = figure
                else:
                    combined[name] = max(held, figure) if name in self._peaks else held + figure
        return combined

    def frame(self) -> dict[str, list[float]]:
        """Give the rows as columns, without gaps: what a batch did not count is 0, the least that any figure is."""
        names = sorted({name for row in self.rows for name in row})
        return {name: [row.get(name, 0.0) for row in self.rows] for name in names}
