"""Check that each transform stands on a field that it was made for, and that the format has a place for what it makes."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple, get_args

from schemas.catalogue import ENTITIES, FIELDS, FieldFacts
from schemas.classification import Classification
from wye.agreements.model import Agreement, Item
from wye.vocabulary import Direction, MediaType, Transform

Complaint = tuple[tuple[str | int, ...], str]

NAMES = frozenset({"family_name", "given_name", "middle_names"})


class Fit(NamedTuple):
    """Say on which fields a transform may stand."""

    words: str
    holds: Callable[[FieldFacts], bool]


def is_day(facts: FieldFacts) -> bool:
    """Say whether a field of the model holds a day."""
    annotation = ENTITIES[facts.entity].model_fields[facts.name].annotation
    return annotation is date or date in get_args(annotation)


def _at(entity: str, *names: str) -> Callable[[FieldFacts], bool]:
    return lambda facts: facts.entity == entity and facts.name in names


def _identifier(facts: FieldFacts) -> bool:
    return facts.classification is Classification.IDENTIFIER


ANY = Fit("any field", lambda _: True)
FITS: Mapping[Transform, Fit] = {
    Transform.AS_IS: ANY,
    Transform.MASK: Fit(
        "identifiers, and what a contact point holds",
        lambda facts: _identifier(facts) or _at("contact_point", "value")(facts),
    ),
    Transform.YEAR_OF_BIRTH: Fit("the day of birth", _at("person", "birth_date")),
    Transform.AGE_BAND: Fit("the day of birth", _at("person", "birth_date")),
    Transform.OUTWARD_POSTCODE: Fit("the postcode of an address", _at("address", "postcode")),
    Transform.LOCALITY: Fit("the town of an address", _at("address", "town")),
    Transform.INITIAL: Fit("names of the person", _at("person", *sorted(NAMES))),
    Transform.KEYED_PSEUDONYM: Fit("identifiers", _identifier),
    Transform.DATE_SHIFT: Fit("days", is_day),
    Transform.FLAG_ONLY: ANY,
    Transform.DROP: ANY,
}
"""INVARIANT: free text is only ever as it is, a flag, or dropped: nothing else fits it (wye.sharing.clauses.free_text)."""

OWN = frozenset({MediaType.CANONICAL_JSON, MediaType.CSV_AND_JSON})

OWN_FORMAT_ONLY = frozenset(
    {
        Transform.MASK,
        Transform.YEAR_OF_BIRTH,
        Transform.AGE_BAND,
        Transform.KEYED_PSEUDONYM,
        Transform.FLAG_ONLY,
    }
)
"""What they make is no day, number or text such as partners' formats have a place for."""


def check_transforms(agreement: Agreement) -> Iterator[Complaint]:
    """Complain of each transform that does not fit its field, its direction, the format, or the other items."""
    shifts = any(item.transform is Transform.DATE_SHIFT for item in agreement.decided)
    for index, item in enumerate(agreement.data_items):
        facts = FIELDS.get((item.entity, item.field))
        if facts is None:
            continue
        out = item.direction is not Direction.IN
        for text in _item(item, facts) if out else _inbound(item):
            yield ("data_items", index), text
        if out and shifts and item.transform is Transform.AS_IS and is_day(facts):
            yield (
                ("data_items", index),
                f"`{item.entity}.{item.field}` leaves as it is beside shifted days, and would give their shift away",
            )
        form = agreement.format.media_type
        if out and item.transform in OWN_FORMAT_ONLY and form not in OWN:
            own = MediaType.CANONICAL_JSON
            yield ("data_items", index), f"format `{form}` has no place for what `{item.transform}` makes; `{own}` has"


def _item(item: Item, facts: FieldFacts) -> Iterator[str]:
    fit = FITS[item.transform]
    if not fit.holds(facts):
        yield f"transform `{item.transform}` does not fit `{item.entity}.{item.field}`: it is for {fit.words}"


def _inbound(item: Item) -> Iterator[str]:
    if item.transform is not Transform.AS_IS:
        yield f"`{item.entity}.{item.field}` comes in as the partner sends it: an item of direction `in` is `as-is`"
