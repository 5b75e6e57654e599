"""Say an agreement in plain English, from the file alone: who, why, about whom, under which law, what, how long."""

from collections.abc import Iterator
from textwrap import fill

from schemas.catalogue import FIELDS
from wye.agreements.bases import LawfulBasis
from wye.agreements.law import gateway_of
from wye.agreements.model import Agreement, Item, Party
from wye.vocabulary import ConsentUse, Direction, LawStatus, ObjectionUse, Onward, Restriction, Transform

WIDTH = 100
DONE = {
    Transform.AS_IS: "as it is held",
    Transform.YEAR_OF_BIRTH: "the year only",
    Transform.OUTWARD_POSTCODE: "the first half only",
    Transform.INITIAL: "the first letter only",
    Transform.FLAG_ONLY: "only whether there is one",
    Transform.DROP: "NEVER: named to say so",
}
UNITS = {"Y": "years", "M": "months", "D": "days"}


def show(agreement: Agreement) -> str:
    """Write the whole agreement for a reader who is no programmer."""
    lines = [line for block in _blocks(agreement) for line in (*block, "")]
    return "\n".join(lines)


def _blocks(agreement: Agreement) -> Iterator[list[str]]:
    yield [
        f"{agreement.title} ({agreement.id}, version {agreement.version})",
        f"Kind: {agreement.template}. Drafted by {agreement.drafted_by}, who may not sign it.",
    ]
    yield ["WHO", *(f"  - {_party(party)}" for party in agreement.parties)]
    purpose = agreement.purpose
    yield [
        "WHY",
        _wrapped(f"{purpose.description} (purpose: {purpose.code})"),
        *(
            [_wrapped(f"Why that fits what it was collected for: {purpose.compatible_with}")]
            if purpose.compatible_with
            else []
        ),
        "  It must not be used for:",
        *(f"  - {banned}" for banned in purpose.prohibited),
    ]
    yield ["ABOUT WHOM", _wrapped(_subjects(agreement))]
    yield ["UNDER WHICH LAW", *_law(agreement)]
    yield ["CONSENT AND OBJECTIONS", *_consent(agreement)]
    yield [f"WHAT GOES OUT TO {_name(agreement, agreement.recipient)}", *_items(agreement, Direction.OUT)]
    if agreement.inbound is not None:
        yield [f"WHAT COMES IN FROM {_name(agreement, agreement.inbound.partner)}", *_items(agreement, Direction.IN)]
    yield ["HOW LONG, AND WHAT THEN", *_keeping(agreement)]
    signed = ", each message signed" if agreement.sign_each_message else ""
    yield [
        "WHEN",
        f"  From {agreement.effective} to {agreement.expires}, both days included; reviewed by {agreement.review_date}.",
        f"  Sent {agreement.frequency.replace('-', ' ')}, as {agreement.format.media_type}{signed}.",
    ]
    signing = [f"  - {signatory.role} of {_name(agreement, signatory.party)}" for signatory in agreement.signatories]
    yield ["WHO MUST SIGN", *signing]


def _party(party: Party) -> str:
    part = f" of {party.controller}" if party.controller else ""
    return f"{party.name} ({party.kind}, {party.legal_role.replace('-', ' ')}{part})"


def _name(agreement: Agreement, party: str) -> str:
    found = agreement.party(party)
    return found.name if found is not None else party


def _wrapped(text: str) -> str:
    return fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _subjects(agreement: Agreement) -> str:
    subjects = agreement.subjects
    has = subjects.has
    lasting = "that lasts now" if has.open else "at any time"
    ages = ""
    if subjects.minimum_age is not None:
        ages += f", aged {subjects.minimum_age} or over"
    if subjects.maximum_age is not None:
        ages += f", aged {subjects.maximum_age} or under"
    return (
        f"People with a {has.entity.replace('_', ' ')} {lasting} whose {has.field} is {' or '.join(has.values)}, "
        f"according to {', '.join(has.sources)}{ages}."
    )


def _law(agreement: Agreement) -> Iterator[str]:
    row = gateway_of(agreement.gateway)
    if row is not None:
        unconfirmed = " UNCONFIRMED: nothing may be shared on it." if row.status is LawStatus.UNCONFIRMED else ""
        yield _wrapped(f"Gateway: {row.name}, a {row.kind}: {row.purpose}. Limit: {row.data_limit}.{unconfirmed}")
    for party in agreement.parties:
        yield _wrapped(f"{party.name}: {'; '.join(basis_in_words(party.lawful_basis))}.")
    confidentiality = agreement.confidentiality
    yield _wrapped(f"Confidentiality: {confidentiality.basis.replace('-', ' ')}. {confidentiality.why}")
    opt_out = agreement.national_data_opt_out
    yield _wrapped(f"National data opt-out: {'applies' if opt_out.applies else 'does not apply'}. {opt_out.why}")


def basis_in_words(basis: LawfulBasis) -> Iterator[str]:
    """Say a lawful basis, a part at a time."""
    for point in basis.article6:
        yield f"UK GDPR Article 6(1)({point.point}), by {point.law}"
    if basis.article9 is not None:
        paragraph = basis.article9.schedule1
        beside = f" with Schedule 1 paragraph {paragraph}" if paragraph is not None else ""
        yield f"Article 9(2)({basis.article9.point}){beside}"
    if basis.article10 is not None:
        yield f"Article 10 with Schedule 1 paragraph {basis.article10}"
    if basis.part3 is not None:
        eighth = f" and Schedule 8 paragraph {basis.part3.schedule8}" if basis.part3.schedule8 is not None else ""
        yield f"Data Protection Act 2018 Part 3, {basis.part3.section35}{eighth}, by {basis.part3.law}"


def _consent(agreement: Agreement) -> Iterator[str]:
    consent = agreement.consent
    meaning = {
        ConsentUse.REQUIRED: "is required: without it nothing is released",
        ConsentUse.HONOURED: "is not the basis, but a refusal is honoured: nothing is released",
        ConsentUse.NOT_USED: "is not asked for",
    }[consent.use]
    yield _wrapped(f"Consent ({consent.kind}, {consent.scope}) {meaning}.")
    stops = "do not stop the sharing" if consent.objections.use is ObjectionUse.NOT_USED else "stop the sharing"
    yield _wrapped(f"Objections {stops}. {consent.objections.why}")
    restricted = agreement.restricted_records
    asked = f"; {restricted.refer_to} is asked" if restricted.action is Restriction.REFER else ""
    yield _wrapped(f"Restricted records: nothing is released{asked}.")


def _items(agreement: Agreement, direction: Direction) -> Iterator[str]:
    for item in agreement.items(direction):
        facts = FIELDS.get((item.entity, item.field))
        about = facts.description.rstrip(".") if facts is not None else "not in the model"
        done = f", {DONE[item.transform]}" if direction is Direction.OUT else ""
        yield _wrapped(
            f"- {item.entity.replace('_', ' ')}: {about}{_rows(item)}{done}. From {', '.join(item.sources)}."
        )
        yield _wrapped(f"    Why: {item.justification}")


def _rows(item: Item) -> str:
    if item.rows is None:
        return ""
    which = f" whose {item.rows.field} is {' or '.join(item.rows.values)}" if item.rows.field is not None else ""
    return f" (only rows{which}{' that last now' if item.rows.open else ''})"


def _keeping(agreement: Agreement) -> Iterator[str]:
    period = agreement.retention.period
    started = agreement.retention.start.replace("-", " ")
    yield f"  The recipient keeps it for {period[1:-1]} {UNITS[period[-1]]} from {started}."
    onward = agreement.onward
    to = ", ".join(_name(agreement, party) for party in onward.to)
    allowed = f"may be passed on to {to} only" if onward.permitted is Onward.NAMED else "may not be passed on"
    yield f"  It {allowed}. Handling: {', '.join(code.replace('-', ' ') for code in onward.handling) or 'none'}."
