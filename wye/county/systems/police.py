"""Write what Marches Police will send: notices about victims, vulnerable adults and children, and others."""

from datetime import timedelta
from random import Random

from wye.county.clerk import Clerk
from wye.county.residents import Household, Resident
from wye.county.seeds import day_between, guid, instant
from wye.county.systems.writing import Desk, iso

NAME = "police"
NOTICES = "police/notices.jsonl"
FILES = (NOTICES,)
CATEGORIES = ("neglect", "physical", "sexual", "emotional", "financial", "domestic")
DETAILS = (
    "Officers attended after a call from a neighbour.", "Found confused in the street and taken home.",
    "Reports money taken by an acquaintance.", "Verbal argument at the address; no injuries seen.",
    "Door-step trader demanded payment.", "Concern for welfare raised by a shopkeeper.",
)  # fmt: skip
_HOLDS = frozenset({"birth", "sex", "address"})


class Police:
    """Write each notice about a household's members."""

    def __init__(self, desk: Desk) -> None:
        self.clerk = Clerk(NAME, desk.today, desk.rates)
        self._desk = desk
        self._reference = desk.ids_from

    def write(self, household: Household) -> None:
        """Write the household's notices."""
        rng = self._desk.chance(NAME, household.number)
        for resident in household.residents:
            for _ in range(resident.needs.notices):
                self._notice(rng, resident, household)

    def _notice(self, rng: Random, resident: Resident, household: Household) -> None:
        keyed = self.clerk.key(rng, resident, household.residents, _HOLDS)
        today = self._desk.today
        last = min(resident.death or today, today) - timedelta(1)
        occurred = max(resident.birth, day_between(rng, last - timedelta(200), last))
        vulnerable = resident.needs.adult_care or bool(resident.needs.referrals)
        if not resident.is_adult(today):
            role = "vulnerable-child"
        elif vulnerable:
            role = "vulnerable-adult" if rng.random() < 0.7 else "victim"
        else:
            role = rng.choice(("victim", "victim", "witness", "involved-party"))
        children = any(not mate.is_adult(today) for mate in household.residents)
        self._reference += 1
        name = guid(rng)
        self._desk.files.json_line(
            NOTICES,
            {
                "id": name,
                "reference": f"MP/{occurred.year}/{self._reference:09d}",
                "kind": "safeguarding" if role.startswith("vulnerable") else rng.choice(("incident", "crime")),
                "role": role,
                "family_name": keyed.family or None,
                "given_name": keyed.given or None,
                "birth_date": iso(keyed.birth),
                "sex": keyed.sex,
                "address": keyed.address,
                "postcode": keyed.postcode or None,
                "occurred_at": f"{instant(rng, occurred)}Z",
                "category": rng.choice(CATEGORIES),
                "detail": rng.choice(DETAILS),
                "children_present": children and rng.random() < 0.6,
                "handling": "no-further-sharing-without-originator" if rng.random() < 0.1 else None,
            },
        )
        self._desk.truth.record((NAME, "notices", name), resident.person, keyed.defects)
