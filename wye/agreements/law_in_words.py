"""Say in plain English on which law an agreement stands, and what consent and objections mean under it."""

from collections.abc import Iterator

from wye.agreements.bases import ConsentTerms, LawfulBasis
from wye.agreements.law import gateway_of
from wye.agreements.model import Agreement
from wye.vocabulary import ConsentUse, LawStatus, ObjectionUse


def law(agreement: Agreement) -> Iterator[str]:
    """Say gateway, bases, confidentiality and opt-out, a sentence or two each."""
    row, reference = gateway_of(agreement.gateway), agreement.gateway
    if row is not None:
        unconfirmed = " UNCONFIRMED: nothing may be shared on it." if row.status is LawStatus.UNCONFIRMED else ""
        yield f"Gateway: {row.name}, a {row.kind}: {row.purpose}. Limit: {row.data_limit}.{unconfirmed}"
    elif reference is not None:
        yield f"Gateway: {reference.act} {reference.section}: UNKNOWN: nothing may be shared on it."
    for party in agreement.parties:
        basis = "; ".join(basis_in_words(party.lawful_basis))
        yield f"{party.name}: {basis or 'no basis, for nothing about a person reaches it'}."
    confidentiality = agreement.confidentiality
    reference_of = f" Reference: {confidentiality.reference}." if confidentiality.reference else ""
    until = f" Only until {confidentiality.expires}." if confidentiality.expires else ""
    yield f"Confidentiality: {confidentiality.basis.replace('-', ' ')}. {confidentiality.why}{reference_of}{until}"
    opt_out = agreement.national_data_opt_out
    applies = "applies; the NHS is asked for each extract, and nobody leaves whom it does not name as without one"
    yield f"National data opt-out: {applies if opt_out.applies else 'does not apply'}. {opt_out.why}"


def basis_in_words(basis: LawfulBasis) -> Iterator[str]:
    """Say a lawful basis, a part at a time."""
    for point in basis.article6:
        yield f"UK GDPR Article 6(1)({point.point}), by {point.law}"
    if basis.article9 is not None:
        paragraph, document = basis.article9.schedule1, basis.article9.policy_document
        beside = f" with Schedule 1 paragraph {paragraph}" if paragraph is not None else ""
        yield f"Article 9(2)({basis.article9.point}){beside}{f' (policy document: {document})' if document else ''}"
    if basis.article10 is not None:
        yield f"Article 10 with Schedule 1 paragraph {basis.article10}"
    if basis.part3 is not None:
        eighth = f" and Schedule 8 paragraph {basis.part3.schedule8}" if basis.part3.schedule8 is not None else ""
        document = basis.part3.policy_document
        policy = f" (policy document: {document})" if document else ""
        yield f"Data Protection Act 2018 Part 3, {basis.part3.section35}{eighth}, by {basis.part3.law}{policy}"


def consent(terms: ConsentTerms) -> Iterator[str]:
    """Say what consent, its refusal and withdrawal, and objections mean."""
    meaning = {
        ConsentUse.REQUIRED: "is required: without it nothing is released",
        ConsentUse.HONOURED: "is not the basis, but a refusal is honoured: nothing is released",
        ConsentUse.NOT_USED: "is not asked for",
    }[terms.use]
    yield f"Consent ({terms.kind}, {terms.scope}) {meaning}."
    if terms.use is not ConsentUse.NOT_USED:
        yield "Who withdraws a consent, or refuses later, is no longer told of: the recipient is asked to delete what it holds."
    objections = terms.objections
    if objections.use is ObjectionUse.NOT_USED:
        yield f"Objections do not stop the sharing. {objections.why}"
    else:
        yield f"Objections stop the sharing. {objections.why} ({objections.use.replace('-', ' ')}, {objections.scope})"
