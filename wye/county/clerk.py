"""Key a resident into a system as its clerks would: with that system's errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from wye.county import slips
from wye.county.errors import Defect, ErrorRate, Tally
from wye.county.names import Names, names
from wye.county.places import Place
from wye.county.residents import Resident
from wye.county.seeds import day_between, stream

PLACEHOLDERS = ("UNKNOWN", "Unknown", "NK", "Not Known", "XXX", "TBC")
EVERYTHING = frozenset({"birth", "death", "sex", "nhs", "nino", "phone", "email", "address"})
"""What a record may hold beside names; a system's record holds some of it, and can be wrong only about that."""
GIVES_LANDLINE = 0.22
_INFANT = 2
_LAST_MONTH = 12


@dataclass(slots=True)
class Particulars:
    """Hold a person's particulars as keyed, with the defects that they show. Most sensitive class: identifier."""

    given: str
    middle: str
    family: str
    title: str
    birth: date | None
    death: date | None
    sex: str
    nhs: str | None
    nino: str | None
    place: Place
    street: str
    postcode: str
    phone: str | None
    email: str | None
    defects: list[Defect] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Write the address on one line, without the postcode."""
        return f"{self.place.house} {self.street}, {self.place.locality}"


class Clerk:
    """Key residents into one system."""

    def __init__(self, system: str, today: date, rates: Mapping[Defect, ErrorRate] | None = None) -> None:
        self.tally = Tally(system, rates=rates)
        self.today = today
        self._keyed = 0
        self._names: Names = names()

    def key(
        self, rng: Random, resident: Resident, housemates: tuple[Resident, ...], holds: frozenset[str]
    ) -> Particulars:
        """Key one resident once into a record that holds names and `holds`; a marker person is keyed without a slip."""
        keyed = Particulars(
            given=resident.given,
            middle=resident.middle,
            family=resident.family,
            title=resident.title,
            birth=resident.birth if "birth" in holds else None,
            death=resident.death if "death" in holds else None,
            sex=resident.sex if "sex" in holds else "U",
            nhs=resident.nhs if "nhs" in holds else None,
            nino=(resident.nino or None) if "nino" in holds else None,
            place=resident.home,
            street=resident.home.street,
            postcode=resident.home.postcode,
            phone=(resident.mobile or resident.landline) if "phone" in holds else None,
            email=(resident.email or None) if "email" in holds else None,
        )
        if resident.marker is not None:
            return keyed
        self._names_keyed(rng, resident, keyed)
        if keyed.death:
            self._death_keyed(rng, resident, keyed)
        if keyed.birth:
            self._birth_keyed(rng, resident.birth, keyed)
        if "sex" in holds:
            self._sex_keyed(rng, resident, keyed)
        if keyed.nhs:
            self._nhs_keyed(rng, resident, housemates, keyed)
        self._reached(rng, resident, keyed)
        if "address" in holds:
            self._address_keyed(rng, resident, keyed)
        self._identifiers_slipped(self.own_chance(resident), keyed)
        return keyed

    def own_chance(self, resident: Resident) -> Random:
        """Give a source of chance for one keying alone, which moves no choice of the household's own."""
        self._keyed += 1
        return stream(0, self.tally.system, resident.nhs, self._keyed)

    def happens(self, defect: Defect, rng: Random, keyed: Particulars) -> bool:
        """Decide whether a record shows a defect, and note it on the record."""
        if self.tally.happens(defect, rng):
            keyed.defects.append(defect)
            return True
        return False

    def _names_keyed(self, rng: Random, resident: Resident, keyed: Particulars) -> None:
        self._family_keyed(rng, resident, keyed)
        nicknames = self._names.nicknames.get(keyed.given)
        if resident.age(self.today) < _INFANT and self.happens(Defect.BABY_PLACEHOLDER, rng, keyed):
            keyed.given, keyed.middle = "BABY", ""
        elif nicknames and self.happens(Defect.NICKNAME, rng, keyed):
            keyed.given = rng.choice(nicknames)
        elif keyed.middle and self.happens(Defect.KNOWN_BY_MIDDLE_NAME, rng, keyed):
            keyed.given, keyed.middle = keyed.middle, ""
        if keyed.middle and self.happens(Defect.MIDDLE_NAME_LEFT_OUT, rng, keyed):
            keyed.middle = ""
        self._misspelt(rng, keyed)
        if self.happens(Defect.INITIAL_ONLY, rng, keyed):
            keyed.given = keyed.given[:1]
        if self.happens(Defect.SWAPPED_NAMES, rng, keyed):
            keyed.given, keyed.family = keyed.family, keyed.given
        if self.happens(Defect.MISSING_SURNAME, rng, keyed):
            keyed.family = ""
        elif self.happens(Defect.PLACEHOLDER_SURNAME, rng, keyed):
            keyed.family = rng.choice(PLACEHOLDERS)

    def _family_keyed(self, rng: Random, resident: Resident, keyed: Particulars) -> None:
        if resident.former_family and self.happens(Defect.FORMER_SURNAME, rng, keyed):
            keyed.family = resident.former_family
        if "-" in keyed.family and self.happens(Defect.HYPHEN_DROPPED, rng, keyed):
            first, _, second = keyed.family.partition("-")
            keyed.family = rng.choice((f"{first} {second}", second, first, f"{first}{second}"))

    def _misspelt(self, rng: Random, keyed: Particulars) -> None:
        alike = self._names.soundalikes
        heard = [part for part in ("given", "family") if getattr(keyed, part) in alike]
        if heard and self.happens(Defect.PHONETIC_SPELLING, rng, keyed):
            part = rng.choice(heard)
            setattr(keyed, part, rng.choice(alike[getattr(keyed, part)]))
        if not (keyed.given + keyed.family).isascii() and self.happens(Defect.DIACRITICS_DROPPED, rng, keyed):
            keyed.given, keyed.family = slips.without_diacritics(keyed.given), slips.without_diacritics(keyed.family)
            keyed.middle = slips.without_diacritics(keyed.middle)
        for defect, slip in ((Defect.KEYBOARD_TYPO, slips.keyboard_typo), (Defect.OCR_ERROR, slips.ocr_error)):
            if self.happens(defect, rng, keyed):
                part = "given" if rng.random() < 0.45 else "family"
                setattr(keyed, part, slip(rng, getattr(keyed, part)))

    def _death_keyed(self, rng: Random, resident: Resident, keyed: Particulars) -> None:
        if self.happens(Defect.DEATH_BEFORE_BIRTH, rng, keyed):
            keyed.death = resident.birth - timedelta(rng.randrange(1, 4000))

    def _birth_keyed(self, rng: Random, birth: date, keyed: Particulars) -> None:
        transposed = date(birth.year, birth.day, birth.month) if birth.day <= _LAST_MONTH else birth
        could_transpose = transposed != birth and transposed <= self.today
        centuries = birth.year + 100
        if self.happens(Defect.MISSING_BIRTH_DATE, rng, keyed):
            keyed.birth = None
        elif could_transpose and self.happens(Defect.TRANSPOSED_DAY_MONTH, rng, keyed):
            keyed.birth = transposed
        elif self.happens(Defect.BIRTH_DATE_SLIP, rng, keyed):
            keyed.birth = _slipped(rng, birth, self.today)
        elif self.happens(Defect.DEFAULT_BIRTH_DATE, rng, keyed):
            keyed.birth = date(min(birth.year + rng.randrange(-1, 2), self.today.year), 1, 1)
        elif centuries > self.today.year and self.happens(Defect.FUTURE_BIRTH_DATE, rng, keyed):
            keyed.birth = date(centuries, birth.month, min(birth.day, 28))

    def _sex_keyed(self, rng: Random, resident: Resident, keyed: Particulars) -> None:
        if self.happens(Defect.SEX_UNKNOWN, rng, keyed):
            keyed.sex = "U"
        elif self.happens(Defect.SEX_WRONG, rng, keyed):
            keyed.sex = "F" if resident.sex == "M" else "M"

    def _nhs_keyed(self, rng: Random, resident: Resident, housemates: tuple[Resident, ...], keyed: Particulars) -> None:
        others = [mate for mate in housemates if mate.number != resident.number]
        if self.happens(Defect.MISSING_NHS_NUMBER, rng, keyed):
            keyed.nhs = None
        elif self.happens(Defect.BAD_NHS_CHECK_DIGIT, rng, keyed):
            keyed.nhs = "999" + slips.digit_slip(rng, resident.nhs[3:])
        elif others and self.happens(Defect.RELATIVES_NHS_NUMBER, rng, keyed):
            keyed.nhs = rng.choice(others).nhs

    def _reached(self, rng: Random, resident: Resident, keyed: Particulars) -> None:
        if keyed.nino and self.happens(Defect.MISSING_NINO, rng, keyed):
            keyed.nino = None
        if keyed.phone and rng.random() < GIVES_LANDLINE:
            keyed.phone = resident.landline
        if keyed.phone and self.happens(Defect.MISSING_PHONE, rng, keyed):
            keyed.phone = None
        if keyed.email and self.happens(Defect.MISSING_EMAIL, rng, keyed):
            keyed.email = None

    def _identifiers_slipped(self, rng: Random, keyed: Particulars) -> None:
        if keyed.phone and self.happens(Defect.PHONE_SLIP, rng, keyed):
            keyed.phone = slips.phone_slip(rng, keyed.phone)
        if keyed.email and self.happens(Defect.EMAIL_SLIP, rng, keyed):
            keyed.email = slips.email_slip(rng, keyed.email)
        if keyed.nino and self.happens(Defect.NINO_SLIP, rng, keyed):
            keyed.nino = rng.choice("DFIQUV") + keyed.nino[1:]

    def _address_keyed(self, rng: Random, resident: Resident, keyed: Particulars) -> None:
        if len(resident.stays) > 1 and self.happens(Defect.OLD_ADDRESS, rng, keyed):
            keyed.place = rng.choice(resident.stays[:-1]).place
            keyed.street, keyed.postcode = keyed.place.street, keyed.place.postcode
        if self.happens(Defect.STREET_ABBREVIATED, rng, keyed):
            keyed.street = slips.street_abbreviated(keyed.street)
        if self.happens(Defect.MISSING_POSTCODE, rng, keyed):
            keyed.postcode = ""
        elif self.happens(Defect.POSTCODE_SLIP, rng, keyed):
            keyed.postcode = slips.postcode_slip(rng, keyed.postcode)


def _slipped(rng: Random, birth: date, today: date) -> date:
    kind = rng.randrange(3)
    if kind == 0:
        slipped = date(birth.year, birth.month, rng.choice([day for day in range(1, 29) if day != birth.day]))
    elif kind == 1:
        month = rng.choice([month for month in range(1, 13) if month != birth.month])
        slipped = date(birth.year, month, min(birth.day, 28))
    else:
        slipped = date(birth.year + rng.choice((-10, -2, -1, 1, 2, 10)), birth.month, min(birth.day, 28))
    return slipped if slipped <= today else day_between(rng, birth - timedelta(40), birth - timedelta(1))
