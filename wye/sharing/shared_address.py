"""Say whether a relation's safe-address flag is about this person's address too. Pure.

Two addresses are taken for one if they have the property's number (UPRN) or the postcode in common: closer than that nobody
looks, for a street away leads to the door as well. Where one of the two has no address that lasts, it is not known whether
they live together, and then they do.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from wye.sharing.lasting import lasts, next_day
from wye.store.protections import GuardedRelation


def guards(relation: GuardedRelation, own: Iterable[Mapping[str, object]], day: str) -> bool:
    """Say whether what locates this person locates the relation, whose flag lasts on a day (ISO text)."""
    if not lasts("flag", relation.flag, day):
        return False
    theirs, ours = set(_places(relation.addresses, day)), set(_places(own, day))
    return not theirs or not ours or bool(theirs & ours)


def next_guard(relation: GuardedRelation, day: str) -> date | None:
    """Give the next day on which a relation's flag begins or is over."""
    return next_day("flag", relation.flag, day)


def _places(addresses: Iterable[Mapping[str, object]], day: str) -> Iterator[str]:
    """Name the places of addresses that are not over; one that is still to come is a place already."""
    for address in addresses:
        ends = address.get("to_date")
        if ends is not None and str(ends) < day:
            continue
        uprn = str(address.get("uprn") or "").lstrip("0")
        postcode = "".join(str(address.get("postcode") or "").split()).upper()
        if uprn:
            yield f"uprn {uprn}"
        if postcode:
            yield f"postcode {postcode}"
