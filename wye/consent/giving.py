"""Check who may say a word of consent or objection for a person, and what has to be put down with it: pure.

A word that lets more be shared is taken only from somebody who may give it. A word that lets less be shared is taken in any
capacity: what was wrong with it is found out while nothing leaves. Sources: Gillick v West Norfolk [1986] AC 112; Children
Act 1989 section 3; Mental Capacity Act 2005 sections 1 to 5, 9, 16 and 18; Family Law Reform Act 1969 section 1.
"""

from dataclasses import dataclass
from datetime import date

from wye.errors import UsageError
from wye.reason import says_nothing
from wye.vocabulary import ConsentKind, ConsentScope, GiverCapacity

ADULT, OWN_CAPACITY = 18, 16
"""Years of age: of full age; presumed to have capacity (Mental Capacity Act 2005 section 2(5))."""
NO_CONSENT = {"best-interests", "best-interest", "best-interests-decision"}
INSTEAD = (
    "`best-interests` is no capacity to consent in: a best-interests decision (Mental Capacity Act 2005 section 4) is made"
    " because nobody can consent. Keep it in the case file with who was consulted, and share under an agreement that asks"
    " for no consent, or by `wye disclose ask` with its power; `--capacity deputy` and `attorney` are for whoever holds an order"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Be one word of a person, as it is said. Most sensitive class: personal."""

    kind: ConsentKind
    scope: ConsentScope
    given: bool
    """True if given or objected, false if refused or withdrawn."""
    said_on: date
    capacity: GiverCapacity
    said_by: str
    """Who said it, by name; how it was made sure that it is them."""
    reference: str | None
    """Of the order of a deputy, or the registration of an attorney."""
    evidence: str
    """How it was said, and where what shows it is kept."""

    @property
    def shares_more(self) -> bool:
        """Say whether more may be shared after it: a consent given, an objection withdrawn."""
        return self.given != (self.kind is ConsentKind.OBJECTION)


def read_capacity(text: str) -> GiverCapacity:
    """Read a capacity; raises UsageError that says what to use instead."""
    word = text.strip().casefold().replace(" ", "-")
    if word in NO_CONSENT:
        raise UsageError(INSTEAD)
    try:
        return GiverCapacity(word)
    except ValueError:
        raise UsageError(f"`{text}` is no capacity; there are: {', '.join(GiverCapacity)}") from None


def check(word: Word, born: date | None, today: date) -> None:
    """Check a word about somebody born on a day, if that is known; raises UsageError with everything that is wrong."""
    wrong = [
        f"`{option}` says nothing: {what}"
        for option, text, what in (
            ("--by", word.said_by, "who said it, and how you made sure that it is them"),
            ("--evidence", word.evidence, "how it was said, and where what shows it is kept"),
        )
        if says_nothing(text)
    ]
    if word.said_on > today:
        wrong.append(f"`--on {word.said_on}` is in the future: a word counts once it was said")
    if born is not None and word.said_on < born:
        wrong.append(f"`--on {word.said_on}` is before the person was born")
    under_order = word.capacity in {GiverCapacity.DEPUTY, GiverCapacity.ATTORNEY}
    if under_order and says_nothing(word.reference or ""):
        wrong.append(
            f"`--reference` is missing: of the order or registration by which the {word.capacity} may decide this"
        )
    if not under_order and word.reference is not None:
        wrong.append("`--reference` is for a deputy or an attorney")
    if word.shares_more and born is not None and (why := _may_not(word.capacity, _age(born, word.said_on))) is not None:
        wrong.append(f"`--capacity {word.capacity}`: {why}")
    if wrong:
        raise UsageError("; ".join(wrong))


def _may_not(capacity: GiverCapacity, age: int) -> str | None:
    """Say why nobody gives for a person of that age in that capacity, or nothing if somebody may."""
    if capacity in {GiverCapacity.GILLICK, GiverCapacity.PARENT} and age >= ADULT:
        return "the person was of full age: they themselves give it, or a deputy or attorney who holds an order"
    if capacity is GiverCapacity.PERSON and age < OWN_CAPACITY:
        return (
            "the person was under 16: a child who understands it gives it as `gillick-competent-child`, else somebody with"
            " `parental-responsibility`"
        )
    if capacity is GiverCapacity.GILLICK and age >= OWN_CAPACITY:
        return "the person was 16 or more, and presumed to have capacity: `person`"
    if capacity is GiverCapacity.DEPUTY and age < OWN_CAPACITY:
        return "the Mental Capacity Act 2005 gives no deputy for somebody under 16: `parental-responsibility`"
    if capacity is GiverCapacity.ATTORNEY and age < ADULT:
        return "nobody under 18 can make a lasting power of attorney"
    return None


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
