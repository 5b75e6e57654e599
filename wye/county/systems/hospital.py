"""Write what Arrowshire Hospitals NHS Trust will send: admissions, discharges and attendances."""

from datetime import timedelta
from random import Random

from wye.county.clerk import Clerk
from wye.county.residents import Household, Resident
from wye.county.seeds import day_between, guid, instant
from wye.county.systems.writing import Desk, iso

NAME = "nhs_fhir"
ADMISSIONS = "hospital/admissions.jsonl"
FILES = (ADMISSIONS,)
WARDS = ("Wye Ward", "Teme Ward", "Lugg Ward", "Frome Ward", "Emergency Department", "Arrow Assessment Unit")
REASONS = (
    "Fall at home", "Chest infection", "Fractured hip", "Urinary tract infection", "Confusion", "Stroke",
    "Breathlessness", "Planned surgery", "Abdominal pain", "Dehydration",
)  # fmt: skip
_HOLDS = frozenset({"birth", "sex", "nhs", "address"})
_DISCHARGED = 0.7


class Hospital:
    """Write each stay of a household's members in hospital."""

    def __init__(self, desk: Desk) -> None:
        self.clerk = Clerk(NAME, desk.today, desk.rates)
        self._desk = desk

    def write(self, household: Household) -> None:
        """Write the household's admissions."""
        rng = self._desk.chance(NAME, household.number)
        for resident in household.residents:
            for _ in range(resident.needs.admissions):
                self._admission(rng, resident, household)

    def _admission(self, rng: Random, resident: Resident, household: Household) -> None:
        keyed = self.clerk.key(rng, resident, household.residents, _HOLDS)
        last = min(resident.death or self._desk.today, self._desk.today) - timedelta(1)
        admitted = max(resident.birth, day_between(rng, last - timedelta(300), last))
        finished = rng.random() < _DISCHARGED
        left = min(admitted + timedelta(rng.randrange(1, 25)), self._desk.today - timedelta(1)) if finished else None
        finished = left is not None and left > admitted
        name = guid(rng)
        attendance = rng.random() < 0.15
        self._desk.files.json_line(
            ADMISSIONS,
            {
                "id": name,
                "nhs_number": keyed.nhs,
                "family_name": keyed.family or None,
                "given_name": keyed.given or None,
                "birth_date": iso(keyed.birth),
                "sex": keyed.sex,
                "postcode": keyed.postcode or None,
                "kind": "attendance" if attendance else "discharge" if finished else "admission",
                "status": "finished" if finished else "in-progress",
                "admitted_at": f"{instant(rng, admitted)}Z",
                "discharged_at": f"{instant(rng, left)}Z" if finished and left else None,
                "ward": WARDS[4] if attendance else rng.choice(WARDS),
                "reason": rng.choice(REASONS),
            },
        )
        self._desk.truth.record((NAME, "admissions", name), resident.person, keyed.defects)
