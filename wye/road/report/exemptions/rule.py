"""Say what a rule of marking is: which exemption may apply to telling that one field was disclosed. A human decides."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.catalogue import FIELDS, FieldFacts
from schemas.classification import Classification
from wye.vocabulary import Exemption, PartyKind


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what telling one field of one disclosure would tell, and what else the trail knows of the person."""

    field: str
    """`entity.field`."""
    recipient: PartyKind | None
    """None if no verified agreement says what kind of body it is."""
    sources: frozenset[PartyKind | None] | None
    """Kinds of the partners whose systems the field may have come from (None: our own); none if no text says it."""
    clauses: frozenset[str]
    """Names of clauses that decided about the person at any time: that refused a disclosure, or masked a field of one."""

    @property
    def entity(self) -> str:
        """Name the entity."""
        return self.field.partition(".")[0]

    @property
    def facts(self) -> FieldFacts | None:
        """Give what the catalogue knows of it; none of a field that the model no longer has."""
        entity, _, name = self.field.partition(".")
        return FIELDS.get((entity, name))

    def classed(self, *classes: Classification) -> bool:
        """Say whether it is of one of these classes. A field that the catalogue does not know may be of any."""
        facts = self.facts
        return facts is None or facts.classification in classes


@dataclass(frozen=True, slots=True)
class Rule:
    """Be one rule: the exemption that may apply, why in words, and when."""

    exemption: Exemption
    why: str
    may_apply: Callable[[Told], bool]
