"""Change values slowly and obviously: the reference for transforms. Imports nothing of wye."""

import hashlib
import hmac
from datetime import date, timedelta
from uuid import UUID

BANDS = [(low, low + 4) for low in range(0, 90, 5)]
"""The bands of the Office for National Statistics up to 89."""

NUMBERS = {
    ("person", "nhs_number"),
    ("person", "upn"),
    ("person", "nino"),
    ("person", "case_number"),
    ("address", "uprn"),
}
FREE_TEXT = {
    ("contact_event", "topic"), ("encounter", "reason"), ("incident", "detail"), ("referral", "detail"),
}  # fmt: skip
MADE_FOR = {
    "mask": {*NUMBERS, ("contact_point", "value")},
    "year-of-birth": {("person", "birth_date")},
    "age-band": {("person", "birth_date")},
    "outward-postcode": {("address", "postcode")},
    "locality": {("address", "town")},
    "initial": {("person", "family_name"), ("person", "given_name"), ("person", "middle_names")},
    "keyed-pseudonym": NUMBERS,
}


def fits(transform: str, entity: str, field: str) -> bool:
    """Say whether the transform was made for the field."""
    if transform == "date-shift":
        return field.endswith(("_date", "_on"))
    return transform in ("as-is", "flag-only", "drop") or (entity, field) in MADE_FOR[transform]


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
