"""Read an NHS number however it is written: what identity calls the same number is what the opt-out asks about."""

from stdnum.gb import nhs


def valid(value: object) -> str | None:
    """Give an NHS number as ten digits, or None if it cannot be one: ten equal digits pass the arithmetic, and are none."""
    digits = nhs.compact(str(value)).zfill(10)
    return digits if len(set(digits)) > 1 and nhs.is_valid(digits) else None
