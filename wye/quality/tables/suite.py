"""Hand figures and bounds to Great Expectations: one suite for a stream, one expectation for each bound.

Great Expectations is given figures rather than rows. So it can log, keep or show no value of anybody, a million rows
cost it no more than ten, and what it evaluates is exactly what is recorded. It is imported on first use: that takes
seconds and 200 MB.
"""

import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from wye.quality.tables.rule import Aggregate, Expect

RAISED = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)(?::|$)")


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Tell how one expectation ended. `broke` is the class of what was raised; then nothing else means anything."""

    success: bool
    observed: float | None
    broke: str | None = None


def evaluate(frame: Mapping[str, Sequence[float]], expects: Sequence[Expect]) -> list[Evaluated]:
    """Evaluate each expectation on the figures; one that raised, or was not answered, is broken, never failed or passed."""
    if not expects:
        return []
    try:
        answers = _validate(frame, expects)
    except Exception as error:  # noqa: BLE001  whatever broke it, all of its checks are broken, and are shown as that
        return [Evaluated(success=False, observed=None, broke=type(error).__name__)] * len(expects)
    lost = Evaluated(success=False, observed=None, broke="NoResult")
    return [answers.get(place, lost) for place in range(len(expects))]


def _validate(frame: Mapping[str, Sequence[float]], expects: Sequence[Expect]) -> dict[int, Evaluated]:
    import pandas as pd  # type: ignore[import-untyped]  # it comes with Great Expectations, without types

    gx = _great_expectations()
    suite = gx.ExpectationSuite(
        name="table rules", expectations=[_expectation(gx, place, each) for place, each in enumerate(expects)]
    )
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    whole = (
        context.data_sources.add_pandas("figures")
        .add_dataframe_asset("stream")
        .add_batch_definition_whole_dataframe("all")
    )
    batch = whole.get_batch(batch_parameters={"dataframe": pd.DataFrame(frame)})
    found = batch.validate(suite, result_format="BASIC")
    return {int(each.expectation_config.meta["place"]): _evaluated(each) for each in found.results}


def _expectation(gx: Any, place: int, expect: Expect) -> Any:
    kinds = {
        Aggregate.SUM: gx.expectations.ExpectColumnSumToBeBetween,
        Aggregate.MAX: gx.expectations.ExpectColumnMaxToBeBetween,
    }
    return kinds[expect.aggregate](
        column=expect.figure, min_value=expect.low, max_value=expect.high, meta={"place": place}
    )


def _evaluated(answer: Any) -> Evaluated:
    """Read one answer. INVARIANT: an expectation that raised says `success: false` like bad data does: look first."""
    raised = _raised(answer.exception_info or {})
    observed = (answer.result or {}).get("observed_value")
    if raised is not None or observed is None:
        return Evaluated(success=False, observed=None, broke=raised or "NothingObserved")
    return Evaluated(success=bool(answer.success), observed=float(observed))


def _raised(info: Mapping[str, Any]) -> str | None:
    """Find the class of what was raised: `info` is one answer, or one for each metric by its id."""
    parts = [info] if "raised_exception" in info else [part for part in info.values() if isinstance(part, Mapping)]
    for part in parts:
        if part.get("raised_exception"):
            # Only the class is taken: a text may hold anything.
            lines = [
                found[1] for line in str(part.get("exception_traceback")).splitlines() if (found := RAISED.match(line))
            ]
            return lines[-1] if lines else "Exception"
    return None


@cache
def _great_expectations() -> Any:
    """Import it quietly: no analytics, no progress bars, no INFO lines by the hundred."""
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    return gx
