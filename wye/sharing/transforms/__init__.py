"""Change values before they leave: one transform to a file, each pure, from JSON value to JSON value.

A transform that cannot do its work raises ValueError without the value; the field is then withheld and alarms.
`drop` has no function: an item that says so is never released.
"""

from collections.abc import Mapping

from wye.sharing.transforms.age_band import AGE_BAND
from wye.sharing.transforms.as_is import AS_IS
from wye.sharing.transforms.date_shift import DATE_SHIFT
from wye.sharing.transforms.flag_only import FLAG_ONLY
from wye.sharing.transforms.initial import INITIAL
from wye.sharing.transforms.keyed_pseudonym import KEYED_PSEUDONYM
from wye.sharing.transforms.locality import LOCALITY
from wye.sharing.transforms.mask import MASK
from wye.sharing.transforms.outward_postcode import OUTWARD_POSTCODE
from wye.sharing.transforms.transform import TransformRule
from wye.sharing.transforms.year_of_birth import YEAR_OF_BIRTH
from wye.vocabulary import Transform

TRANSFORMS: Mapping[Transform, TransformRule] = {
    rule.word: rule
    for rule in (
        AS_IS, MASK, YEAR_OF_BIRTH, AGE_BAND, OUTWARD_POSTCODE, LOCALITY, INITIAL, KEYED_PSEUDONYM, DATE_SHIFT,
        FLAG_ONLY,
    )
}  # fmt: skip
"""INVARIANT: every transform but `drop` is here."""


def key_label(agreement: str) -> str:
    """Name the key that an agreement's transforms work under: one for all its versions, as the key provider derives it."""
    return f"transform/{agreement}"
