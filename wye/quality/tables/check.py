"""Check one look at a stream against all of its table rules: pass, warn, hold, or broken."""

from collections.abc import Sequence
from dataclasses import dataclass

from wye.quality.tables.profile import Profile
from wye.quality.tables.rule import Expect, Expected, Look, NamedRule
from wye.quality.tables.suite import Evaluated, evaluate
from wye.vocabulary import CheckOutcome, Severity

HOLDING = frozenset({CheckOutcome.HOLD, CheckOutcome.BROKEN})


@dataclass(frozen=True, slots=True)
class Result:
    """Tell how one rule ended, with figures and never a value."""

    rule: NamedRule
    outcome: CheckOutcome
    said: str
    observed: float | None = None
    low: float | None = None
    high: float | None = None

    def words(self) -> str:
        """Say it in one line."""
        return in_words(self.rule.name, self.outcome, self.said, self.observed, self.low, self.high)


def in_words(rule: str, outcome: str, said: str, observed: float | None, low: float | None, high: float | None) -> str:
    """Say one result in one line."""
    if outcome == CheckOutcome.BROKEN:
        return f"table rule `{rule}` could not be checked: {said}"
    return f"table rule `{rule}`: {said}{figures(observed, low, high)}"


def figures(observed: float | None, low: float | None, high: float | None) -> str:
    """Say what was seen and expected, as `: 412, expected 0 to 100`; nothing if nothing was seen."""
    if observed is None:
        return ""
    bounds = {
        (True, True): f"{number(low)} to {number(high)}",
        (True, False): f"at least {number(low)}",
        (False, True): f"at most {number(high)}",
    }.get((low is not None, high is not None), "anything")
    return f": {number(observed)}, expected {bounds}"


def number(figure: float | None) -> str:
    """Write a figure with as many digits as anybody reads."""
    if figure is None:
        return "-"
    return f"{figure:.3f}".rstrip("0").rstrip(".") if abs(figure) < 10 else f"{figure:.0f}"  # noqa: PLR2004  one digit


def check_look(rules: Sequence[NamedRule], profile: Profile, look: Look) -> list[Result]:
    """Check every rule; one that raised, here or inside Great Expectations, is broken, and the others are checked."""
    expected: dict[str, Expected] = {}
    broken = dict(profile.broken)
    for each in rules:
        if each.name not in broken:
            try:
                expected[each.name] = each.rule.expect(look)
            except Exception as error:  # noqa: BLE001  a broken check is shown as one; its text may hold a value
                broken[each.name] = type(error).__name__
    asked = [(name, expect) for name, one in expected.items() for expect in one.expects]
    answers: dict[str, list[tuple[Expect, Evaluated]]] = {}
    for (name, expect), answer in zip(asked, evaluate(profile.frame(), [each for _, each in asked]), strict=True):
        answers.setdefault(name, []).append((expect, answer))
    return [
        Result(each, CheckOutcome.BROKEN, f"it raised {broken[each.name]}")
        if each.name in broken
        else _result(each, expected[each.name], answers.get(each.name, []))
        for each in rules
    ]


def _result(rule: NamedRule, expected: Expected, answers: Sequence[tuple[Expect, Evaluated]]) -> Result:
    raised = [answer.broke for _, answer in answers if answer.broke is not None]
    if raised:
        return Result(rule, CheckOutcome.BROKEN, f"it raised {raised[0]}")
    if not answers:
        return Result(rule, CheckOutcome.PASS, expected.said)
    outcome = CheckOutcome.PASS
    if not all(answer.success for _, answer in answers):
        outcome = CheckOutcome.HOLD if rule.severity is Severity.ERROR else CheckOutcome.WARN
    expect, answer = max(answers, key=lambda pair: (not pair[1].success, _apart(*pair)))
    # A bound in the past is a longest time: what is shown may turn low and high round.
    shown = [None if bound is None else expect.show(bound) for bound in (expect.low, expect.high)]
    if expect.turned:
        shown.reverse()
    observed = None if answer.observed is None else expect.show(answer.observed)
    return Result(rule, outcome, expected.said, observed, shown[0], shown[1])


def _apart(expect: Expect, answer: Evaluated) -> float:
    """Tell how far a figure is out of its bounds, or how near to them: the worst is the one to show."""
    observed = answer.observed or 0.0
    below = expect.low - observed if expect.low is not None else float("-inf")
    above = observed - expect.high if expect.high is not None else float("-inf")
    return max(below, above)
