"""Say what an agreement.yaml may say: every key, closed vocabularies, nothing else.

The text is read strictly (wye.agreements.loading) and frozen; whether what it says is lawful is
wye.agreements.checking's question. What each key means and where it is enforced stands in keys.yaml.
Holds no personal values: an agreement is about classes of people.
"""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.classification import Use
from wye.agreements.aggregates import Aggregates
from wye.agreements.bases import Confidentiality, ConsentTerms, GatewayReference, LawfulBasis, NationalDataOptOut
from wye.agreements.keeping import (
    BreakGlass,
    Lapse,
    OnwardTerms,
    RelationshipTerms,
    RestrictedRecords,
    Retention,
    Termination,
)
from wye.agreements.part import Name, Part, Principal, Text, Version
from wye.agreements.words import Frequency, Office, PartyAct
from wye.vocabulary import (
    Direction,
    LegalRole,
    MediaType,
    PartyKind,
    PurposeCode,
    Role,
    Template,
    Transform,
)


class Party(Part):
    """Be one party, what it is to the data, and on what basis."""

    id: Name
    name: Text
    kind: PartyKind
    legal_role: LegalRole
    controller: Name | None = None
    """For a party that is part of a controller (internal agreements): that controller."""
    works_in: tuple[Use, ...] = ()
    """For a part of a council: its fields of work, which decide the identifiers that it may use. Of others the kind says it."""
    may: Annotated[tuple[PartyAct, ...], Field(min_length=1)]
    lawful_basis: LawfulBasis


class Purpose(Part):
    """Say what the data are for, in code and words, and what they must not be used for."""

    code: PurposeCode
    description: Text
    prohibited: Annotated[tuple[Text, ...], Field(min_length=1)]
    compatible_with: Text | None = None
    """For internal agreements: what the data were collected for and why this use is compatible (Article 6(4))."""
    prescribed: Text | None = None
    """For benefits information: the purpose prescribed under the Welfare Reform Act 2012 section 131."""


class RowsHaving(Part):
    """Choose rows of an entity: a field with one of these values, and (if `open`) those that last now."""

    entity: Name
    field: Name
    values: Annotated[tuple[str, ...], Field(alias="in", min_length=1)]
    sources: Annotated[tuple[Name, ...], Field(min_length=1)]
    open: bool


class Subjects(Part):
    """Say whom the agreement is about: a closed clause, run as SQL and on facts alike."""

    has: RowsHaving
    minimum_age: Annotated[int, Field(ge=0, le=130)] | None = None
    maximum_age: Annotated[int, Field(ge=0, le=130)] | None = None


class RowCondition(Part):
    """Narrow an item to some rows of its entity."""

    field: Name | None = None
    values: tuple[str, ...] = Field(default=(), alias="in")
    open: bool = False


class Item(Part):
    """Be one item: a field, which way it goes, what is done to it, whence it may come, who may have it, and why."""

    entity: Name
    field: Name
    direction: Direction
    transform: Transform
    sources: tuple[Name, ...]
    roles: tuple[Role, ...]
    rows: RowCondition | None = None
    retention: Retention | None = None
    """For an item that is kept otherwise than the rest."""
    must_know: Text | None = None
    """For an item that locates: why the recipient must know it even of somebody whose address is kept safe."""
    justification: Text


class Format(Part):
    """Name the format of the content."""

    media_type: MediaType


class Route(Part):
    """Say to which partner, by which connector: on which queue, or (within one council) onto which stream of its system."""

    partner: Name
    connector: Name | None = None
    """Open data has none: it is written to files."""
    queue: Annotated[str, StringConstraints(pattern=r"^feed\.[a-z0-9-]+$")] | None = None
    stream: Name | None = None
    """For what is written straight to a system of the council's: proposals, which its staff accept or refuse."""


class Inbound(Part):
    """Say on which stream of which connector the partner's half arrives."""

    partner: Name
    connector: Name
    stream: Name


class Signatory(Part):
    """Name an office of a party that must sign. Its signature is signatures/<role>.<party>.sig."""

    role: Office
    party: Name

    @property
    def principal(self) -> str:
        """Give the part of the principal before the `@`: the allowed signers enrol offices, one key each."""
        return f"{self.role}.{self.party}"


class Publication(Part):
    """Say whether the agreement stands in the public register, and with which words."""

    in_register: bool
    summary: Text


class Agreement(Part):
    """Be one version of one agreement, as enforced."""

    id: Name
    version: Version
    supersedes: Version | None = None
    template: Template
    title: Text
    drafted_by: Principal
    parties: Annotated[tuple[Party, ...], Field(min_length=2)]
    arrangement: Text | None = None
    """Of joint controllers the essence of what they arranged (Article 26); of a processor its contract (Article 28(3))."""
    purpose: Purpose
    gateway: GatewayReference | None = None
    confidentiality: Confidentiality
    consent: ConsentTerms
    national_data_opt_out: NationalDataOptOut
    subjects: Subjects
    data_items: Annotated[tuple[Item, ...], Field(min_length=1)]
    aggregates: Aggregates | None = None
    relationship: RelationshipTerms | None = None
    retention: Retention
    onward: OnwardTerms
    restricted_records: RestrictedRecords
    break_glass: BreakGlass
    frequency: Frequency
    format: Format
    route: Route
    inbound: Inbound | None = None
    sign_each_message: bool
    effective: date
    review_date: date
    expires: date
    lapse: Lapse | None = None
    termination: Termination
    signatories: Annotated[tuple[Signatory, ...], Field(min_length=2)]
    publication: Publication

    def party(self, name: str) -> Party | None:
        """Find a party by its id."""
        return next((party for party in self.parties if party.id == name), None)

    @property
    def recipient(self) -> str:
        """Name the party that receives what goes out."""
        return self.route.partner

    @property
    def retentions(self) -> tuple[Retention, ...]:
        """Give every retention that it names: the one for all items, and those of single items."""
        return (self.retention, *(item.retention for item in self.data_items if item.retention is not None))

    @property
    def feeds(self) -> bool:
        """Say whether it is shared by feed: messages that follow each change. Else something is written when there is cause."""
        return self.route.queue is not None

    @property
    def decided(self) -> tuple[Item, ...]:
        """Give the items about which a decision is taken: what goes out, or what people are counted by."""
        return tuple(item for item in self.data_items if item.direction is not Direction.IN)

    def items(self, direction: Direction) -> tuple[Item, ...]:
        """Give the items that go one way."""
        return tuple(item for item in self.data_items if item.direction is direction)
