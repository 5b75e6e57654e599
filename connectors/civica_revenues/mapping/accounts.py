"""Map a council tax account: the person first named as liable, and how they are reached."""

from collections.abc import Iterator
from uuid import UUID

from connectors.civica_revenues.mapping.values import address, needed, text
from schemas.contact_point import ContactPoint
from schemas.liability import Liability
from schemas.person import Person
from wye.ports import Canonical, SourceRow, record_id

NUMBERS = ("phone_phonenum1", "phone_phonenum2", "phone_phonenum3", "phone_phonenum4")
MOBILE = "+447"


def map_row(row: SourceRow) -> Iterator[Canonical]:
    """Give the person, the account, a correspondence address if there is one, telephone numbers and e-mail.

    A telephone number or e-mail address that cannot be one is left out: it says nothing against the account.
    """
    subject = record_id("civica_revenues", "accounts", row.key)
    yield Person(
        subject=subject,
        family_name=needed(row, "lead_liab_surname"),
        given_name=text(row, "lead_liab_forename"),
        middle_names=text(row, "lead_liab_middlename"),
        title=text(row, "lead_liab_title"),
        case_number=text(row, "party_ref"),
    )
    yield Liability(
        subject=subject,
        kind="council-tax",
        account=needed(row, "account_ref") + (text(row, "account_cd") or ""),
        role="liable",
    )
    post = address(row, "for_", "for_postcode", subject, "correspondence", None, None)
    if post is not None:
        yield post
    yield from _phones(row, subject)
    email = (text(row, "email_email_addr") or "").lower()
    name, _, domain = email.partition("@")
    if name and "." in domain and not any(character.isspace() for character in email):
        yield ContactPoint(subject=subject, kind="email", value=email)


def _phones(row: SourceRow, subject: UUID) -> Iterator[ContactPoint]:
    import phonenumbers

    seen: set[str] = set()
    for column in NUMBERS:
        try:
            number = phonenumbers.parse(text(row, column) or "", "GB")
        except phonenumbers.NumberParseException:
            continue
        value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_possible_number(number) and value not in seen:
            seen.add(value)
            yield ContactPoint(subject=subject, kind="mobile" if value.startswith(MOBILE) else "phone", value=value)
