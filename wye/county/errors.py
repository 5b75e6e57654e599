"""Load how often each system errs, with reasons, and count what was planted."""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from random import Random

import yaml

from wye.errors import UsageError

SYSTEMS = ("frameworki", "crm", "civica_revenues", "nhs_fhir", "police")


class Defect(StrEnum):
    """Name each way in which a record can be wrong."""

    NICKNAME = "nickname"
    INITIAL_ONLY = "initial_only"
    KNOWN_BY_MIDDLE_NAME = "known_by_middle_name"
    MIDDLE_NAME_LEFT_OUT = "middle_name_left_out"
    SWAPPED_NAMES = "swapped_names"
    KEYBOARD_TYPO = "keyboard_typo"
    OCR_ERROR = "ocr_error"
    PHONETIC_SPELLING = "phonetic_spelling"
    DIACRITICS_DROPPED = "diacritics_dropped"
    HYPHEN_DROPPED = "hyphen_dropped"
    FORMER_SURNAME = "former_surname"
    MISSING_SURNAME = "missing_surname"
    PLACEHOLDER_SURNAME = "placeholder_surname"
    BABY_PLACEHOLDER = "baby_placeholder"
    MISSING_BIRTH_DATE = "missing_birth_date"
    TRANSPOSED_DAY_MONTH = "transposed_day_month"
    BIRTH_DATE_SLIP = "birth_date_slip"
    DEFAULT_BIRTH_DATE = "default_birth_date"
    FUTURE_BIRTH_DATE = "future_birth_date"
    DEATH_BEFORE_BIRTH = "death_before_birth"
    MISSING_NHS_NUMBER = "missing_nhs_number"
    BAD_NHS_CHECK_DIGIT = "bad_nhs_check_digit"
    RELATIVES_NHS_NUMBER = "relatives_nhs_number"
    MISSING_NINO = "missing_nino"
    OLD_ADDRESS = "old_address"
    MISSING_POSTCODE = "missing_postcode"
    POSTCODE_SLIP = "postcode_slip"
    STREET_ABBREVIATED = "street_abbreviated"
    MISSING_PHONE = "missing_phone"
    MISSING_EMAIL = "missing_email"
    SEX_UNKNOWN = "sex_unknown"
    SEX_WRONG = "sex_wrong"
    CONTROL_CHARACTER = "control_character"
    LONE_SURROGATE = "lone_surrogate"
    DUPLICATE_RECORD = "duplicate_record"
    DUPLICATE_MARKED = "duplicate_marked"
    TEST_RECORD = "test_record"
    PHONE_SLIP = "phone_slip"
    EMAIL_SLIP = "email_slip"
    NINO_SLIP = "nino_slip"
    UPN_SLIP = "upn_slip"


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Hold one defect's chance in each system, of which records, and why."""

    of: str
    reason: str
    rates: Mapping[str, float]


@lru_cache(maxsize=1)
def error_rates() -> Mapping[Defect, ErrorRate]:
    """Read error_rates.yaml; raises UsageError if a defect, system, reason or rate is missing or unknown."""
    return parse_error_rates((files("wye.county") / "error_rates.yaml").read_text("utf-8"))


def parse_error_rates(text: str) -> Mapping[Defect, ErrorRate]:
    """Parse the text of an error-rates file, refusing what is not exactly as it should be."""
    read = yaml.safe_load(text)
    wanted = {defect.value for defect in Defect}
    if not isinstance(read, dict) or set(read) != wanted:
        differing = sorted(wanted ^ set(read)) if isinstance(read, dict) else sorted(wanted)
        raise UsageError(f"error_rates.yaml lacks or adds `{', '.join(map(str, differing))}`; name each defect once")
    return {Defect(name): _rate(name, entry) for name, entry in read.items()}


def _rate(name: str, entry: object) -> ErrorRate:
    if not isinstance(entry, dict) or set(entry) != {"of", "reason", "rates"}:
        raise UsageError(f"error_rates.yaml `{name}` must have exactly of, reason and rates")
    rates = entry["rates"]
    if not isinstance(rates, dict) or set(rates) != set(SYSTEMS):
        raise UsageError(f"error_rates.yaml `{name}` must give a rate for each of {', '.join(SYSTEMS)}")
    if not all(isinstance(rate, float | int) and 0 <= rate <= 1 for rate in rates.values()):
        raise UsageError(f"error_rates.yaml `{name}` has a rate outside 0 to 1")
    return ErrorRate(str(entry["of"]), str(entry["reason"]), {system: float(rate) for system, rate in rates.items()})


@dataclass(slots=True)
class Tally:
    """Count, for one system, how many records could show each defect and how many do."""

    system: str
    could: dict[Defect, int] = field(default_factory=lambda: dict.fromkeys(Defect, 0))
    does: dict[Defect, int] = field(default_factory=lambda: dict.fromkeys(Defect, 0))
    rates: InitVar[Mapping[Defect, ErrorRate] | None] = None
    _rates: dict[Defect, float] = field(init=False)

    def __post_init__(self, rates: Mapping[Defect, ErrorRate] | None) -> None:
        self._rates = {defect: rate.rates[self.system] for defect, rate in (rates or error_rates()).items()}

    def happens(self, defect: Defect, rng: Random) -> bool:
        """Decide whether a record that could show the defect does, and count it."""
        self.could[defect] += 1
        if rng.random() >= self._rates[defect]:
            return False
        self.does[defect] += 1
        return True
