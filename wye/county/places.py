"""Lay out Arrowshire: nine invented localities, their streets, houses, postcodes and UPRNs."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import gcd

import yaml

HOUSES_IN_STREET = 40
HOUSES_IN_POSTCODE = 20
POST_TOWN = "ARROWMINSTER"
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"
_UPRN_BASE = 99_000_000_000
_HOUSE_WITH_NAME = 17
_HOUSE_OF_FLATS = 13
_FLATS = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Hold one property. Most sensitive class: personal, once somebody lives there."""

    number: int
    house: str
    street: str
    locality: str
    postcode: str
    uprn: str

    @property
    def line(self) -> str:
        """Write house, street and locality on one line."""
        return f"{self.house} {self.street}, {self.locality}"


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    localities: tuple[tuple[str, str], ...]
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    house_names: tuple[str, ...]
    care_homes: tuple[str, ...]


@lru_cache(maxsize=1)
def _gazetteer() -> _Gazetteer:
    read = yaml.safe_load((files("wye.county") / "places.yaml").read_text("utf-8"))
    hundred = [
        (str(locality["name"]), str(locality["district"]))
        for locality in read["localities"]
        for _ in range(round(locality["share"] * 100))
    ]
    words = {key: tuple(read[key].split()) for key in ("street_heads", "street_tails", "house_names", "care_homes")}
    return _Gazetteer(
        tuple(hundred), words["street_heads"], words["street_tails"], words["house_names"], words["care_homes"]
    )


def localities() -> tuple[str, ...]:
    """List the nine localities, largest first."""
    return tuple(dict.fromkeys(name for name, _ in _gazetteer().localities))


@lru_cache(maxsize=2_048)
def place(number: int) -> Place:
    """Find the property of a number: the same for every county, and no two have the same address."""
    gazetteer = _gazetteer()
    street, within = divmod(number, HOUSES_IN_STREET)
    locality, district = gazetteer.localities[street * 37 % len(gazetteer.localities)]
    return Place(
        number,
        _house(within, gazetteer),
        _street(street, gazetteer),
        locality,
        _postcode(district, street * (HOUSES_IN_STREET // HOUSES_IN_POSTCODE) + within // HOUSES_IN_POSTCODE),
        str(_UPRN_BASE + number * 7 + 11),
    )


def care_home(number: int) -> Place:
    """Find the property of a number as a care home with a name of its own."""
    plain, homes = place(number), _gazetteer().care_homes
    house = f"{homes[number % len(homes)]} Care Home, {plain.house}"
    return Place(plain.number, house, plain.street, plain.locality, plain.postcode, plain.uprn)


def _house(within: int, gazetteer: _Gazetteer) -> str:
    number = within + 1
    if within % _HOUSE_WITH_NAME == _HOUSE_WITH_NAME - 1:
        return f"{gazetteer.house_names[number % len(gazetteer.house_names)]} Cottage, {number}"
    if within % _HOUSE_OF_FLATS >= _HOUSE_OF_FLATS - _FLATS:
        first = number - (within % _HOUSE_OF_FLATS - (_HOUSE_OF_FLATS - _FLATS))
        return f"Flat {number - first + 1}, {first}"
    return str(number)


def _street(street: int, gazetteer: _Gazetteer) -> str:
    combinations = len(gazetteer.heads) * len(gazetteer.tails)
    step = next(step for step in range(1009, 2000) if gcd(step, combinations) == 1)
    again, chosen = divmod(street, combinations)
    pick = chosen * step % combinations
    head, tail = gazetteer.heads[pick % len(gazetteer.heads)], gazetteer.tails[pick // len(gazetteer.heads)]
    return f"{head} {tail}" if not again else f"{head} {tail} {again + 1}"


def _postcode(district: str, unit: int) -> str:
    size = len(_INWARD)
    scattered = unit * 1_607 % (9 * size * size)
    letters, sector = divmod(scattered, 9)
    return f"{district} {sector + 1}{_INWARD[letters // size]}{_INWARD[letters % size]}"
