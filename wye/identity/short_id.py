"""Read ids that a person types: whole, or so much of the beginning that it can be no other."""

from uuid import UUID

from wye.errors import UsageError

LEAST, DIGITS = 6, 32


def short(identifier: UUID) -> str:
    """Write the beginning of an id that comes of a hash."""
    return identifier.hex[:8]


def bounds(text: str) -> tuple[UUID, UUID]:
    """Give the lowest and highest id that begin with these hexadecimal digits; raises UsageError."""
    digits = text.replace("-", "").lower()
    if not LEAST <= len(digits) <= DIGITS or not all(digit in "0123456789abcdef" for digit in digits):
        raise UsageError(f"`{text}` is no id; give one whole, or its first {LEAST} digits or more")
    return UUID(digits.ljust(DIGITS, "0")), UUID(digits.ljust(DIGITS, "f"))
