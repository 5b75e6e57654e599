"""Build disclosures with valid defaults."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from wye.ports import Disclosure

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)

WHOLE: Mapping[str, Sequence[Mapping[str, object]]] = {
    "person": [
        {"family_name": "Ashdown", "given_name": "Mary", "middle_names": "Ann Jo", "title": "Mrs", "birth_date": "1941-02-03",
         "sex": "F", "nhs_number": "9990000018", "death_date": "2026-10-30"}
    ],
    "address": [{"kind": "home", "lines": "1 Mill Lane, Nether", "town": "Arrow", "postcode": "QA1 1AA", "uprn": "77", "from_date": "2001-01-01"}],
    "contact_point": [{"kind": "mobile", "value": "+447700900123"}, {"kind": "email", "value": "m@example.test"}],
    "care_package": [{"service": "home-care", "provider": "Nether Care", "from_date": "2025-01-01"}],
    "involvement": [{"service": "adult-social-care", "role": "allocated worker", "worker": "Pat Q", "team": "North", "to_date": "2026-01-01"}],
    "relationship": [{"kind": "carer"}, {"kind": "mother"}],
    "referral": [{"kind": "safeguarding-adult", "reason": "neglect", "received_on": "2026-10-01", "status": "open"}],
}  # fmt: skip


def disclosure(entities: Mapping[str, Sequence[Mapping[str, object]]] | None = None, **changes: object) -> Disclosure:
    """Build a disclosure about an invented person."""
    fields: dict[str, object] = {
        "agreement": "adult-care-acute",
        "version": "1.0.0",
        "subject": "ab" * 32,
        "at": AT,
        "entities": WHOLE if entities is None else entities,
        **changes,
    }
    return Disclosure(**fields)  # type: ignore[arg-type]
