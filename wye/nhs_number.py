"""Read an NHS number however it is written: what identity calls the same number is what the opt-out asks about."""

from stdnum.gb import nhs

DIGITS = 10


def valid(value: object) -> str | None:
    """Give an NHS number as ten digits, or None if it cannot be one: ten equal digits pass the arithmetic, and are none."""
    digits = nhs.compact(str(value)).zfill(10)
    return digits if len(set(digits)) > 1 and nhs.is_valid(digits) else None


def digits_of(value: object) -> str | None:
    """Give the ten digits that a number is written by, whether or not they can be one; None if they are not ten."""
    text = str(value)
    if not _plain(text):
        text = nhs.compact(text)
    return text if _plain(text) else None


def _plain(text: str) -> bool:
    return len(text) == DIGITS and text.isascii() and text.isdecimal()
