"""Name the residents as their families would: by tradition, generation and sex, with real frequencies' long tail."""

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from random import Random

import yaml

from wye.county.seeds import Frequencies

EARLY_UNTIL, MIDDLE_UNTIL = 1959, 1994


@dataclass(frozen=True, slots=True)
class Tradition:
    """Hold how one part of the county names its children."""

    name: str
    ethnicity: str
    language: str
    family: Frequencies
    given: Mapping[tuple[str, str], Frequencies]

    def family_name(self, rng: Random) -> str:
        """Choose a household's family name, as a man bears it."""
        return self.family.choose(rng)

    def given_name(self, rng: Random, sex: str, birth_year: int) -> str:
        """Choose a given name that was in use when its bearer was born."""
        time = "early" if birth_year <= EARLY_UNTIL else "middle" if birth_year <= MIDDLE_UNTIL else "late"
        return self.given[sex, time].choose(rng)

    def family_as_borne(self, family: str, sex: str) -> str:
        """Turn a family name as this tradition does for women: Kowalska, and often Kaur beside Singh."""
        if sex == "F" and self.name == "polish" and family.endswith(("ski", "cki")):
            return family[:-1] + "a"
        if sex == "F" and family == "Singh":
            return "Kaur"
        return family


@dataclass(frozen=True, slots=True)
class Names:
    """Hold every list of names."""

    traditions: tuple[Tradition, ...]
    shares: tuple[float, ...]
    nicknames: Mapping[str, tuple[str, ...]]
    soundalikes: Mapping[str, tuple[str, ...]]
    twins: Mapping[str, tuple[tuple[str, str], ...]]

    def tradition(self, rng: Random) -> Tradition:
        """Choose a household's tradition by its share."""
        chosen = bisect(self.shares, rng.random() * self.shares[-1], 0, len(self.shares) - 1)
        return self.traditions[chosen]


@lru_cache(maxsize=1)
def names() -> Names:
    """Read names.yaml once."""
    read = yaml.safe_load((files("wye.county") / "names.yaml").read_text("utf-8"))
    nicknames = {name: tuple(forms.split()) for name, forms in read.pop("nicknames").items()}
    groups = [tuple(group.split()) for group in read.pop("soundalikes")]
    twins = {
        sex: tuple((pair.split("/")[0], pair.split("/")[1]) for pair in pairs.split())
        for sex, pairs in read.pop("twins").items()
    }
    alike = {name: tuple(other for other in group if other != name) for group in groups for name in group}
    return Names(
        tuple(_tradition(name, lists) for name, lists in read.items()),
        tuple(accumulate(float(lists["share"]) for lists in read.values())),
        nicknames,
        alike,
        twins,
    )


def _tradition(name: str, lists: Mapping[str, object]) -> Tradition:
    given: dict[tuple[str, str], Frequencies] = {}
    for sex, key in (("M", "male"), ("F", "female")):
        times = lists[key]
        assert isinstance(times, dict)  # noqa: S101  the file is ours
        for time, listed in times.items():
            given[sex, time] = Frequencies(listed.split())
    family = str(lists["family"]).split()
    return Tradition(name, str(lists["ethnicity"]), str(lists["language"]), Frequencies(family), given)
