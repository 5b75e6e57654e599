"""Say which planted defect shows in which dimension of a scorecard, and how: by a look at rows, or by comparing records.

A defect that stands in neither table is seen by no check: a nickname, a former surname or an old address is right in
its own way. Seeing through them is what linking is for.
"""

from wye.county.errors import Defect
from wye.vocabulary import Dimension

ACCURACY, COMPLETENESS, CONSISTENCY = Dimension.ACCURACY, Dimension.COMPLETENESS, Dimension.CONSISTENCY
UNIQUENESS, VALIDITY = Dimension.UNIQUENESS, Dimension.VALIDITY

BY_ROW: dict[Defect, set[Dimension]] = {
    Defect.INITIAL_ONLY: {COMPLETENESS},
    Defect.MISSING_SURNAME: {COMPLETENESS},
    Defect.PLACEHOLDER_SURNAME: {ACCURACY},
    Defect.BABY_PLACEHOLDER: {ACCURACY},
    Defect.MISSING_BIRTH_DATE: {COMPLETENESS},
    Defect.DEFAULT_BIRTH_DATE: {ACCURACY},
    Defect.FUTURE_BIRTH_DATE: {ACCURACY},
    Defect.DEATH_BEFORE_BIRTH: {CONSISTENCY},
    Defect.MISSING_NHS_NUMBER: {COMPLETENESS},
    Defect.BAD_NHS_CHECK_DIGIT: {VALIDITY},
    Defect.MISSING_NINO: {COMPLETENESS},
    Defect.MISSING_POSTCODE: {COMPLETENESS},
    Defect.STREET_ABBREVIATED: {VALIDITY},
    Defect.MISSING_PHONE: {COMPLETENESS},
    Defect.MISSING_EMAIL: {COMPLETENESS},
    Defect.SEX_UNKNOWN: {COMPLETENESS},
    Defect.CONTROL_CHARACTER: {VALIDITY},
    Defect.LONE_SURROGATE: {VALIDITY},
    Defect.OCR_ERROR: {ACCURACY},  # where a letter became a digit; all others are seen by comparing
    Defect.TEST_RECORD: {ACCURACY, COMPLETENESS, VALIDITY},  # nobody's name, half empty, with a telephone of nobody
    Defect.PHONE_SLIP: {VALIDITY},
    Defect.EMAIL_SLIP: {VALIDITY},
    Defect.NINO_SLIP: {VALIDITY},
    Defect.UPN_SLIP: {VALIDITY},
}
"""A rule on the row sees it, whatever other systems hold."""

BY_COMPARING: dict[Defect, tuple[Dimension, str]] = {
    Defect.SWAPPED_NAMES: (CONSISTENCY, "family_name"),
    Defect.KEYBOARD_TYPO: (CONSISTENCY, "family_name"),
    Defect.PHONETIC_SPELLING: (CONSISTENCY, "family_name"),
    Defect.DIACRITICS_DROPPED: (CONSISTENCY, "family_name"),
    Defect.HYPHEN_DROPPED: (CONSISTENCY, "family_name"),
    Defect.FORMER_SURNAME: (CONSISTENCY, "family_name"),
    Defect.TRANSPOSED_DAY_MONTH: (CONSISTENCY, "birth_date"),
    Defect.BIRTH_DATE_SLIP: (CONSISTENCY, "birth_date"),
    Defect.SEX_WRONG: (CONSISTENCY, "sex"),
    Defect.RELATIVES_NHS_NUMBER: (ACCURACY, "nhs_number"),
    Defect.DUPLICATE_RECORD: (UNIQUENESS, "*"),
    Defect.DUPLICATE_MARKED: (UNIQUENESS, "*"),
}
"""Only a comparison of linked records sees it, and only where linking has joined them and another system is believed."""

UNSEEN = {
    Defect.NICKNAME: "Bill is how William is called; no check calls that wrong",
    Defect.KNOWN_BY_MIDDLE_NAME: "a name that the person goes by",
    Defect.MIDDLE_NAME_LEFT_OUT: "not everybody has a middle name",
    Defect.OLD_ADDRESS: "was right once; the address's own dates are the only hint",
    Defect.POSTCODE_SLIP: "nearly always another postcode of good form; a gazetteer would see it, and is not connected yet",
}
"""Seen by no check of ours, and why."""
