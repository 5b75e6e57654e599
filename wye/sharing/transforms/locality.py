"""Keep of an address the place alone, without house, street and postcode.

Systems hold whole addresses in the field of the town. What holds a figure or a comma, or ends as streets and houses do,
is therefore refused rather than trusted: a place is named by letters only.
"""

from datetime import date
from uuid import UUID

from wye.sharing.transforms.transform import plain
from wye.vocabulary import Transform

MARKS = frozenset(" '.-")
"""What may stand in the name of a place beside letters."""
STREETS = frozenset(
    {
        "avenue", "ave", "bungalow", "cl", "close", "cottage", "cottages", "court", "crescent", "drive", "flat", "flats",
        "gardens", "gdns", "grove", "house", "lane", "ln", "lodge", "mews", "place", "rd", "road", "row", "square", "st",
        "street", "terrace", "villas", "walk", "way", "yard",
    }
)  # fmt: skip
"""How streets and houses end. A place of one word, such as Street in Somerset, is none."""


def locality(value: object, person: UUID, day: date) -> object:  # noqa: ARG001  one shape for all
    """Give the place; raises ValueError for whatever may be more than a place."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    words = text.lower().rstrip(".").split(" ")
    letters = text[:1].isalpha() and all(letter.isalpha() or letter in MARKS for letter in text)
    if not letters or (len(words) > 1 and words[-1] in STREETS):
        raise ValueError("not the name of a place alone")
    return text


LOCALITY = plain(
    Transform.LOCALITY, "The town or village alone; what may hold a house, a street or a postcode is refused.", locality
)
