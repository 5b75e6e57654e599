"""Say, once for each layout (which columns a set has), how its columns become features and how it is linked.

Nothing here was chosen by looking at labels. Where a layout says that there are no households, or that a source holds
nobody twice, that is what is known of how the set was made, and it is printed beside the results.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wye.identity import model
from wye.identity.cluster import Objects
from wye.identity.conflict import Conflict, Traits, conflict
from wye.identity.features import POSTCODE
from wye.identity.link import Way

EVEN = 0.0
"""Match weight at which a pair is as likely to be one person as two. Joining from here makes the fewest errors where a
wrong join is no worse than a missed one, which is what F1 counts; a hub is more careful (model.JOIN)."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Name a set's columns by what they hold; empty where it has none."""

    given_name: str
    family_name: str
    birth_date: str
    postcode: str = ""
    address: tuple[str, ...] = ()
    email: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """Hold one layout."""

    name: str
    columns: Columns
    birth_date: Callable[[str], str | None] = lambda written: written or None
    postcode: str = POSTCODE
    households: bool = False
    """Whether people of the set share homes and names as families do. Where they do not, no twin and no father of the
    same name has to be kept apart, and conflict.py would only take the errors that were made on purpose for people."""
    once: bool = False
    """Whether each source holds nobody twice."""
    small: bool = True
    """Whether the set is so small that the loose keys are used besides."""

    @property
    def objects(self) -> Objects:
        """Give what objects to a pair."""
        if self.households:
            return conflict
        return same_source if self.once else nothing

    @property
    def blocks(self) -> Mapping[str, str]:
        """Give the keys by which records meet."""
        return {**model.BLOCKS, **model.LOOSE} if self.small else model.BLOCKS

    @property
    def join(self) -> float:
        """Give the weight from which records are joined: a hub's where a wrong join can harm a family, else even odds."""
        return model.JOIN if self.households else EVEN

    def way(self, join: float) -> Way:
        """Give the way in which records of this layout are linked, from a weight on."""
        return Way(self.blocks, join, self.objects)

    @property
    def told(self) -> str:
        """Say what is known of how sets of this layout were made."""
        known = ["families: joined as in a hub" if self.households else "no families: joined from even odds"]
        return ", ".join([*known, *(["each source holds a person once"] if self.once else [])])


def nothing(a: Traits, b: Traits, *, marked: bool = False) -> Conflict | None:  # noqa: ARG001  as conflict is called
    """Object to nothing."""
    return None


def same_source(a: Traits, b: Traits, *, marked: bool = False) -> Conflict | None:  # noqa: ARG001  as above
    """Object to two records of one source that holds nobody twice."""
    return Conflict("apart", "a source that holds nobody twice holds both") if a.source == b.source else None


def eight_digits(written: str) -> str | None:
    """Read a date written as 19560409."""
    return f"{written[:4]}-{written[4:6]}-{written[6:]}" if len(written) == 8 and written.isdigit() else None  # noqa: PLR2004  digits


FEBRL = Columns(
    "given_name", "surname", "date_of_birth", "postcode", ("street_number", "address_1", "address_2", "suburb", "state")
)
FEBRL_WITH_ID = Columns(
    FEBRL.given_name, FEBRL.family_name, FEBRL.birth_date, FEBRL.postcode, FEBRL.address, number="soc_sec_id"
)
AUSTRALIAN = r"^\d{4}$"
"""A postcode of Australia, where febrl's people live."""
