"""Change values slowly and obviously: the reference for transforms. Imports nothing of wye."""

import hashlib
import hmac
from datetime import date, timedelta
from uuid import UUID

BANDS = [(low, low + 4) for low in range(0, 90, 5)]
"""The bands of the Office for National Statistics up to 89."""


def changed(transform: str, value: object, person: UUID, day: date, key: bytes | None) -> object:  # noqa: C901, PLR0911
    """Give what leaves of a value that the transform was made for."""
    text = str(value)
    if transform == "as-is":
        return value
    if transform == "flag-only":
        return True
    if transform == "initial":
        return text[0].upper()
    if transform == "year-of-birth":
        return int(text[:4])
    if transform == "outward-postcode":
        return text[: text.index(" ")]
    if transform == "locality":
        return text
    if transform == "mask":
        bare = text.replace(" ", "")
        return "****" if len(bare) < 9 else "****" + bare[-3] + bare[-2] + bare[-1]
    if transform == "age-band":
        # Somebody is as old as the whole years at the last stroke of last year.
        years = sum(1 for year in range(int(text[:4]) + 1, day.year))
        for low, high in BANDS:
            if low <= years <= high:
                return f"{low}-{high}"
        return "90+"
    assert key is not None
    if transform == "keyed-pseudonym":
        return hmac.new(key, b"pseudonym\x00" + text.encode(), hashlib.sha256).hexdigest()
    if transform == "date-shift":
        span = int(hmac.new(key, b"date-shift\x00" + person.bytes, hashlib.sha256).hexdigest()[:16], 16) % 364 + 1
        return (date.fromisoformat(text) - timedelta(days=span)).isoformat()
    raise AssertionError(f"no transform `{transform}`")
