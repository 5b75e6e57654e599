"""Change values before they leave: one transform to a file, each pure, from JSON value to JSON value.

A transform that cannot do its work raises ValueError without the value; the field is then withheld and alarms.
`drop` has no function: an item that says so is never released.
"""

from collections.abc import Callable, Mapping

from wye.sharing.transforms.as_is import as_is
from wye.sharing.transforms.flag_only import flag_only
from wye.sharing.transforms.initial import initial
from wye.sharing.transforms.outward_postcode import outward_postcode
from wye.sharing.transforms.year_of_birth import year_of_birth
from wye.vocabulary import Transform

TRANSFORMS: Mapping[Transform, Callable[[object], object]] = {
    Transform.AS_IS: as_is,
    Transform.YEAR_OF_BIRTH: year_of_birth,
    Transform.OUTWARD_POSTCODE: outward_postcode,
    Transform.INITIAL: initial,
    Transform.FLAG_ONLY: flag_only,
}
"""INVARIANT: every transform but `drop` is here."""
