"""Weigh what one person's record may tell in a one-off disclosure, where no agreement speaks: pure.

Nobody signed a text for this, so only what may never be switched off stands by itself: statutory prohibitions, where an
identifier may be used, and the named power's own exceptions. Every protection of the person withholds until the decider
overrides it by name with a reason. What was not fetched counts as held.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from schemas.catalogue import FIELDS, MARKS, TIES
from schemas.classification import Classification
from schemas.locating import locates
from wye.agreements.law import Gateway, Prohibition
from wye.agreements.periods import LASTING
from wye.sharing.facts import Facts
from wye.sharing.lasting import lasts
from wye.store.known import Candidate, KnownRow
from wye.vocabulary import ConsentScope, GatewayException, PartyKind


class Protection(StrEnum):
    """Name what a decider may override for one disclosure, each with a reason: the clauses that speak of it elsewhere."""

    RESTRICTED_RECORD = "restricted-record"
    SAFE_ADDRESS = "safe-address"
    UNREAD_PROTECTION = "unread-protection"
    OBJECTION = "objection"
    CONSENT = "consent"
    ONWARD = "onward"
    DOUBTED = "doubted"


SCOPES = {
    PartyKind.NHS_BODY: ConsentScope.HEALTH,
    PartyKind.POLICE: ConsentScope.POLICE,
    PartyKind.COUNCIL: ConsentScope.COUNCIL,
    PartyKind.COUNCIL_SERVICE: ConsentScope.COUNCIL,
}
"""Which answers of the person speak of a recipient of a kind; of any other, each does."""


class Wanted(NamedTuple):
    """Name one field; `chosen` if it was named itself rather than with its whole entity."""

    entity: str
    field: str
    chosen: bool

    @property
    def name(self) -> str:
        """Write it as `entity.field`."""
        return f"{self.entity}.{self.field}"


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold what one disclosure is weighed against."""

    recipient: str
    kind: PartyKind
    barred: frozenset[tuple[str, str]]
    """Identifiers that the recipient may not use."""
    gateway: Gateway
    prescribed: bool
    """A purpose prescribed under the Welfare Reform Act 2012 section 131 was named."""
    prohibitions: Sequence[Prohibition]


class Stands(NamedTuple):
    """Say that a protection stands, in words without values."""

    protection: Protection
    text: str


class Fact(NamedTuple):
    """Be one value that may be handed over, with what the recipient needs to judge it (DPA 2018 section 38(4))."""

    entity: str
    row: int
    """Facts of one row belong together; 0 for attributes of the person."""
    field: str
    value: object
    source: str
    observed_at: datetime
    record: UUID

    @property
    def name(self) -> str:
        """Write the field as `entity.field`."""
        return f"{self.entity}.{self.field}"


@dataclass(frozen=True, slots=True)
class Weighed:
    """Hold what came of it. While anything is forbidden or stands, nothing may be handed over."""

    forbidden: tuple[str, ...]
    """What law forbids, with the law: nobody overrides it."""
    stands: tuple[Stands, ...]
    """Protections that stand and were not overridden."""
    overridden: tuple[Protection, ...]
    """Protections that stood and were."""
    facts: tuple[Fact, ...]
    left_out: tuple[tuple[str, str], ...]
    """(entity.field, why): what was wanted and is not among the facts."""


OURS = TIES | MARKS.keys() | {"other"}
"""Fields that tie our own records together: they tell nobody outside anything."""


def wanted_fields(named: str) -> list[Wanted]:
    """Read `entity` or `entity.field`; empty if the model has no such thing. A whole entity leaves free text out."""
    entity, _, field = named.partition(".")
    if field:
        known = (entity, field) in FIELDS and field not in OURS
        return [Wanted(entity, field, chosen=True)] if known else []
    return [
        Wanted(entity, name, chosen=False)
        for (owner, name), facts in FIELDS.items()
        if owner == entity and name not in OURS and facts.classification is not Classification.FREE_TEXT
    ]


def weigh(
    facts: Facts, wanted: Sequence[Wanted], terms: Terms, overrides: frozenset[Protection], today: str
) -> Weighed:
    """Weigh what is wanted of one person on a day (ISO text). Rows that no longer last are left out."""
    forbidden = tuple(_forbidden(facts, terms))
    standing = list(_standing(facts, wanted, terms))
    chosen = _Choosing(facts, terms, overrides, today)
    for one in wanted:
        if (one.entity, one.field) in terms.barred:
            chosen.left_out.append((one.name, f"`{terms.recipient}` may not use this identifier"))
        elif one.entity == "person":
            chosen.attribute(one)
        else:
            chosen.row_field(one)
    return Weighed(
        forbidden,
        tuple(one for one in standing if one.protection not in overrides),
        tuple(sorted({one.protection for one in standing if one.protection in overrides} | chosen.overridden)),
        tuple(sorted(chosen.facts, key=lambda one: (one.entity != "person", one.entity, one.row))),
        tuple(chosen.left_out),
    )


def _forbidden(facts: Facts, terms: Terms) -> Iterator[str]:
    """Say what nobody overrides."""
    if facts.sealed_identity is not False:
        law = "; ".join(row.law for row in terms.prohibitions if row.trigger == "sealed-identity")
        how = "is sealed" if facts.sealed_identity else "may be sealed: it is not known"
        yield f"a former identity {how}, and no one-off disclosure may be made: {law}"
    exceptions = frozenset(terms.gateway.exceptions)
    if GatewayException.OBJECTS in exceptions and next(_objections(facts, terms), None) is not None:
        yield f"the person objects, and {terms.gateway.name} falls away then; stand on another power"
    if GatewayException.NO_CONSENT in exceptions and not any(one.given for one in facts.consents or ()):
        yield f"no consent of the person is recorded, and {terms.gateway.name} asks for it; stand on another power"


def _standing(facts: Facts, wanted: Sequence[Wanted], terms: Terms) -> Iterator[Stands]:
    if facts.restricted_against is not None and terms.recipient in facts.restricted_against:
        yield Stands(Protection.RESTRICTED_RECORD, f"the record is restricted against `{terms.recipient}` itself")
    elif facts.restricted is not False or facts.restricted_against is None:
        yield Stands(Protection.RESTRICTED_RECORD, "the record is restricted, or it is not known whether it is")
    if facts.safe_address is not False and any(locates(one.entity, one.field) for one in wanted):
        yield Stands(
            Protection.SAFE_ADDRESS,
            "a safe-address flag is held, or it is not known, and fields are wanted that locate",
        )
    if facts.unread is None or facts.unread:
        yield Stands(Protection.UNREAD_PROTECTION, "a newer version of a protection waits, and nobody has read it")
    for text in _objections(facts, terms):
        yield Stands(Protection.OBJECTION, text)
    if facts.consents is None or any(not one.given and _speaks(one.scope, terms) for one in facts.consents):
        yield Stands(Protection.CONSENT, "the person refused or withdrew consent, or it is not known")


def _objections(facts: Facts, terms: Terms) -> Iterator[str]:
    if facts.objections is None or any(one.given and _speaks(one.scope, terms) for one in facts.objections):
        yield "the person objected, or it is not known"


def _speaks(scope: str, terms: Terms) -> bool:
    known = SCOPES.get(terms.kind)
    return known is None or scope == known.value


class _Choosing:
    """Choose values one field at a time."""

    def __init__(self, facts: Facts, terms: Terms, overrides: frozenset[Protection], today: str) -> None:
        self._known, self._onward = facts.known, facts.onward
        self._terms, self._overrides, self._today = terms, overrides, today
        self._barred_sources = frozenset(_barred_sources(terms))
        self.facts: list[Fact] = []
        self.left_out: list[tuple[str, str]] = []
        self.overridden: set[Protection] = set()

    def attribute(self, one: Wanted) -> None:
        """Take the best value that nothing stands against, else the best whose protections are overridden."""
        held = [each for each in self._known.attributes.get(one.field, ()) if each.source not in self._barred_sources]
        for value in sorted(held, key=lambda each: len(self._against(each))):  # the order of candidates is kept
            against = self._against(value)
            if against <= self._overrides:
                self.overridden |= against
                self._take(one, 0, value.value, value)
                return
        self._leave(one, [self._against(each) for each in held])

    def row_field(self, one: Wanted) -> None:
        """Take the field of every row that lasts and may be passed on."""
        against: list[frozenset[Protection]] = []
        found = False
        for place, row in enumerate(self._known.rows.get(one.entity, ()), start=1):
            value = row.values.get(one.field)
            if value in (None, "") or row.source in self._barred_sources or not self._lasts(one.entity, row):
                continue
            standing = self._against(row)
            if standing <= self._overrides:
                self.overridden |= standing
                self._take(one, place, value, row)
                found = True
            else:
                against.append(standing)
        if against or not found:
            self._leave(one, against)

    def _lasts(self, entity: str, row: KnownRow) -> bool:
        """Say whether a row lasts; one whose days cannot be read is taken for one that does."""
        if entity not in LASTING:
            return True
        try:
            return lasts(entity, row.values, self._today)
        except TypeError:
            return True

    def _against(self, held: Candidate | KnownRow) -> frozenset[Protection]:
        found = set()
        if held.agreement is not None and self._terms.recipient not in (self._onward or {}).get(
            held.agreement, frozenset()
        ):
            found.add(Protection.ONWARD)
        if isinstance(held, Candidate) and held.doubt is not None:
            found.add(Protection.DOUBTED)
        return frozenset(found)

    def _take(self, one: Wanted, row: int, value: object, held: Candidate | KnownRow) -> None:
        self.facts.append(Fact(one.entity, row, one.field, value, held.source, held.observed_at, held.record))

    def _leave(self, one: Wanted, against: Sequence[frozenset[Protection]]) -> None:
        """Say why nothing is handed over. That a barred source holds something is not told: it is as if nobody did."""
        needed = sorted(min(against, key=len) - self._overrides) if against else []
        if needed:
            self.left_out.append((one.name, f"held back by {', '.join(needed)}"))
        elif one.chosen:
            self.left_out.append((one.name, "nothing is held that could be told"))


def _barred_sources(terms: Terms) -> Iterator[str]:
    """Name the sources whose values statute bars here, as the clause prohibited-source does under an agreement."""
    gateway = terms.gateway
    for row in terms.prohibitions:
        opened = row.unless_gateway is not None and (row.unless_gateway.act, row.unless_gateway.section) == (
            gateway.act,
            gateway.section,
        )
        if row.trigger == "source" and not (opened and terms.prescribed):
            yield from row.sources
