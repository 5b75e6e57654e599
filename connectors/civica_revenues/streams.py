"""Say which exported files make each stream, in which order they are sorted, and how they join: pure.

Every file of an export is sorted by its key, so that files are joined while both stream past and neither is held.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from wye.ports import ContractBroken

Row = Mapping[str, str]
SortKey = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """Be one column of a sort key: numbers sort as numbers, references as text by code point."""

    name: str
    read: Callable[[str], int | str] = int


@dataclass(frozen=True, slots=True)
class Joined:
    """Be a file whose columns join the stream's rows under a prefix: the first row of the same key, if there is one.

    `only` names a column and its value: other rows of the file belong to other parts of the system.
    """

    file: str
    prefix: str
    key: tuple[Column, ...]
    to: tuple[str, ...]
    """The columns of the stream's own file that the key equals; they begin its sort order."""
    only: tuple[str, str] | None = None
    without: frozenset[str] = frozenset()
    """Columns that are left behind: they are about somebody other than the row's person."""

    def names(self, columns: Iterable[str]) -> dict[str, str]:
        """Name the file's columns as the stream does, without those of the key and those left behind."""
        left = self.without.union(column.name for column in self.key)
        return {name: f"{self.prefix}{name}" for name in columns if name not in left}


@dataclass(frozen=True, slots=True)
class Stream:
    """Be one stream: its own file, the order of that file, the parts of a row's key, and what joins."""

    file: str
    order: tuple[Column, ...]
    key: tuple[str, ...]
    changed: str
    """Column that says when the row last changed, in seconds since 1970 (UTC)."""
    joins: tuple[Joined, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """List every file that the stream needs."""
        return (self.file, *(join.file for join in self.joins))


CLAIM, HOUSE, MEMBER = Column("claim_id"), Column("house_id"), Column("member_id")
PROPERTY = Column("property_ref", str)

STREAMS: Mapping[str, Stream] = MappingProxyType(
    {
        "members": Stream(
            "hbmember.csv",
            (CLAIM, HOUSE, MEMBER),
            ("claim_id", "house_id", "member_id"),
            "household_last_upd",
            (
                # A claim's name and NINO are the claimant's, and the row may be about a child of the household.
                Joined("hbclaim.csv", "claim_", (CLAIM,), ("claim_id",), without=frozenset({"name", "nino"})),
                Joined("hbhousehold.csv", "household_", (CLAIM, HOUSE), ("claim_id", "house_id")),
            ),
        ),
        "accounts": Stream(
            "ctaccount.csv",
            (Column("account_ref"),),
            ("account_ref",),
            "last_updated_int",
            (
                Joined("syphone.csv", "phone_", (Column("ref"),), ("account_ref",), only=("applic_id", "CT")),
                Joined("syemail.csv", "email_", (Column("reference_id"),), ("account_ref",), only=("applic_id", "CT")),
            ),
        ),
        "occupations": Stream(
            "ctoccupation.csv",
            (PROPERTY, Column("account_ref"), Column("occupation_date", str)),
            ("account_ref", "property_ref", "occupation_date"),
            "last_updated_int",
            (Joined("ctproperty.csv", "property_", (PROPERTY,), ("property_ref",)),),
        ),
    }
)


def sort_key(file: str, number: int, row: Row, columns: tuple[Column, ...]) -> SortKey:
    """Read a row's place in its file's order; raises ContractBroken naming file, row and column."""
    try:
        return tuple(column.read(row[column.name]) for column in columns)
    except KeyError as lacking:
        raise ContractBroken(f"civica_revenues: `{file}` has no column {lacking}, by which it is sorted") from None
    except ValueError:
        names = ", ".join(f"`{column.name}`" for column in columns)
        raise ContractBroken(
            f"civica_revenues: `{file}` row {number} has no whole number in its key ({names})"
        ) from None
