"""Plant chosen defects in a county, and nothing else."""

from collections.abc import Iterable
from dataclasses import replace

from wye.county.errors import SYSTEMS, Defect, ErrorRate, error_rates

OFTEN = 0.4


def rates_of(planted: Iterable[Defect], often: float = OFTEN) -> dict[Defect, ErrorRate]:
    """Plant these defects often, wherever a system shows them at all, and no others."""
    wanted = set(planted)
    if Defect.DUPLICATE_MARKED in wanted:
        wanted.add(Defect.DUPLICATE_RECORD)
    return {
        defect: replace(
            rate,
            rates={system: often if defect in wanted and rate.rates[system] else 0.0 for system in SYSTEMS},
        )
        for defect, rate in error_rates().items()
    }
