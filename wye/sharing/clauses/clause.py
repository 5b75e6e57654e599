"""Say what a clause is: its name, what it is about, and one pure function bound to an agreement.

Person clauses stop a whole release. Item clauses stop one item whatever its value. Value clauses stop one source's
value. Each returns a reason to withhold, or None to let the next clause speak; none can release by itself.
Of items of which a clause asks the same, `bind` gives the very same rule: a decision then asks it once for all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from wye.agreements.law import Gateway, Prohibition
from wye.agreements.model import Agreement, Item
from wye.sharing.decision import Moment, Reason, Request
from wye.sharing.facts import Facts
from wye.store.known import Candidate, KnownRow

Value = Candidate | KnownRow
PersonRule = Callable[[Request, Facts, Moment], Reason | None]
ValueRule = Callable[[Value, Request, Facts, Moment], Reason | None]


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold what clauses are bound to: an agreement and the rows of law that it stands on."""

    agreement: Agreement
    gateway: Gateway | None
    prohibitions: tuple[Prohibition, ...]


@dataclass(frozen=True, slots=True)
class PersonClause:
    """Be a clause on a whole release; `bind` gives None when the agreement has no such rule."""

    name: str
    about: str
    bind: Callable[[Terms], PersonRule | None]


@dataclass(frozen=True, slots=True)
class ItemClause:
    """Be a clause on one item, whatever its value."""

    name: str
    about: str
    bind: Callable[[Terms, Item], PersonRule | None]


@dataclass(frozen=True, slots=True)
class ValueClause:
    """Be a clause on one source's value of an item."""

    name: str
    about: str
    bind: Callable[[Terms, Item], ValueRule | None]
    silent: bool = False
    """The recipient is told `unknown` rather than `masked`: that a value exists elsewhere is itself information."""
