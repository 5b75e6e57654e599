"""Say what an agreement.yaml may say: every key, closed vocabularies, nothing else.

The text is read strictly (wye.agreements.loading) and frozen; whether what it says is lawful is
wye.agreements.checking's question. Holds no personal values: an agreement is about classes of people.
"""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.classification import Use
from wye.vocabulary import (
    Article6,
    Article9,
    ConfidentialityBasis,
    ConsentKind,
    ConsentScope,
    ConsentUse,
    Direction,
    Frequency,
    Handling,
    LawEnforcementBasis,
    LegalRole,
    MediaType,
    ObjectionUse,
    Office,
    Onward,
    PartyKind,
    PurposeCode,
    Restriction,
    RetentionStart,
    Role,
    Template,
    Transform,
)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$", max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
Principal = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+@[a-z0-9.-]+$", max_length=128)]
Period = Annotated[str, StringConstraints(pattern=r"^P[1-9][0-9]{0,2}[YMD]$")]


class Part(BaseModel):
    """Be one part of an agreement: frozen, no unknown keys, no coercion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Article6Basis(Part):
    """Name a point of Article 6(1) and, in words, the law that it rests on (Article 6(3))."""

    point: Article6
    law: Text


class Article9Basis(Part):
    """Name a point of Article 9(2), and the Schedule 1 paragraph and policy document where it needs them."""

    point: Article9
    schedule1: Annotated[int, Field(ge=1, le=28)] | None = None
    policy_document: Text | None = None


class Part3Basis(Part):
    """Name a competent authority's condition under Part 3 of the Data Protection Act 2018."""

    section35: LawEnforcementBasis
    law: Text
    schedule8: Annotated[int, Field(ge=1, le=9)] | None = None
    policy_document: Text | None = None


class LawfulBasis(Part):
    """Hold one party's lawful basis: UK GDPR, or Part 3, or both."""

    article6: tuple[Article6Basis, ...] = ()
    article9: Article9Basis | None = None
    article10: Annotated[int, Field(ge=1, le=37)] | None = None
    """The Schedule 1 paragraph by which offence data are handled without official authority."""
    part3: Part3Basis | None = None


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


class GatewayReference(Part):
    """Name the one statutory gateway that alone is enough: a row of gateways.yaml."""

    act: Text
    section: str


class Confidentiality(Part):
    """Say how the common-law duty of confidentiality is met."""

    basis: ConfidentialityBasis
    why: Text
    reference: Text | None = None
    expires: date | None = None


class Objections(Part):
    """Say whether an objection stops the release, and why."""

    use: ObjectionUse
    scope: ConsentScope | None = None
    why: Text


class ConsentTerms(Part):
    """Say what consents and objections mean under this agreement; a refusal always withholds."""

    kind: ConsentKind
    scope: ConsentScope
    use: ConsentUse
    on_refusal: Restriction = Restriction.WITHHOLD
    objections: Objections


class NationalDataOptOut(Part):
    """Say whether the national data opt-out applies, and why or why not."""

    applies: bool
    why: Text


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
    justification: Text


class Retention(Part):
    """Say how long the recipient keeps what it received: an ISO 8601 period and what it runs from."""

    period: Period
    start: RetentionStart


class OnwardTerms(Part):
    """Say to whom recipients may pass on what they received, and how they must handle it."""

    permitted: Onward
    to: tuple[Name, ...] = ()
    handling: tuple[Handling, ...] = ()


class RestrictedRecords(Part):
    """Say what happens to restricted records, and which office is asked."""

    action: Restriction
    refer_to: Text | None = None


class Format(Part):
    """Name the format of the content."""

    media_type: MediaType


class Route(Part):
    """Say to which partner, by which connector: on which queue, or (within one council) onto which stream of its system."""

    partner: Name
    connector: Name
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
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+$")]
    supersedes: Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+$")] | None = None
    template: Template
    title: Text
    drafted_by: Principal
    parties: Annotated[tuple[Party, ...], Field(min_length=2)]
    purpose: Purpose
    gateway: GatewayReference | None = None
    confidentiality: Confidentiality
    consent: ConsentTerms
    national_data_opt_out: NationalDataOptOut
    subjects: Subjects
    data_items: Annotated[tuple[Item, ...], Field(min_length=1)]
    retention: Retention
    onward: OnwardTerms
    restricted_records: RestrictedRecords
    frequency: Frequency
    format: Format
    route: Route
    inbound: Inbound | None = None
    sign_each_message: bool
    effective: date
    review_date: date
    expires: date
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
    def feeds(self) -> bool:
        """Say whether it is shared by feed: messages that follow each change. Else something is written when there is cause."""
        return self.route.queue is not None

    def items(self, direction: Direction) -> tuple[Item, ...]:
        """Give the items that go one way."""
        return tuple(item for item in self.data_items if item.direction is direction)
