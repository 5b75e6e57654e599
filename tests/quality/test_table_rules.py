"""Each table rule, evaluated by Great Expectations: one case that passes, one that does not, and what it needs history for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from wye.quality.tables.check import Result, check_look
from wye.quality.tables.compiling import TABLE_RULES
from wye.quality.tables.profile import Profile
from wye.quality.tables.rule import PRESENT, REPEATED, Batch, Look, NamedRule
from wye.vocabulary import CheckOutcome, Dimension, Severity

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def rule(kind: str, severity: Severity = Severity.ERROR, name: str = "", **arguments: object) -> NamedRule:
    return NamedRule(name or kind, kind, TABLE_RULES[kind](**arguments), Dimension.CONSISTENCY, severity)


def look(
    rules: Sequence[NamedRule],
    batches: Sequence[Mapping[str, Sequence[str | None]]] = (),
    *,
    deleted: int = 0,
    quarantined: int = 0,
    missing: int = 0,
    newest: datetime | None = AT,
    present: float = 0,
    repeated: float = 0,
    history: Sequence[Mapping[str, float]] = (),
    whole: bool = True,
) -> dict[str, Result]:
    """Look at batches of columns; gives each rule's result by name."""
    profile = Profile(rules)
    for columns in batches:
        frame = pl.DataFrame({name: pl.Series(name, list(held), dtype=pl.String) for name, held in columns.items()})
        batch = Batch(frame, AT, lambda: quarantined, lambda _, __: missing)
        profile.add(batch, rows=frame.height, deleted=deleted, newest=newest.timestamp() if newest else None)
    figures = profile.close({PRESENT: float(present), REPEATED: float(repeated)})
    return {each.rule.name: each for each in check_look(rules, profile, Look(figures, history, whole, AT))}


def only(rules: NamedRule, *args: object, **more: object) -> Result:
    (result,) = look([rules], *args, **more).values()  # type: ignore[arg-type]
    return result


def column(held: Sequence[str | None]) -> list[dict[str, Sequence[str | None]]]:
    """Put a column into two batches, so that combining them is part of every case."""
    half = len(held) // 2
    return [{"C": held[:half]}, {"C": held[half:]}]


BEFORE = [{PRESENT: 1000.0, "rows": 1000.0, "empty C": 100.0, "code 1 of C": 500.0, "code 2 of C": 500.0}]

CASES = [
    # rule, arguments, what passes, what does not, (observed, low, high) of what does not
    ("row_count", {"at_least_share": 0.8}, {"present": 900, "history": BEFORE}, {"present": 799, "history": BEFORE}, (799, 800, None)),
    ("row_count", {"at_most_share": 1.5}, {"present": 1500, "history": BEFORE}, {"present": 1501, "history": BEFORE}, (1501, None, 1500)),
    ("row_count", {"at_most_share": 1.01, "margin": 50}, {"present": 1050, "history": BEFORE},
     {"present": 1051, "history": BEFORE}, (1051, None, 1050)),
    ("row_count", {"at_least": 1}, {"present": 1}, {"present": 0}, (0, 1, None)),
    ("deletions", {"at_most_share": 0.1, "at_least": 5}, {"batches": column(["a", "b"]), "deleted": 50, "present": 900},
     {"batches": column(["a", "b"]), "deleted": 51, "present": 900}, (102, None, 100.2)),
    ("deletions", {"at_most_share": 0.1, "at_least": 5}, {"batches": column(["a"]), "deleted": 2, "present": 3},
     {"batches": column(["a"]), "deleted": 3, "present": 3}, (6, None, 5)),
    ("key_unique", {}, {"repeated": 0}, {"repeated": 1}, (1, None, 0)),
    ("unique", {"of": ["C"]}, {"batches": column(["a", "b", "c", None, None])}, {"batches": column(["a", "b", "c", "a"])}, (1, None, 0)),
    ("unique", {"of": ["C"], "at_most_share": 0.25}, {"batches": column(["a", "b", "c", "a"])},
     {"batches": column(["a", "a", "a", "b"])}, (2, None, 1)),
    ("fresh", {"hours": 24}, {"batches": column(["a", "b"]), "newest": AT - timedelta(hours=24)},
     {"batches": column(["a", "b"]), "newest": AT - timedelta(hours=25)}, (25, None, 24)),
    ("fresh", {"hours": 36, "column": "C"}, {"batches": column(["2026-11-18", "2026-11-19"])},
     {"batches": column(["2026-11-17", "2027-01-01"])}, (60.0003, None, 36)),
    ("null_share", {"column": "C", "change": 0.1, "at_least": 10}, {"batches": column([None, " ", *"abcdefgh"]), "history": BEFORE},
     {"batches": column([None, " ", None, *"abcdefg"]), "history": BEFORE}, (0.3, 0, 0.2)),
    ("value_share", {"column": "C", "values": ["F", "M"], "change": 0.2, "at_least": 10},
     {"batches": column("FFFFFFMMMM"), "history": BEFORE}, {"batches": column("FFFFFFFFMM"), "history": BEFORE}, (0.8, 0.3, 0.7)),
    ("tied", {"column": "C", "to": "others", "at_most_share": 0.5}, {"batches": column(["a", "b"]), "missing": 0},
     {"batches": column(["a", "b"]), "missing": 1}, (2, None, 1)),
    ("quarantined", {"at_most_share": 0.2, "at_least": 10}, {"batches": column(["a"] * 10), "quarantined": 1},
     {"batches": column(["a"] * 10), "quarantined": 2}, (0.4, None, 0.2)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "arguments", "good", "bad", "figures"), CASES, ids=[f"{each[0]}-{n}" for n, each in enumerate(CASES)]
)
def test_rule_passes_warns_and_holds(kind, arguments, good, bad, figures):
    passed = only(rule(kind, **arguments), **good)
    warned = only(rule(kind, Severity.WARNING, **arguments), **bad)
    held = only(rule(kind, **arguments), **bad)

    assert (passed.outcome, warned.outcome, held.outcome) == (CheckOutcome.PASS, CheckOutcome.WARN, CheckOutcome.HOLD)
    assert (held.observed, held.low, held.high) == (
        pytest.approx(figures[0], abs=1e-3), pytest.approx(figures[1]), pytest.approx(figures[2]),
    )  # fmt: skip
    assert "expected" in held.words()


def test_every_rule_has_a_case():
    assert {each[0] for each in CASES} == set(TABLE_RULES)


@pytest.mark.parametrize(
    ("kind", "arguments", "how", "said"),
    [
        ("row_count", {"at_most_share": 1.5}, {"present": 99}, "no history yet"),
        ("row_count", {"at_most_share": 1.5}, {"present": 9999, "history": BEFORE, "whole": False}, "did not come to its end"),
        ("null_share", {"column": "C", "change": 0.1, "at_least": 3}, {"batches": column([None] * 4)}, "no history yet"),
        ("null_share", {"column": "C", "change": 0.1}, {"batches": column([None] * 4), "history": BEFORE}, "too few rows"),
        ("value_share", {"column": "C", "values": ["F"], "change": 0.1, "at_least": 3}, {"batches": column("MMMM")}, "no history yet"),
        ("quarantined", {"at_most_share": 0.1}, {"batches": column("ab"), "quarantined": 1}, "too few rows"),
        ("deletions", {"at_most_share": 0.1}, {}, "no row is gone"),
        ("tied", {"column": "C", "to": "others"}, {}, "no row waits"),
        ("fresh", {"hours": 1}, {}, "nothing has come yet"),
    ],
)  # fmt: skip
def test_rule_that_cannot_judge_passes_and_says_why(kind, arguments, how, said):
    result = only(rule(kind, **arguments), **how)

    assert result.outcome is CheckOutcome.PASS
    assert said in result.said
    assert result.observed is None


def test_deletions_of_a_read_that_did_not_end_wait():
    result = only(rule("deletions", at_most_share=0.1), column(["a"]), deleted=1, present=1000, whole=False)

    assert result.outcome is CheckOutcome.HOLD


def test_check_that_raises_while_it_counts_is_broken_and_the_others_are_checked():
    results = look(
        [rule("null_share", column="NOT THERE", change=0.1), rule("key_unique")], column(["a", "b"]), repeated=0
    )

    assert results["null_share"].outcome is CheckOutcome.BROKEN
    assert results["null_share"].said == "it raised ColumnNotFoundError"
    assert results["key_unique"].outcome is CheckOutcome.PASS


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.WARNING])
def test_check_that_raises_inside_great_expectations_is_broken_not_bad_data_and_not_passed(monkeypatch, severity):
    from great_expectations import expectations

    def explode(*_: object, **__: object) -> None:
        raise ZeroDivisionError("Ashdown")

    monkeypatch.setattr(expectations.ExpectColumnSumToBeBetween, "_validate", explode)
    results = look([rule("unique", severity, of=["C"]), rule("key_unique")], column(["a", "b"]))

    assert results["unique"].outcome is CheckOutcome.BROKEN
    assert results["unique"].said == "it raised ZeroDivisionError"
    assert "Ashdown" not in results["unique"].words()
    assert results["key_unique"].outcome is CheckOutcome.PASS


def test_metric_that_raises_inside_great_expectations_is_broken(monkeypatch):
    """The other shape of `exception_info`: one answer for each metric, by its id."""
    profile = Profile([])
    profile.close({PRESENT: 1.0})
    frame = profile.frame
    monkeypatch.setattr(profile, "frame", lambda: {name: held for name, held in frame().items() if name != PRESENT})
    (result,) = check_look([rule("row_count", at_least=1)], profile, Look({PRESENT: 1.0}, (), whole=True, at=AT))

    assert result.outcome is CheckOutcome.BROKEN
    assert result.said in {"it raised MetricResolutionError", "it raised InvalidMetricAccessorDomainKwargsKeyError"}


def test_great_expectations_that_breaks_as_a_whole_breaks_every_check(monkeypatch):
    import great_expectations as gx

    def explode(*_: object, **__: object) -> None:
        raise OSError("Ashdown")

    monkeypatch.setattr(gx, "get_context", explode)
    results = look([rule("key_unique"), rule("unique", of=["C"])], column(["a", "b"]))

    assert {each.outcome for each in results.values()} == {CheckOutcome.BROKEN}
    assert {each.said for each in results.values()} == {"it raised OSError"}


def test_expectation_without_an_answer_is_broken(monkeypatch):
    class Nothing:
        def __init__(self, **_: object) -> None:
            self.results: list[object] = []

    monkeypatch.setattr("great_expectations.datasource.fluent.interfaces.Batch.validate", lambda *_, **__: Nothing())
    results = look([rule("key_unique")])

    assert results["key_unique"].outcome is CheckOutcome.BROKEN


def test_figures_hold_numbers_only():
    profile = Profile([rule("value_share", column="C", values=["Ashdown"], change=0.1)])
    frame = pl.DataFrame({"C": ["Ashdown", "Beacon"]})
    profile.add(Batch(frame, AT, lambda: 0, lambda _, __: 0), rows=2, deleted=0, newest=None)

    figures = profile.close({PRESENT: 2.0})

    assert figures == {"rows": 2.0, "deleted": 0.0, "code 1 of C": 1.0, PRESENT: 2.0}
