"""Give a system's writer what all of them need: the files, the truth and the day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from wye.county.errors import Defect, ErrorRate
from wye.county.files import CountyFiles
from wye.county.seeds import day_between, instant, stream
from wye.county.truth import Truth


@dataclass(frozen=True, slots=True)
class Desk:
    """Hold where a system's writer writes, and when."""

    seed: int
    today: date
    files: CountyFiles
    truth: Truth
    ids_from: int = 0
    """Added to every number that a system issues, so that a later night's rows collide with no earlier ones."""
    rates: Mapping[Defect, ErrorRate] | None = None
    """How often each system errs; as error_rates.yaml says, if nothing else is given."""

    def chance(self, system: str, household: int) -> Random:
        """Return a system's own source of chance for a household, so that one system's choices move no other's."""
        return stream(self.seed, system, household)

    def recently(self, rng: Random, since: date | None = None) -> str:
        """Choose when a row was last changed: since a day, or within four years; never after yesterday."""
        yesterday = self.today - timedelta(1)
        first = min(since or self.today - timedelta(4 * 365), yesterday)
        return instant(rng, day_between(rng, first, yesterday))


def iso(day: date | None) -> str | None:
    """Write a day as ISO 8601, if there is one."""
    return None if day is None else day.isoformat()
