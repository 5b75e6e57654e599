"""Say what an agreement may say of law: lawful bases, gateway, confidentiality, consent, the national data opt-out.

Sources: UK GDPR Articles 6, 9, 10 and 21; Data Protection Act 2018 Parts 2 and 3, Schedules 1 and 8.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from wye.agreements.part import Part, Text
from wye.agreements.words import Article9, ConfidentialityBasis, LawEnforcementBasis, OnWithdrawal
from wye.vocabulary import (
    Article6,
    ConsentKind,
    ConsentScope,
    ConsentUse,
    ObjectionUse,
    Restriction,
)


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
    on_withdrawal: OnWithdrawal
    objections: Objections


class NationalDataOptOut(Part):
    """Say whether the national data opt-out applies, and why or why not."""

    applies: bool
    why: Text
