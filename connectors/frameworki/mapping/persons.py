"""Map DM_PERSONS: the person, the restriction on the record, and the e-mail address."""

from collections.abc import Iterable

from connectors.frameworki.mapping.held import code, day, needed_text, person, text
from schemas.contact_point import ContactPoint
from schemas.flag import Flag
from schemas.person import Person
from wye.ports import Canonical, SourceRow

SEX = {"M": "M", "F": "F", "U": "U", "I": "U", "X": "U"}
"""GENDER holds sex as registered; I (indeterminate) and X (not recorded) are `not known` in the SSD since 2024-25."""

YES_NO = {"Y": "yes", "N": "no"}


def map_person(row: SourceRow) -> Iterable[Canonical]:
    """Return the Person; a Flag if the record is restricted; a ContactPoint if there is an e-mail address."""
    subject = person(row)
    nhs_number = text(row, "NHS_ID")
    # Mosaic's reporting copy has no column for middle names: FIRST_NAME holds them all, the first one first.
    given, *middle = (text(row, "FIRST_NAME") or "").split() or [""]
    yield Person(
        subject=subject,
        family_name=needed_text(row, "LAST_NAME"),
        given_name=given or None,
        middle_names=" ".join(middle) or None,
        title=text(row, "TITLE"),
        birth_date=day(row, "DATE_OF_BIRTH"),
        death_date=day(row, "DATE_OF_DEATH"),
        sex=code(row, "GENDER", SEX),
        ethnicity=text(row, "FULL_ETHNICITY_CODE"),
        first_language=text(row, "FIRST_LANGUAGE"),
        interpreter_needed=_yes(row, "INTERPRETER_REQUIRED"),
        # NHS_ID is a number in Mosaic, and a number has no leading zero: it comes back here.
        nhs_number=nhs_number.zfill(10) if nhs_number else None,
        upn=text(row, "UPN_ID"),
        case_number=text(row, "PERSON_ID"),
    )
    if _yes(row, "RESTRICTED"):
        yield Flag(subject=subject, kind="restricted-record")
    if email := text(row, "EMAIL_ADDRESS"):
        yield ContactPoint(subject=subject, kind="email", value=email.lower())


def _yes(row: SourceRow, column: str) -> bool | None:
    # An unknown code is refused: a restriction that we cannot read must not pass for none.
    word = code(row, column, YES_NO)
    return None if word is None else word == "yes"
