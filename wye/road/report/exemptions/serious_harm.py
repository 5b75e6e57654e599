"""Mark what tells where somebody can be found, and everything once a protection ever withheld something.

A report may be asked for under pressure, or read by whom the person fled from. Whether a safe-address flag is held is in
the trail only where it withheld: who holds an address is marked for everybody, as that guard withholds where it is unknown.
"""

from schemas.classification import Classification
from wye.road.report.exemptions.rule import Rule, Told
from wye.vocabulary import Exemption

LOCATING = frozenset({"address", "contact_point"})
PROTECTING = frozenset({"safe-address", "restricted-record", "unread-protection"})
"""Clauses by which a protection withholds."""


def may_apply(told: Told) -> bool:
    """Look at what the field is, and at what ever withheld."""
    return told.entity in LOCATING or told.classed(Classification.SAFE_ADDRESS) or bool(told.clauses & PROTECTING)


SERIOUS_HARM = Rule(
    Exemption.SERIOUS_HARM,
    "it tells who knows where the person is, or a protection of the person withheld something",
    may_apply,
)
