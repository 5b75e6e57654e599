"""Live the residents' lives: moves, marriages and deaths."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from wye.county.places import Place, place
from wye.county.residents import Resident, Stay
from wye.county.seeds import day_between

MOVED_HERE_WITHIN_SIX_YEARS = 0.34
MOVED_TWICE = 0.3
WIFE_TAKES_NAME, HUSBAND_TAKES_NAME, WIFE_DOUBLES_NAME = 0.62, 0.015, 0.07
YEAR = 365


def household_stays(rng: Random, home: Place, places: int, today: date) -> tuple[Stay, ...]:
    """Tell where a household has lived: four in ten households of England moved within six years or so (EHS)."""
    if rng.random() >= MOVED_HERE_WITHIN_SIX_YEARS:
        return (Stay(home, day_between(rng, today - timedelta(30 * YEAR), today - timedelta(6 * YEAR))),)
    moved = day_between(rng, today - timedelta(6 * YEAR), today - timedelta(21))
    came = day_between(rng, moved - timedelta(9 * YEAR), moved - timedelta(200))
    stays = [Stay(place(rng.randrange(places)), came, moved), Stay(home, moved)]
    if rng.random() < MOVED_TWICE:
        earlier = day_between(rng, came - timedelta(6 * YEAR), came - timedelta(200))
        stays.insert(0, Stay(place(rng.randrange(places)), earlier, came))
    return tuple(stays)


def since_birth(stays: tuple[Stay, ...], birth: date) -> tuple[Stay, ...]:
    """Keep what a resident lived to see of the household's stays."""
    return tuple(
        replace(stay, since=max(stay.since, birth)) for stay in stays if stay.until is None or stay.until > birth
    )


def married_names(rng: Random, wife: Resident, husband: Resident) -> tuple[Resident, Resident]:
    """Let a marriage change names: most wives take the husband's, a few join the two, a few husbands take the wife's."""
    chance = rng.random()
    if wife.family == husband.family:
        return wife, husband
    if chance < WIFE_TAKES_NAME:
        return replace(wife, family=husband.family, former_family=wife.family, title="Mrs"), husband
    if chance < WIFE_TAKES_NAME + WIFE_DOUBLES_NAME and "-" not in wife.family + husband.family:
        doubled = f"{wife.family}-{husband.family}"
        return replace(wife, family=doubled, former_family=wife.family, title="Mrs"), husband
    if chance < WIFE_TAKES_NAME + WIFE_DOUBLES_NAME + HUSBAND_TAKES_NAME:
        return wife, replace(husband, family=wife.family, former_family=husband.family)
    return wife, husband


def death(rng: Random, birth: date, today: date) -> date | None:
    """Tell when somebody died within the last two years, if so: records outlive their people."""
    age = (today - birth).days // YEAR
    chance = 0.12 if age >= 85 else 0.05 if age >= 75 else 0.012 if age >= 60 else 0.0015  # ages
    if rng.random() >= chance:
        return None
    return day_between(rng, max(birth, today - timedelta(2 * YEAR)), today - timedelta(3))
