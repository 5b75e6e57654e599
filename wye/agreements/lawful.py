"""Check an agreement's law on its face: bases, conditions, gateway, identifiers, prohibitions.

Sources: UK GDPR Articles 6, 9 and 10; Data Protection Act 2018 Parts 2 and 3, Schedules 1 and 8; Data (Use and
Access) Act 2025 section 70. Each check says what would be right.
"""

from collections.abc import Iterator

from schemas.catalogue import FIELDS
from schemas.classification import Classification
from wye.agreements.identifiers import check_identifiers
from wye.agreements.law import gateway_of, gateways, prohibitions
from wye.agreements.model import Agreement, Party
from wye.agreements.words import PUBLIC_AUTHORITIES, REACHED, Article9, ConfidentialityBasis, GatewayKind
from wye.vocabulary import (
    Article6,
    ConsentKind,
    ConsentScope,
    ConsentUse,
    Direction,
    GatewayException,
    LegalRole,
    ObjectionUse,
    PartyKind,
    PurposeCode,
    Template,
)

Complaint = tuple[tuple[str | int, ...], str]

SPECIAL = frozenset({Classification.HEALTH, Classification.ETHNICITY, Classification.BELIEF, Classification.SEX_LIFE})
"""Classes of Article 9(1)."""

SCHEDULE1: dict[Article9, frozenset[int]] = {
    Article9.SOCIAL_PROTECTION: frozenset({1}),
    Article9.SUBSTANTIAL_PUBLIC_INTEREST: frozenset(range(6, 29)),
    Article9.HEALTH_OR_SOCIAL_CARE: frozenset({2}),
    Article9.PUBLIC_HEALTH: frozenset({3}),
    Article9.RESEARCH: frozenset({4}),
}
"""The Schedule 1 paragraphs that may stand beside a point of Article 9(2); other points need none."""

SCHEDULE8_READ = frozenset({1, 2, 3, 4})
"""Schedule 8 paragraphs whose text was read; the others are unconfirmed."""

BEYOND_CARE = frozenset({PurposeCode.RESEARCH, PurposeCode.OPEN_STATISTICS})
"""Purposes to which the national data opt-out may apply; planning has no word of its own here."""

CHILDREN = frozenset({"childrens-social-care", "safeguarding-child"})
"""Words by which an agreement chooses people of children's social care (schemas/involvement.py, schemas/referral.py)."""

NO_POLICY_DOCUMENT = frozenset({2, 3, 4, 13})
"""Schedule 1 paragraphs without an appropriate policy document."""


def _bases(agreement: Agreement) -> Iterator[Complaint]:
    for index, party in enumerate(agreement.parties):
        if party.kind is PartyKind.PUBLIC:
            continue  # whoever reads what is published processes nothing about a person
        place = ("parties", index, "lawful_basis")
        basis = party.lawful_basis
        if not basis.article6 and basis.part3 is None:
            yield place, f"`{party.id}` has no lawful basis: Article 6, or Part 3 for a competent authority"
        if basis.part3 is not None and party.kind is not PartyKind.POLICE:
            yield (*place, "part3"), f"Part 3 is for competent authorities; `{party.kind}` is not one here"
        for number, point in enumerate(basis.article6):
            at = (*place, "article6", number)
            if point.point in {Article6.RECOGNISED_LEGITIMATE_INTEREST, Article6.LEGITIMATE_INTEREST}:
                if party.kind in PUBLIC_AUTHORITIES:
                    yield at, f"point ({point.point}) is closed to a public authority at its tasks; use (e) or (c)"
            elif point.point is Article6.CONSENT and agreement.purpose.code is PurposeCode.SAFEGUARDING:
                yield at, "consent is no basis for statutory safeguarding; use (e) or (c)"
        if (
            any(point.point is Article6.LEGAL_OBLIGATION for point in basis.article6)
            and (row := gateway_of(agreement.gateway)) is not None
            and row.kind is not GatewayKind.DUTY
        ):
            yield place, f"point (c) needs a gateway that is a duty; {row.name} is a {row.kind}"


def _special(agreement: Agreement) -> Iterator[Complaint]:
    classes = {
        facts.classification for item in agreement.data_items if (facts := FIELDS.get((item.entity, item.field)))
    }
    for index, party in enumerate(agreement.parties):
        if party.kind is PartyKind.PUBLIC:
            continue
        place = ("parties", index, "lawful_basis")
        yield from ((place, text) for text in _special_of(party, needed=bool(classes & SPECIAL)))
        basis = party.lawful_basis
        if Classification.CRIMINAL in classes and basis.part3 is None and basis.article10 is None:
            yield place, f"offence data: `{party.id}` needs article10 (a Schedule 1 paragraph) or Part 3"


def _special_of(party: Party, *, needed: bool) -> Iterator[str]:
    article9, part3 = party.lawful_basis.article9, party.lawful_basis.part3
    if needed and article9 is None and (part3 is None or part3.schedule8 is None):
        yield f"special category data: `{party.id}` needs article9, or Part 3 with a Schedule 8 condition"
    if part3 is not None and part3.schedule8 is not None:
        if part3.schedule8 not in SCHEDULE8_READ:
            yield f"Schedule 8 paragraph `{part3.schedule8}` is unconfirmed; 1 to 4 were read"
        if part3.policy_document is None:
            yield "sensitive processing under Part 3 needs policy_document (section 35(5))"
    if article9 is None:
        return
    paragraphs = SCHEDULE1.get(article9.point)
    if paragraphs is None and article9.schedule1 is not None:
        yield f"point ({article9.point}) stands without a Schedule 1 paragraph"
    if paragraphs is not None and article9.schedule1 not in paragraphs:
        allowed = ", ".join(str(number) for number in sorted(paragraphs))
        yield f"Schedule 1 paragraph `{article9.schedule1}` does not fit point ({article9.point}); allowed: {allowed}"
    if article9.schedule1 not in NO_POLICY_DOCUMENT | {None} and article9.policy_document is None:
        yield f"Schedule 1 paragraph {article9.schedule1} needs policy_document (paragraph 5)"


def _gateway(agreement: Agreement) -> Iterator[Complaint]:
    internal = agreement.template is Template.INTERNAL
    if agreement.gateway is None:
        if not internal and agreement.template is not Template.OPEN_DATA:
            yield ("gateway",), "names no statutory gateway; only an internal agreement and open data may do without"
        return
    row = gateway_of(agreement.gateway)
    if row is None:
        act = sorted(section for name, section in gateways() if name == agreement.gateway.act)
        yield (
            ("gateway",),
            f"no gateway `{agreement.gateway.act} {agreement.gateway.section}`; of that act: {act or 'none'}",
        )
        return
    if not row.open_on(agreement.effective):
        why = "is unconfirmed" if row.in_force_from is not None else "is not in force"
        yield ("gateway",), f"{row.name} {why}: no agreement may stand on it"
    kinds = {party.id: party.kind for party in agreement.parties}
    recipient = kinds.get(agreement.recipient)
    disclosers = {kind for name, kind in kinds.items() if name != agreement.recipient}
    if recipient is not None and recipient not in row.recipient:
        yield ("gateway",), f"{row.name} does not reach a recipient of kind `{recipient}`"
    if not disclosers <= set(row.discloser):
        yield ("gateway",), f"{row.name} is not open to a discloser of kind `{', '.join(sorted(disclosers))}`"
    if agreement.inbound is not None and (recipient not in row.discloser or not disclosers <= set(row.recipient)):
        yield ("gateway",), f"{row.name} does not carry the way back"
    if agreement.purpose.code not in row.purposes:
        yield ("gateway",), f"{row.name} is for {', '.join(row.purposes)}; not for `{agreement.purpose.code}`"
    objections = agreement.consent.objections.use
    if (GatewayException.OBJECTS in row.exceptions) != (objections is ObjectionUse.GATEWAY_EXCEPTION):
        yield ("consent", "objections"), f"`gateway-exception` is used exactly where the gateway has it; see {row.name}"
    yield from _exceptions(agreement, row.exceptions, row.name)


def _exceptions(agreement: Agreement, exceptions: tuple[GatewayException, ...], name: str) -> Iterator[Complaint]:
    special = any(
        (facts := FIELDS.get((item.entity, item.field))) is not None and facts.classification is Classification.HEALTH
        for item in agreement.data_items
    )
    if special and GatewayException.PATIENT_INFORMATION in exceptions:
        yield ("gateway",), f"{name} carries no patient information"
    if GatewayException.NO_CONSENT in exceptions and agreement.consent.use is not ConsentUse.REQUIRED:
        yield ("consent", "use"), f"{name} needs consent: use must be `required`"


def _internal(agreement: Agreement) -> Iterator[Complaint]:
    internal = agreement.template is Template.INTERNAL
    if internal and agreement.purpose.compatible_with is None:
        yield ("purpose",), "an internal agreement says why its use is compatible: compatible_with"
    roles = {party.legal_role for party in agreement.parties}
    if internal != (roles == {LegalRole.PART_OF_CONTROLLER}):
        yield ("parties",), "parts of one controller, and only those, share under the template `internal`"
    if internal and len({party.controller for party in agreement.parties} - {None}) != 1:
        yield ("parties",), "parties of an internal agreement name one and the same controller"


def _confidentiality(agreement: Agreement) -> Iterator[Complaint]:
    basis, consent = agreement.confidentiality, agreement.consent
    place = ("confidentiality",)
    if basis.basis is ConfidentialityBasis.EXPLICIT_CONSENT and (
        consent.use is not ConsentUse.REQUIRED or consent.kind is not ConsentKind.CONFIDENTIALITY
    ):
        yield place, "explicit consent is the basis, so consent of kind `confidentiality` must be `required`"
    if basis.basis is ConfidentialityBasis.SECTION_251 and (basis.reference is None or basis.expires is None):
        yield place, "section 251 support needs its reference and expiry"
    if basis.basis is ConfidentialityBasis.PUBLIC_INTEREST and basis.reference is None:
        yield place, "overriding public interest needs a reference to the recorded weighing"
    if basis.basis is ConfidentialityBasis.STATUTE:
        row = gateway_of(agreement.gateway)
        if row is None or not row.overrides_confidence:
            yield place, "the gateway does not say that it lifts confidence"
    direct = agreement.purpose.code in {PurposeCode.DIRECT_CARE, PurposeCode.CARE_PAYMENTS}
    if basis.basis is ConfidentialityBasis.IMPLIED_CONSENT and not direct:
        yield place, "implied consent reaches a person's own care only"


def _objections(agreement: Agreement) -> Iterator[Complaint]:
    consent = agreement.consent
    objections = consent.objections
    if (objections.use is ObjectionUse.NOT_USED) != (objections.scope is None):
        yield ("consent", "objections"), "objections that are heeded name their scope; others have none"
    if objections.use is ObjectionUse.ARTICLE_21 and not any(
        point.point in REACHED for party in agreement.parties for point in party.lawful_basis.article6
    ):
        yield ("consent", "objections"), "Article 21 reaches points (e) and (f) only"
    if consent.use is ConsentUse.REQUIRED and agreement.purpose.code is PurposeCode.SAFEGUARDING:
        yield ("consent", "use"), "consent is no condition of statutory safeguarding"
    yield from _opt_out(agreement)


def _opt_out(agreement: Agreement) -> Iterator[Complaint]:
    """Say where the national data opt-out has no place: it is about uses beyond care, of health and adult care (England)."""
    if not agreement.national_data_opt_out.applies:
        return
    place = ("national_data_opt_out",)
    if agreement.purpose.code not in BEYOND_CARE:
        named = ", ".join(f"`{each}`" for each in sorted(BEYOND_CARE))
        yield (
            place,
            (
                f"the opt-out is about uses beyond a person's own care: it applies under {named}, and under"
                f" `{agreement.purpose.code}` it would keep somebody from what they need"
            ),
        )
    if CHILDREN & set(agreement.subjects.has.values):
        yield place, "the opt-out does not reach children's social care, and is never asked about there"


def _prohibited(agreement: Agreement) -> Iterator[Complaint]:
    banned = {source: row for row in prohibitions() if row.trigger == "source" for source in row.sources}
    for index, item in enumerate(agreement.data_items):
        for source in item.sources:
            row = banned.get(source)
            if row is None or item.direction is Direction.IN:
                continue
            lifted = row.unless_gateway is not None and row.unless_gateway == agreement.gateway
            if not lifted or agreement.purpose.prescribed is None:
                yield ("data_items", index), f"source `{source}` is barred by the {row.law}: {row.exceptions}"


def _consent_scope(agreement: Agreement) -> Iterator[Complaint]:
    scopes = {PartyKind.NHS_BODY: ConsentScope.HEALTH, PartyKind.POLICE: ConsentScope.POLICE}
    recipient = agreement.party(agreement.recipient)
    wanted = scopes.get(recipient.kind, ConsentScope.COUNCIL) if recipient is not None else None
    for scope, name in ((agreement.consent.scope, "scope"), (agreement.consent.objections.scope, "objections")):
        if wanted is not None and scope not in {None, wanted}:
            yield ("consent", name), f"`{scope}` does not fit the recipient; allowed: {wanted}"


LAWFUL_CHECKS = (
    _bases, _special, _gateway, _internal, _confidentiality, _objections, check_identifiers, _prohibited, _consent_scope,
)  # fmt: skip
