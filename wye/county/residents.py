"""Describe the people of the county as they truly are: what no system knows in full."""

from dataclasses import dataclass
from datetime import date

from wye.county.places import Place

ADULT_AGE = 18


@dataclass(frozen=True, slots=True)
class Stay:
    """Hold one person's time at one place; `until` is empty while it lasts."""

    place: Place
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """Say that `other` is `category` (MOTHER, FATHER, CHILD, PARTNER, SIBLING) to `person`: numbers of residents."""

    person: int
    other: int
    category: str


@dataclass(frozen=True, slots=True)
class Referral:
    """Hold one request for care or protection: kind CARE, S42 or CIN."""

    kind: str
    on: date
    source: str
    reason: str
    closed: date | None


@dataclass(frozen=True, slots=True)
class Package:
    """Hold one service that the council pays for; the cost is in pence a week."""

    service: str
    provider: int
    weekly_pence: int
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Needs:
    """Hold what brings a resident to the council and its partners."""

    known_to: frozenset[str] = frozenset()
    adult_care: bool = False
    child_care: bool = False
    care_since: date | None = None
    care_until: date | None = None
    restricted: bool = False
    safe_address: bool = False
    identity_sealed: bool = False
    share_health: bool | None = None
    object_health: bool | None = None
    share_police: bool | None = None
    referrals: tuple[Referral, ...] = ()
    packages: tuple[Package, ...] = ()
    admissions: int = 0
    notices: int = 0


NOBODY_KNOWS = Needs()


@dataclass(frozen=True, slots=True)
class Resident:
    """Hold one resident's true particulars. `stays` run from first to present."""

    number: int
    sex: str
    given: str
    middle: str
    family: str
    former_family: str | None
    title: str
    birth: date
    death: date | None
    nhs: str
    nino: str
    mobile: str
    landline: str
    email: str
    ethnicity: str
    language: str
    stays: tuple[Stay, ...]
    needs: Needs = NOBODY_KNOWS
    marker: str | None = None

    @property
    def person(self) -> str:
        """Name the resident in the truth."""
        return f"R{self.number:07d}"

    @property
    def home(self) -> Place:
        """Find the place where the resident lives now, or lived last."""
        return self.stays[-1].place

    def age(self, today: date) -> int:
        """Count whole years lived at `today`."""
        return today.year - self.birth.year - ((today.month, today.day) < (self.birth.month, self.birth.day))

    def is_adult(self, today: date) -> bool:
        """Tell whether the resident is 18 or older."""
        return self.age(today) >= ADULT_AGE


@dataclass(frozen=True, slots=True)
class Household:
    """Hold the people who live together; the first is the lead."""

    number: int
    kind: str
    residents: tuple[Resident, ...]
    ties: tuple[Tie, ...]
