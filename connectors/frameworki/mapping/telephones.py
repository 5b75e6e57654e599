"""Map DM_TELEPHONE_NUMBERS: one number, written the one way that everybody dials."""

import re
from collections.abc import Iterable

from connectors.frameworki.mapping.held import needed_text, person
from schemas.contact_point import ContactPoint
from wye.ports import BadInput, Canonical, SourceRow

MOBILE = re.compile(r"\+447[1-57-9]")
"""UK mobile ranges of Ofcom's National Telephone Numbering Plan: 070 are personal numbers, 076 pagers."""


def map_telephone(row: SourceRow) -> Iterable[Canonical]:
    """Return the ContactPoint in E.164; raises BadInput for what nobody can dial from elsewhere."""
    number = _e164(needed_text(row, "TELEPHONE_NUMBER"))
    yield ContactPoint(subject=person(row), kind="mobile" if MOBILE.match(number) else "phone", value=number)


def _e164(held: str) -> str:
    import phonenumbers

    # The length is judged, not whether a range is in use today: ranges open faster than the library learns of them,
    # and Ofcom's numbers for drama, which the example county uses, never open.
    refused = BadInput("column `TELEPHONE_NUMBER` holds no telephone number: right is area code and number")
    try:
        number = phonenumbers.parse(held, "GB")
    except phonenumbers.NumberParseException:
        raise refused from None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise refused
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
