"""Make the example county: invented residents, what seven systems hold about them, and the truth.

Only the demo, the benchmarks and the counterparts read it; only the scorer opens its `truth/`.
"""

from wye.county.making import CountySummary, make
from wye.county.nights import ChangeCounts, change
from wye.county.truth import Score, score

__all__ = ["ChangeCounts", "CountySummary", "Score", "change", "make", "score"]
