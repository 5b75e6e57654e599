"""Say what it means that a row lasts now, per entity: one table, used by SQL, facts and checking alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lasting:
    """Name the fields by which a row of an entity begins and ends, and, if it has one, its state when open.

    A row lasts on a day if it has not begun later, has not ended before, and (where there is a state) says so.
    """

    begins: str
    ends: str
    state: str | None = None
    open_state: str | None = None


LASTING: dict[str, Lasting] = {
    "address": Lasting("from_date", "to_date"),
    "care_package": Lasting("from_date", "to_date"),
    "correction": Lasting("from_date", "to_date"),
    "flag": Lasting("from_date", "to_date"),
    "involvement": Lasting("from_date", "to_date"),
    "liability": Lasting("from_date", "to_date"),
    "referral": Lasting("received_on", "closed_on", "status", "open"),
    "relationship": Lasting("from_date", "to_date"),
}
"""Entities that last; of any other, no clause may ask for rows that are open."""
