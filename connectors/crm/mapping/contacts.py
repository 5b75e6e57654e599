"""Map contact: the person, where they live, how they are reached, and of whom they are a duplicate."""

from collections.abc import Iterable

from connectors.crm.mapping.columns import choice, contact, day, text
from connectors.crm.mapping.phone import MOBILE, e164
from schemas.address import Address
from schemas.contact_point import ContactPoint
from schemas.person import Person
from schemas.relationship import Relationship
from wye.ports import BadInput, Canonical, SourceRow

SEX = {"1": "M", "2": "F"}
"""gendercode. Dataverse's list ends here; a council that adds `not known` adds its number."""


def map_contact(row: SourceRow) -> Iterable[Canonical]:
    """Return the Person, with Address, ContactPoints, and a Relationship `duplicate` to the master of a merged one."""
    subject = contact(row, "contactid")
    family = text(row, "lastname")
    if family is None:
        raise BadInput("column `lastname` is empty: a person without a surname cannot be matched safely")
    yield Person(
        subject=subject,
        family_name=family,
        given_name=text(row, "firstname"),
        middle_names=text(row, "middlename"),
        title=text(row, "salutation"),
        birth_date=day(row, "birthdate"),
        sex=choice(row, "gendercode", SEX),
        case_number=text(row, "contactid"),
    )
    yield from _address(row)
    yield from _contact_points(row)
    if row.values.get("merged") is True:
        master = contact(row, "_masterid_value")
        if master == subject:
            raise BadInput("column `_masterid_value` names the contact itself: right is the contact it was merged into")
        yield Relationship(subject=subject, other=master, kind="duplicate")


def _address(row: SourceRow) -> Iterable[Canonical]:
    lines = [line for part in (1, 2, 3) if (line := text(row, f"address1_line{part}"))]
    town, postcode = text(row, "address1_city"), text(row, "address1_postalcode")
    if lines or town or postcode:
        bare = "".join((postcode or "").upper().split())
        yield Address(
            subject=contact(row, "contactid"),
            kind="home",
            lines=", ".join(lines) or None,
            town=town,
            postcode=f"{bare[:-3]} {bare[-3:]}" if bare else None,
        )


def _contact_points(row: SourceRow) -> Iterable[Canonical]:
    subject = contact(row, "contactid")
    for column in ("mobilephone", "telephone1"):
        if held := text(row, column):
            number = e164(column, held)
            yield ContactPoint(subject=subject, kind="mobile" if MOBILE.match(number) else "phone", value=number)
    if email := text(row, "emailaddress1"):
        yield ContactPoint(subject=subject, kind="email", value=email.lower())
