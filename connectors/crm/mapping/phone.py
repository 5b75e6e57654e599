"""Write a telephone number the one way that everybody can dial it."""

import re

from wye.ports import BadInput

MOBILE = re.compile(r"\+447[1-57-9]")
"""UK mobile ranges of Ofcom's National Telephone Numbering Plan: 070 are personal numbers, 076 pagers."""


def e164(column: str, held: str) -> str:
    """Return the number with country code; raises BadInput if its length is that of no number anywhere."""
    from phonenumbers import (
        NumberParseException,
        PhoneNumberFormat,
        ValidationResult,
        format_number,
        is_possible_number_with_reason,
        parse,
    )

    try:
        number = parse(held, "GB")
        possible = is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    except NumberParseException:
        possible = False
    if not possible:
        raise BadInput(f"column `{column}` holds no telephone number: right is area code and number")
    return format_number(number, PhoneNumberFormat.E164)
