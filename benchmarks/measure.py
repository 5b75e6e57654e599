"""Hold what was measured, and stop time: only what runs inside `Watch.running` counts."""

import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Measure:
    """Hold one measured speed beside its peer's, in the same unit: one entry of `var/bench.json`."""

    name: str
    value: float
    unit: str
    peer: str
    """What the peer is and does, in a few words."""
    peer_value: float
    beside: Mapping[str, float] = field(default_factory=dict)
    """What else was measured, by name and unit."""

    @property
    def ratio(self) -> float:
        """Give our speed as a share of the peer's."""
        return self.value / self.peer_value if self.peer_value else 0.0

    def entry(self) -> dict[str, object]:
        """Write it as `var/bench.json` holds it."""
        return {
            "name": self.name,
            "value": round(self.value, 1),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": round(self.peer_value, 1),
            "ratio": round(self.ratio, 3),
            **{name: round(value, 2) for name, value in self.beside.items()},
        }


@dataclass(slots=True)
class Watch:
    """Add up the time and the work of several runs; what happens between runs is not measured."""

    seconds: float = 0.0
    items: int = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure what is done inside; rubbish of what went before is collected first."""
        gc.collect()
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - begun

    @property
    def speed(self) -> float:
        """Give items a second."""
        return self.items / self.seconds if self.seconds else 0.0
