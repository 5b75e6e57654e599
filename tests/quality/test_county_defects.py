"""The scorecard shows the county's planted defects in their right dimension, and moves no other."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from county_source_rows import AT, contract, county_rows
from defect_dimensions import BY_COMPARING, BY_ROW, UNSEEN
from planting import rates_of

from wye.county import make
from wye.county.errors import Defect
from wye.quality.check import check_rows
from wye.vocabulary import Dimension

PEOPLE, SEED = 600, 11
MORE_ROWS = {
    defect: {("crm", Dimension.COMPLETENESS), ("frameworki", Dimension.COMPLETENESS)}
    for defect in (Defect.DUPLICATE_RECORD, Defect.DUPLICATE_MARKED)
}
"""More rows are more rows that lack something; the share good stays as it was."""


def failing_rows(folder: Path) -> Counter[tuple[str, Dimension]]:
    """Count, by source and dimension, the rows that fail at least one row rule."""
    found: Counter[tuple[str, Dimension]] = Counter()
    for (source, stream), rows in county_rows(folder).items():
        failures = check_rows(contract(source).streams[stream], [row.values for row in rows], AT.date())
        for _, dimension in {(failure.row, failure.dimension) for failure in failures}:
            found[source, dimension] += 1
    return found


def moved_by(
    found: Counter[tuple[str, Dimension]], clean: Counter[tuple[str, Dimension]], planted: Mapping[str, int]
) -> set[tuple[str, Dimension]]:
    """Say which scores got worse by more than a tenth of what was planted in the source, at least three rows.

    Less is chance: what a clerk does otherwise shifts who claims, and one in 365 truly was born on 1 January.
    """
    return {
        (source, dimension)
        for (source, dimension), rows in found.items()
        if rows - clean[source, dimension] > max(2, planted.get(source, 0) / 10)
    }


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Counter[tuple[str, Dimension]]:
    folder = tmp_path_factory.mktemp("clean")
    make(folder, PEOPLE, SEED, rates=rates_of(()))
    return failing_rows(folder)


def test_every_defect_is_told_apart() -> None:
    assert set(BY_ROW) | set(BY_COMPARING) | set(UNSEEN) == set(Defect)
    assert not set(UNSEEN) & (set(BY_ROW) | set(BY_COMPARING))


@pytest.mark.parametrize("defect", sorted(BY_ROW))
def test_planted_defect_moves_its_dimension_and_no_other(
    defect: Defect, tmp_path: Path, clean: Counter[tuple[str, Dimension]]
) -> None:
    summary = make(tmp_path, PEOPLE, SEED, rates=rates_of([defect]))

    found = failing_rows(tmp_path)

    planted = {system: tally.does[defect] for system, tally in summary.tallies.items() if tally.does[defect]}
    moved = moved_by(found, clean, planted)
    assert planted
    assert {dimension for _, dimension in moved} == BY_ROW[defect]
    assert {source for source, _ in moved} <= set(planted)


@pytest.mark.parametrize("defect", sorted((set(BY_COMPARING) | set(UNSEEN)) - set(BY_ROW)))
def test_defect_that_no_row_shows_moves_no_score_of_rows(
    defect: Defect, tmp_path: Path, clean: Counter[tuple[str, Dimension]]
) -> None:
    summary = make(tmp_path, PEOPLE, SEED, rates=rates_of([defect]))

    found = failing_rows(tmp_path)

    planted = {system: tally.does[defect] for system, tally in summary.tallies.items()}
    assert any(planted.values())
    assert moved_by(found, clean, planted) <= MORE_ROWS.get(defect, set())
