"""Decide what brings a resident to the council and its partners, and which systems know of them."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from wye.county.residents import ADULT_AGE, Needs, Package, Referral, Resident
from wye.county.seeds import day_between

SERVICES = (
    ("HOME_CARE", 24_000), ("DAY_CARE", 9_500), ("DIRECT_PAYMENT", 18_000), ("SUPPORTED_LIVING", 61_000),
    ("TRANSPORT", 3_200), ("RESIDENTIAL", 92_000), ("NURSING", 118_000),
)  # fmt: skip
RESIDENTIAL = 5
PROVIDERS = (
    "Applewood Care", "Brookhaven Homes", "Castle Care at Home", "Dore Valley Support", "Ember Lodge", "Fernleigh Care",
    "Greystones Nursing", "Homeward Arrow", "Kestrel Day Centre", "Larchfield", "Marches Living", "Northgate Transport",
)  # fmt: skip
ADULT_REASONS = ("CARE_NEEDS", "SELF_NEGLECT")
HARMS = ("NEGLECT", "PHYSICAL", "SEXUAL", "EMOTIONAL", "FINANCIAL", "SELF_NEGLECT")
SOURCES = ("1A", "1C", "2A", "3A", "3E", "3F", "4", "5B", "6", "9")
AGES_OF_CARE = ((85, 0.55), (75, 0.32), (65, 0.13), (ADULT_AGE, 0.05))
IN_CARE_HOME = 1.0


def needs(rng: Random, resident: Resident, household_kind: str, today: date) -> Needs:
    """Decide one resident's needs from age and home."""
    if resident.is_adult(today):
        return _adult(rng, resident, household_kind, today)
    return _child(rng, resident, today)


def known_as_relative(rng: Random, found: Needs) -> Needs:
    """Let the care system hold a relative of somebody who has care, as carers and next of kin are."""
    if "frameworki" in found.known_to or rng.random() >= 0.45:  # about half of relatives are recorded
        return found
    return replace(found, known_to=found.known_to | {"frameworki"})


def _adult(rng: Random, resident: Resident, household_kind: str, today: date) -> Needs:
    age = resident.age(today)
    chance = IN_CARE_HOME if household_kind == "care home" else next(c for least, c in AGES_OF_CARE if age >= least)
    care = rng.random() < chance
    harmed = rng.random() < (0.12 if care else 0.006)
    asked = care or harmed or rng.random() < 0.03  # asked once, and got advice
    known = {"frameworki"} if asked else set()
    if rng.random() < (0.62 if asked else 0.48):
        known.add("crm")
    admissions = _count(rng, 0.35 if care else 0.09 if age >= 75 else 0.025)  # age
    notices = _count(rng, 0.5 if harmed else 0.012)
    since = day_between(rng, today - timedelta(6 * 365), today - timedelta(10)) if asked else None
    return Needs(
        known_to=frozenset(known),
        adult_care=care,
        care_since=since,
        care_until=day_between(rng, since, today) if since and rng.random() < 0.16 else None,  # closed
        restricted=asked and rng.random() < 0.015,
        safe_address=asked and rng.random() < 0.01,
        identity_sealed=asked and rng.random() < 0.003,
        share_health=_answer(rng, 0.84, 0.08) if care else None,
        object_health=True if care and rng.random() < 0.03 else None,
        share_police=_answer(rng, 0.4, 0.15) if care else None,
        referrals=_adult_referrals(rng, since, today, care=care, harmed=harmed) if since else (),
        packages=_packages(rng, since, today, household_kind) if care and since else (),
        admissions=admissions,
        notices=notices,
    )


def _child(rng: Random, resident: Resident, today: date) -> Needs:
    care = rng.random() < 0.08  # about the share of children referred in a few years
    since = day_between(rng, max(resident.birth, today - timedelta(4 * 365)), today - timedelta(1)) if care else None
    referrals: tuple[Referral, ...] = ()
    if since:
        closed = day_between(rng, since, today) if rng.random() < 0.5 else None
        referrals = (Referral("CIN", since, rng.choice(SOURCES), rng.choice(HARMS[:4]), closed),)
    return Needs(
        known_to=frozenset({"frameworki"}) if care else frozenset(),
        child_care=care,
        care_since=since,
        care_until=referrals[0].closed if referrals else None,
        restricted=care and rng.random() < 0.02,
        safe_address=care and rng.random() < 0.01,
        identity_sealed=care and rng.random() < 0.01,  # adopted
        referrals=referrals,
        admissions=_count(rng, 0.02),
        notices=_count(rng, 0.15 if care else 0.003),
    )


def _count(rng: Random, chance: float) -> int:
    return 0 if rng.random() >= chance else 2 if rng.random() < 0.25 else 1


def _answer(rng: Random, yes: float, no: float) -> bool | None:
    chance = rng.random()
    return True if chance < yes else False if chance < yes + no else None


def _adult_referrals(rng: Random, since: date, today: date, *, care: bool, harmed: bool) -> tuple[Referral, ...]:
    found: list[Referral] = []
    if care or not harmed:
        closed = since + timedelta(rng.randrange(5, 60))
        asked = min(closed, today) if closed <= today else None
        found.append(Referral("CARE", since, rng.choice(SOURCES), ADULT_REASONS[rng.random() < 0.1], asked))
    if harmed:
        on = day_between(rng, since, today)
        end = on + timedelta(rng.randrange(20, 200))
        found.append(Referral("S42", on, rng.choice(SOURCES), rng.choice(HARMS), end if end <= today else None))
    return tuple(found)


def _packages(rng: Random, since: date, today: date, household_kind: str) -> tuple[Package, ...]:
    if household_kind != "care home" and rng.random() < 0.3:  # waiting, or family cares
        return ()
    found: list[Package] = []
    for _ in range(1 if rng.random() < 0.75 else 2):
        chosen = (
            rng.randrange(RESIDENTIAL, len(SERVICES)) if household_kind == "care home" else rng.randrange(RESIDENTIAL)
        )
        service, weekly = SERVICES[chosen]
        start = day_between(rng, since, today)
        ended = day_between(rng, start, today) if rng.random() < 0.2 else None
        cost = round(weekly * (0.6 + 0.8 * rng.random()))
        found.append(Package(service, rng.randrange(len(PROVIDERS)), cost, start, ended))
    return tuple(found)
