"""Put residents into households: singles, couples, families, three generations, sharers and care homes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from unicodedata import combining, normalize

from wye.county import identifiers, lives
from wye.county.names import Names, Tradition, names
from wye.county.needs import known_as_relative, needs
from wye.county.places import Place, care_home, place
from wye.county.residents import Household, Resident, Stay, Tie
from wye.county.seeds import Frequencies, day_between, stream

KINDS = (
    ("single", 0.30), ("couple", 0.26), ("family", 0.26), ("lone parent", 0.08), ("elders", 0.055),
    ("three generations", 0.025), ("sharers", 0.014), ("care home", 0.006),
)  # fmt: skip
TWINS = 0.035
SON_NAMED_AFTER_FATHER = 0.06
DAUGHTER_NAMED_AFTER_MOTHER = 0.012
DOUBLE_BARRELLED = 0.025
CHILD_BEARS_OTHER_NAME = 0.12
COMMON_IDENTITY = 0.012
SHARERS_OF_A_COMMON_IDENTITY = 4
MEAN_HOUSEHOLD = 2.3


class Builder:
    """Build the households of one county, one by one, numbering residents as they come."""

    def __init__(self, seed: int, people: int, today: date, first_resident: int = 0, first_household: int = 0) -> None:
        self.seed, self.people, self.today = seed, people, today
        self._first_resident, self._first_household = first_resident, first_household
        self.places = max(10, first_household, round(people / MEAN_HOUSEHOLD))
        self._issued = 0
        self._names: Names = names()

    def households(self) -> Iterator[Household]:
        """Build households until the county has its people; the last is cut to size."""
        number = self._first_household
        while self._issued < self.people:
            yield self._household(number, self.people - self._issued)
            number += 1

    def _household(self, number: int, room: int) -> Household:
        rng = stream(self.seed, "household", number)
        kind = _choose_kind(rng)
        home = care_home(number) if kind == "care home" else place(number)
        tradition = self._names.tradition(rng)
        stays = lives.household_stays(rng, home, self.places, self.today)
        drafts, ties = self._members(rng, kind, tradition, number)
        drafts = drafts[:room]
        base = self._first_resident + self._issued
        self._issued += len(drafts)
        residents = [self._complete(rng, draft, base + i, kind, home, stays) for i, draft in enumerate(drafts)]
        kept = tuple(Tie(base + a, base + b, category) for a, b, category in ties if max(a, b) < len(drafts))
        return Household(number, kind, _with_relatives(rng, residents, kept), kept)

    def _members(
        self, rng: Random, kind: str, tradition: Tradition, number: int
    ) -> tuple[list[Resident], list[tuple[int, int, str]]]:
        if kind == "care home":
            return [self._stranger(rng, 74, 99, number) for _ in range(rng.randrange(12, 34))], []
        if kind == "sharers":
            return [self._stranger(rng, 18, 34, number) for _ in range(rng.randrange(3, 6))], []
        if kind == "single":
            return [self._alone(rng, tradition, number)], []
        if kind == "couple":
            return self._couple(rng, tradition, number, 24, 68)
        if kind == "elders":
            return self._couple(rng, tradition, number, 70, 92)
        return self._family(rng, kind, tradition, number)

    def _person(self, rng: Random, tradition: Tradition, sex: str, age: int, family: str, number: int) -> Resident:
        birth = self.today - timedelta(age * 365.25 + rng.randrange(1, 365))
        given = tradition.given_name(rng, sex, birth.year)
        middle = tradition.given_name(rng, sex, birth.year) if rng.random() < 0.68 else ""
        return Resident(
            number=-1,
            sex=sex,
            given=given,
            middle="" if middle == given else middle,
            family=tradition.family_as_borne(family, sex),
            former_family=None,
            title="Mr" if sex == "M" else "Miss" if age < 30 else "Ms",
            birth=birth,
            death=None,
            nhs="",
            nino="",
            mobile="",
            landline=identifiers.landline(self.seed, number),
            email="",
            ethnicity=tradition.ethnicity,
            language=tradition.language,
            stays=(),
        )

    def _stranger(self, rng: Random, youngest: int, oldest: int, number: int) -> Resident:
        tradition = self._names.tradition(rng)
        sex = "F" if rng.random() < 0.55 else "M"
        age = rng.randint(youngest, oldest)
        return self._person(rng, tradition, sex, age, _family_name(rng, tradition), number)

    def _alone(self, rng: Random, tradition: Tradition, number: int) -> Resident:
        sex = "F" if rng.random() < 0.52 else "M"
        age = rng.randint(19, 97)
        if rng.random() < COMMON_IDENTITY * 3:
            return self._common(rng, number)
        return self._person(rng, tradition, sex, age, _family_name(rng, tradition), number)

    def _common(self, rng: Random, number: int) -> Resident:
        """Share a common name and the birth date with a few strangers: registers hold many such pairs."""
        identities = max(1, round(self.people * COMMON_IDENTITY * 0.35 / SHARERS_OF_A_COMMON_IDENTITY))
        shared = stream(self.seed, "common identity", rng.randrange(identities))
        tradition = self._names.traditions[0]
        top = Frequencies(tradition.family.words[:40])
        sex = "F" if shared.random() < 0.5 else "M"
        return self._person(shared, tradition, sex, shared.randint(25, 88), top.choose(shared), number)

    def _couple(
        self, rng: Random, tradition: Tradition, number: int, youngest: int, oldest: int
    ) -> tuple[list[Resident], list[tuple[int, int, str]]]:
        age = rng.randint(youngest, oldest)
        sexes = ("M", "F") if rng.random() < 0.97 else ("F", "F") if rng.random() < 0.5 else ("M", "M")
        first = self._person(rng, tradition, sexes[0], age, _family_name(rng, tradition), number)
        other_age = max(19, age + rng.randint(-6, 4))
        second = self._person(rng, tradition, sexes[1], other_age, _family_name(rng, tradition), number)
        second, first = lives.married_names(rng, second, first)
        pair = [first, second] if rng.random() < 0.6 else [second, first]  # who is named first
        return pair, [(0, 1, "PARTNER"), (1, 0, "PARTNER")]

    def _family(
        self, rng: Random, kind: str, tradition: Tradition, number: int
    ) -> tuple[list[Resident], list[tuple[int, int, str]]]:
        if kind == "lone parent":
            sex = "F" if rng.random() < 0.86 else "M"
            members = [self._person(rng, tradition, sex, rng.randint(20, 52), _family_name(rng, tradition), number)]
            ties: list[tuple[int, int, str]] = []
        else:
            members, ties = self._couple(rng, tradition, number, 24, 56)
        parents = len(members)
        self._add_children(rng, tradition, members, number)
        for child in range(parents, len(members)):
            for parent in range(parents):
                ties.append((child, parent, "MOTHER" if members[parent].sex == "F" else "FATHER"))
                ties.append((parent, child, "CHILD"))
            ties.extend((child, other, "SIBLING") for other in range(parents, len(members)) if other != child)
        if kind == "three generations":
            elder = self._person(rng, tradition, "F" if rng.random() < 0.6 else "M", rng.randint(70, 92), "", number)
            members.append(replace(elder, family=tradition.family_as_borne(members[0].family, elder.sex)))
            ties += [(0, len(members) - 1, "PARENT"), (len(members) - 1, 0, "CHILD")]
        return members, ties

    def _add_children(self, rng: Random, tradition: Tradition, members: list[Resident], number: int) -> None:
        parents = tuple(members)
        youngest_parent = min((self.today - parent.birth).days // 365 for parent in parents)
        oldest_child = max(0, min(28, youngest_parent - 18))
        bearer = next((parent for parent in parents if parent.sex == "M"), parents[0])
        family = parents[0].family if rng.random() < CHILD_BEARS_OTHER_NAME else bearer.family
        for _ in range(1 + (rng.random() < 0.55) + (rng.random() < 0.2)):
            sex = "M" if rng.random() < 0.512 else "F"
            child = self._person(rng, tradition, sex, rng.randint(0, oldest_child), family, number)
            namesake = next((parent for parent in parents if parent.sex == sex), None)
            named_after = SON_NAMED_AFTER_FATHER if sex == "M" else DAUGHTER_NAMED_AFTER_MOTHER
            if namesake and rng.random() < named_after:
                child = replace(child, given=namesake.given)
            elif any(child.given == other.given for other in members):
                child = replace(
                    child, given=child.middle or tradition.given_name(rng, sex, child.birth.year), middle=""
                )
            members.append(child)
            if rng.random() < TWINS:
                members.append(self._twin(rng, tradition, members))

    def _twin(self, rng: Random, tradition: Tradition, members: list[Resident]) -> Resident:
        first = members[-1]
        sex = first.sex if rng.random() < 0.66 else "MF"[first.sex == "M"]
        if sex == first.sex and rng.random() < 0.7:  # most twins of one sex are named as a pair
            one, other = rng.choice(self._names.twins[sex])
            members[-1] = replace(first, given=one)
            return replace(first, given=other, middle=tradition.given_name(rng, sex, first.birth.year))
        given = next(
            name for name in iter(lambda: tradition.given_name(rng, sex, first.birth.year), None) if name != first.given
        )
        return replace(first, given=given, sex=sex, middle="", title="Mr" if sex == "M" else "Miss")

    def _complete(
        self, rng: Random, draft: Resident, number: int, kind: str, home: Place, stays: tuple[Stay, ...]
    ) -> Resident:
        own = self._own_stays(rng, home) if kind in {"care home", "sharers"} else lives.since_birth(stays, draft.birth)
        adult = draft.is_adult(self.today)
        numbered = replace(
            draft,
            number=number,
            nhs=identifiers.nhs_number(self.seed, number),
            nino=identifiers.nino(self.seed, number) if draft.age(self.today) >= 16 else "",
            mobile=identifiers.mobile(self.seed, number) if draft.age(self.today) >= 13 else "",
            email=_email(rng, draft, number) if adult and rng.random() < _online(draft.age(self.today)) else "",
            death=lives.death(rng, draft.birth, self.today),
            stays=own,
        )
        return replace(numbered, needs=needs(rng, numbered, kind, self.today))

    def _own_stays(self, rng: Random, home: Place) -> tuple[Stay, ...]:
        came = day_between(rng, self.today - timedelta(4 * 365), self.today - timedelta(21))
        before = day_between(rng, came - timedelta(30 * 365), came - timedelta(400))
        return (Stay(place(rng.randrange(self.places)), before, came), Stay(home, came))


def _choose_kind(rng: Random) -> str:
    chance = rng.random()
    for kind, share in KINDS:
        chance -= share
        if chance < 0:
            return kind
    return KINDS[0][0]


def _family_name(rng: Random, tradition: Tradition) -> str:
    family = tradition.family_name(rng)
    if tradition.name in {"british", "welsh"} and rng.random() < DOUBLE_BARRELLED:
        second = tradition.family_name(rng)
        return family if second == family else f"{family}-{second}"
    return family


def _online(age: int) -> float:
    return 0.9 if age < 60 else 0.6 if age < 75 else 0.25


def _email(rng: Random, draft: Resident, number: int) -> str:
    given, family = (
        "".join(
            letter
            for letter in normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
            if letter.isascii() and letter.isalpha() and not combining(letter)
        ).lower()
        for name in (draft.given, draft.family)
    )
    style = rng.random()
    stem = f"{given}.{family}" if style < 0.5 else f"{given[:1]}{family}" if style < 0.8 else f"{family}{given}"
    return f"{stem}{number % 1000}@{rng.choice(('example.com', 'example.org', 'mail.example'))}"


def _with_relatives(rng: Random, residents: list[Resident], ties: tuple[Tie, ...]) -> tuple[Resident, ...]:
    cared_for = {resident.number for resident in residents if resident.needs.adult_care or resident.needs.child_care}
    related = {tie.other for tie in ties if tie.person in cared_for and tie.category != "SIBLING"}
    return tuple(
        replace(resident, needs=known_as_relative(rng, resident.needs)) if resident.number in related else resident
        for resident in residents
    )
