"""Say what a transform is: what it does in words, and one pure function bound to an agreement's key.

A key comes from the key provider when the agreement is compiled, never with a question: who asks for a decision can
neither choose it nor leave it out. Compiled without one, what needs a key cannot be done, so its field is withheld.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wye.vocabulary import Transform

Change = Callable[[object, UUID, date], object]
"""Give what leaves, from the value that is held, the person, and the day of the decision in London."""

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class TransformRule:
    """Be one transform. Whatever `bind` gives raises ValueError, without the value, for what it cannot do."""

    word: Transform
    about: str
    """What the recipient gets, and why that much."""
    bind: Callable[[bytes | None], Change]
    """Bind to the agreement's key; None where there is none."""
    keyed: bool = False


def plain(word: Transform, about: str, change: Change) -> TransformRule:
    """Make a transform that needs no key."""
    return TransformRule(word, about, lambda _: change)


def keyed(word: Transform, about: str, change: Callable[[bytes, object, UUID, date], object]) -> TransformRule:
    """Make a transform that needs the agreement's key: without one, or with one too short, it does nothing but raise."""

    def bind(key: bytes | None) -> Change:
        def bound(value: object, person: UUID, day: date) -> object:
            if key is None or len(key) < KEY_BYTES:
                raise ValueError("compiled without the agreement's key")
            return change(key, value, person, day)

        return bound

    return TransformRule(word, about, bind, keyed=True)
