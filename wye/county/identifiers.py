"""Number the residents with identifiers of valid form that belong to nobody.

NHS numbers stand in the 999 range, which is for tests only. National Insurance numbers have the prefix NC, of valid
form and used for pension schemes' administration rather than for people (unconfirmed). Mobile numbers stand in 07700
2 to 9 (in which Ofcom's drama range lies; no network holds the rest), landlines in 01632, which is no town's code.
"""

from wye.errors import UsageError

NHS_BLOCKS = 100_000
NHS_PER_BLOCK = 9
NEVER_ISSUED = 1
"""The remainder modulo 11 for which the check digit would be 10: such numbers are left out."""
CAPACITY = NHS_BLOCKS * NHS_PER_BLOCK
"""How many residents the 999 range can number."""

_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_INVENTED_EDUCATION_AUTHORITY = "999"


def nhs_check_digit(first_nine: str) -> int:
    """Compute the check digit of an NHS number (modulus 11); 10 means that no such number is issued."""
    return (11 - sum(int(digit) * (10 - place) for place, digit in enumerate(first_nine)) % 11) % 11


def nhs_number(seed: int, index: int) -> str:
    """Give the resident's NHS number: ten digits, valid, in the test range, never the same for two indexes."""
    if not 0 <= index < CAPACITY:
        raise UsageError(f"the county cannot number resident `{index}`; it holds at most {CAPACITY} residents")
    block = (index * 61_547 + seed * 7_919) % NHS_BLOCKS
    stem = f"999{block:05d}"
    weighed = sum(int(digit) * (10 - at) for at, digit in enumerate(stem))
    ninth = [digit for digit in range(10) if (weighed + 2 * digit) % 11 != NEVER_ISSUED][index // NHS_BLOCKS]
    return f"{stem}{ninth}{(11 - (weighed + 2 * ninth) % 11) % 11}"


def nino(seed: int, index: int) -> str:
    """Give the resident's National Insurance number, without spaces."""
    scattered = (index * 611_953 + seed * 104_729) % 1_000_000
    return f"NC{scattered:06d}{'ABCD'[index % 4]}"


def mobile(seed: int, index: int) -> str:
    """Give the resident's mobile number: eleven digits; the first 700,000 differ."""
    return f"07700{2 + index // NHS_BLOCKS % 7}{(index * 61_547 + seed * 6_007) % NHS_BLOCKS:05d}"


def landline(seed: int, household: int) -> str:
    """Give the household's landline number: eleven digits."""
    return f"01632{200_000 + (household * 61_547 + seed * 5_003) % 700_000:06d}"


def upn(index: int, birth_year: int) -> str:
    """Give a pupil's Unique Pupil Number with a valid check letter, of an education authority that does not exist."""
    digits = f"{_INVENTED_EDUCATION_AUTHORITY}{1000 + index % 37:04d}{(birth_year + 5) % 100:02d}{index % 1000:03d}"
    return _UPN_LETTERS[sum(int(digit) * (place + 2) for place, digit in enumerate(digits)) % 23] + digits
