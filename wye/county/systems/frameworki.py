"""Write the social care system: Frameworki, in the layout of Mosaic's reporting database."""

from datetime import date, timedelta
from random import Random

from wye.county import identifiers, slips
from wye.county.clerk import Clerk, Particulars
from wye.county.errors import Defect
from wye.county.needs import PROVIDERS
from wye.county.residents import Household, Package, Resident
from wye.county.systems.agresso import Agresso, provider_reference
from wye.county.systems.writing import Desk, iso

NAME = "frameworki"
TABLES = (
    "DM_PERSONS", "DM_ADDRESSES", "DM_TELEPHONE_NUMBERS", "DM_PERSONAL_RELATIONSHIPS", "DM_PROF_RELATIONSHIPS",
    "DM_WORKERS", "DM_SERVICE_USER_GROUPS", "DM_CIN_REFERRALS", "DM_CACHED_FORM_ANSWERS", "DM_CARE_PACKAGES",
)  # fmt: skip
FILES = tuple(f"{NAME}/{table}.jsonl" for table in TABLES)
WORKERS = (
    "Ansel Brackley", "Bettrys Coslett", "Corin Dabnor", "Delwyn Eastlake", "Esme Farrant", "Farida Ghani",
    "Gethin Hopcyn", "Hester Ingleby", "Ioan Jellicoe", "Jagoda Krol", "Keziah Lampard", "Lorcan Maddern",
)  # fmt: skip
_HOLDS = frozenset({"birth", "death", "sex", "nhs", "phone", "email", "address"})
_NAME_LENGTH, _FULL_NAME_LENGTH = 30, 62
_QUESTIONS = (
    ("CONSENT_SHARE_HEALTH", "share_health"),
    ("OBJECT_SHARE_HEALTH", "object_health"),
    ("CONSENT_SHARE_POLICE", "share_police"),
)


class Frameworki:
    """Write what social care holds of each household."""

    def __init__(self, desk: Desk, agresso: Agresso) -> None:
        self.clerk = Clerk(NAME, desk.today, desk.rates)
        self._desk, self._agresso = desk, agresso
        self._issued: dict[str, int] = {}
        if desk.ids_from:
            return
        since = f"{(desk.today - timedelta(900)).isoformat()}T09:00:00"
        for worker, name in enumerate(WORKERS, start=1):
            self._write("DM_WORKERS", {"WORKER_ID": worker, "FULL_NAME": name, "LAST_UPDATED": since})

    def write(self, household: Household) -> None:
        """Write a household's members whom social care knows, with their ties and their care."""
        rng = self._desk.chance(NAME, household.number)
        numbers: dict[int, int] = {}
        for resident in household.residents:
            if NAME not in resident.needs.known_to:
                continue
            person = self._person(rng, resident, household)
            numbers[resident.number] = person
            self._care(rng, resident, person)
            if resident.marker is None:
                self._copies(rng, resident, household, person)
        for tie in household.ties:
            if tie.person in numbers and tie.other in numbers:
                self._relationship(rng, numbers[tie.person], numbers[tie.other], tie.category)

    def _copies(self, rng: Random, resident: Resident, household: Household, person: int) -> None:
        if self.clerk.tally.happens(Defect.DUPLICATE_RECORD, rng):
            marked = self.clerk.tally.happens(Defect.DUPLICATE_MARKED, rng)
            copied = [Defect.DUPLICATE_RECORD, Defect.DUPLICATE_MARKED] if marked else [Defect.DUPLICATE_RECORD]
            copy = self._person(rng, resident, household, copied)
            if marked:
                self._relationship(rng, copy, person, "DUPLICATE")
        if self.clerk.tally.happens(Defect.TEST_RECORD, rng):
            self._test_person(rng)

    def _person(
        self, rng: Random, resident: Resident, household: Household, defects: list[Defect] | None = None
    ) -> int:
        keyed = self.clerk.key(rng, resident, household.residents, _HOLDS)
        person = self._next("PERSON_ID", 100_001)
        future_marker = resident.marker == "quarantined"
        birth = date(2199, 1, 1) if future_marker else keyed.birth
        row = self._person_row(rng, resident, keyed, person, birth)
        if row["UPN_ID"] and resident.marker is None:
            chance = self.clerk.own_chance(resident)
            if self.clerk.happens(Defect.UPN_SLIP, chance, keyed):
                row["UPN_ID"] = str(row["UPN_ID"])[0] + slips.digit_slip(chance, str(row["UPN_ID"])[1:])
        self._write("DM_PERSONS", row)
        self._desk.truth.record((NAME, "persons", str(person)), resident.person, [*(defects or ()), *keyed.defects])
        self._addresses(rng, resident, keyed, person)
        if keyed.phone:
            self._write(
                "DM_TELEPHONE_NUMBERS",
                {
                    "TELEPHONE_NUMBER_ID": self._next("TELEPHONE_NUMBER_ID", 1),
                    "PERSON_ID": person,
                    "TELEPHONE_NUMBER": slips.phone_format(rng, keyed.phone),
                    "TELEPHONE_NUMBER_TYPE": "Mobile" if keyed.phone == resident.mobile else "Home",
                    "LAST_UPDATED": self._desk.recently(rng),
                },
            )
        return person

    def _person_row(
        self, rng: Random, resident: Resident, keyed: Particulars, person: int, birth: date | None
    ) -> dict[str, object]:
        adult = resident.is_adult(self._desk.today)
        first, last = keyed.given[:_NAME_LENGTH], keyed.family[:_NAME_LENGTH]
        if keyed.middle and len(first) + len(keyed.middle) < _NAME_LENGTH:
            first = f"{first} {keyed.middle}"
        return {
            "PERSON_ID": person,
            "NHS_ID": int(keyed.nhs) if keyed.nhs else None,
            "UPN_ID": None
            if adult or resident.age(self._desk.today) < 5
            else identifiers.upn(resident.number, resident.birth.year),  # school age
            "FULL_NAME": f"{first} {last}".strip()[:_FULL_NAME_LENGTH],
            "TITLE": keyed.title,
            "FIRST_NAME": first or None,
            "LAST_NAME": last or None,
            "DATE_OF_BIRTH": iso(birth),
            "DATE_OF_DEATH": iso(keyed.death),
            "GENDER": keyed.sex,
            "RESTRICTED": "Y" if resident.needs.restricted else "N",
            "PERSON_ID_LEGACY": str(900_000_000 + person),
            "FULL_ETHNICITY_CODE": resident.ethnicity if rng.random() < 0.85 else None,  # not asked
            "IS_CHILD_LEGACY": "N" if adult else "Y",
            "IS_ADULT_LEGACY": "Y" if adult else "N",
            "FIRST_LANGUAGE": resident.language,
            "EMAIL_ADDRESS": keyed.email,
            "CONTEXT_FLAG": "A" if adult else "C",
            "INTERPRETER_REQUIRED": "Y"
            if resident.language not in {"English", "Welsh"} and rng.random() < 0.2
            else "N",
            "LAST_UPDATED": self._desk.recently(rng, resident.needs.care_since),
        }

    def _addresses(self, rng: Random, resident: Resident, keyed: Particulars, person: int) -> None:
        held = [stay for stay in resident.stays if stay.place is keyed.place or stay.since < resident.stays[-1].since]
        if keyed.place is not resident.home:
            held = [stay for stay in held if stay.place is not resident.home]
        for stay in held:
            current = stay.place is keyed.place
            house, locality = stay.place.house, stay.place.locality
            self._write(
                "DM_ADDRESSES",
                {
                    "REF_ADDRESSES_PEOPLE_ID": self._next("REF_ADDRESSES_PEOPLE_ID", 1),
                    "REF_ADDRESS_ID": stay.place.number + 1,
                    "PERSON_ID": person,
                    "START_DATE": iso(stay.since),
                    "END_DATE": None if current else iso(stay.until),
                    "ADDRESS": keyed.address if current else f"{house} {stay.place.street}, {locality}",
                    "POST_CODE": (keyed.postcode if current else stay.place.postcode) or None,
                    "DISTRICT": locality,
                    "IS_IN_LA_AREA": "Y",
                    "ADDRESS_TYPE": "PLACEMENT" if "Care Home" in house else "HOME",
                    "IS_CONTACT_ADDRESS": "Y" if current else "N",
                    "IS_DISPLAY_ADDRESS": "Y" if current else "N",
                    "UNIQUE_ID": int(stay.place.uprn) if rng.random() < 0.9 else None,  # not matched
                    "LAST_UPDATED": self._desk.recently(rng, min(stay.since, self._desk.today - timedelta(9))),
                },
            )

    def _care(self, rng: Random, resident: Resident, person: int) -> None:
        found = resident.needs
        if found.care_since and (found.adult_care or found.child_care):
            group = "ADULT_SOCIAL_CARE" if found.adult_care else "CHILDRENS_SOCIAL_CARE"
            self._group(rng, person, group, found.care_since, found.care_until)
            self._write(
                "DM_PROF_RELATIONSHIPS",
                {
                    "PROF_RELATIONSHIP_ID": self._next("PROF_RELATIONSHIP_ID", 1),
                    "PERSON_ID": person,
                    "WORKER_ID": rng.randrange(len(WORKERS)) + 1,
                    "PROF_REL_TYPE_CODE": "ALLOCATED_SW" if rng.random() < 0.8 else "OT",
                    "START_DATE": iso(found.care_since),
                    "END_DATE": iso(found.care_until),
                    "END_DATE_REASON": "CASE_CLOSED" if found.care_until else None,
                    "LAST_UPDATED": self._desk.recently(rng, found.care_until or found.care_since),
                },
            )
        if found.safe_address:
            self._group(rng, person, "SAFE_ADDRESS", found.care_since or resident.birth, None)
        if found.identity_sealed:
            self._group(rng, person, "FORMER_IDENTITY_SEALED", found.care_since or resident.birth, None)
        self._referrals(rng, resident, person)
        self._answers(rng, resident, person)
        for package in found.packages:
            self._package(rng, package, person)

    def _group(self, rng: Random, person: int, group: str, since: date, until: date | None) -> None:
        self._write(
            "DM_SERVICE_USER_GROUPS",
            {
                "SERVICE_USER_GROUP_ID": self._next("SERVICE_USER_GROUP_ID", 1),
                "PERSON_ID": person,
                "FULL_GROUP_TYPE": group,
                "START_DATE": iso(since),
                "END_DATE": iso(until),
                "LAST_UPDATED": self._desk.recently(rng, until or since),
            },
        )

    def _referrals(self, rng: Random, resident: Resident, person: int) -> None:
        for referral in resident.needs.referrals:
            no_action = referral.closed is not None and rng.random() < 0.35
            self._write(
                "DM_CIN_REFERRALS",
                {
                    "REFERRAL_ID": self._next("REFERRAL_ID", 1),
                    "PERSON_ID": person,
                    "REFERRAL_DATE": iso(referral.on),
                    "SOURCE_OF_REFERRAL": referral.source,
                    "REFERRAL_TYPE": referral.kind,
                    "REASON": referral.reason,
                    "NFA_DATE": iso(referral.closed) if no_action else None,
                    "CLOSURE_DATE": iso(referral.closed),
                    "CLOSURE_REASON": "RC8" if no_action else "RC7" if referral.closed else None,
                    "LAST_UPDATED": self._desk.recently(rng, referral.closed or referral.on),
                },
            )

    def _answers(self, rng: Random, resident: Resident, person: int) -> None:
        for code, attribute in _QUESTIONS:
            answer = getattr(resident.needs, attribute)
            if answer is None:
                continue
            self._write(
                "DM_CACHED_FORM_ANSWERS",
                {
                    "ANSWER_ID": self._next("ANSWER_ID", 1),
                    "SUBJECT_PERSON_ID": person,
                    "WORKFLOW_STEP_ID": self._next("WORKFLOW_STEP_ID", 5_000),
                    "QUESTION_USER_CODE": code,
                    "TEXT_ANSWER": "Yes" if answer else "No",
                    "DATE_ANSWER": iso(resident.needs.care_since),
                    "LAST_UPDATED": self._desk.recently(rng, resident.needs.care_since),
                },
            )

    def _package(self, rng: Random, package: Package, person: int) -> None:
        number = self._next("PACKAGE_ID", 40_001)
        self._write(
            "DM_CARE_PACKAGES",
            {
                "PACKAGE_ID": number,
                "PERSON_ID": person,
                "SERVICE_TYPE": package.service,
                "PROVIDER_NAME": PROVIDERS[package.provider],
                "PROVIDER_REF": provider_reference(package.provider),
                "WEEKLY_COST": f"{package.weekly_pence // 100}.{package.weekly_pence % 100:02d}",
                "START_DATE": iso(package.since),
                "END_DATE": iso(package.until),
                "LAST_UPDATED": self._desk.recently(rng, package.until or package.since),
            },
        )
        self._agresso.pay(rng, number, package)

    def _relationship(self, rng: Random, person: int, other: int, category: str) -> None:
        self._write(
            "DM_PERSONAL_RELATIONSHIPS",
            {
                "PERSONAL_RELATIONSHIP_ID": self._next("PERSONAL_RELATIONSHIP_ID", 1),
                "PERSON_ID": person,
                "OTHER_PERSON_ID": other,
                "FAMILY_CATEGORY": category,
                "IS_MOTHER": "Y" if category == "MOTHER" else "N",
                "START_DATE": None,
                "END_DATE": None,
                "LAST_UPDATED": self._desk.recently(rng),
            },
        )

    def _test_person(self, rng: Random) -> None:
        person = self._next("PERSON_ID", 100_001)
        first, last = rng.choice(
            (("Test", "TEST"), ("ZZ", "DO NOT USE"), ("Training", "Record"), ("Joe", "Testperson"))
        )
        self._write(
            "DM_PERSONS",
            {
                "PERSON_ID": person, "NHS_ID": None, "UPN_ID": None, "FULL_NAME": f"{first} {last}", "TITLE": None,
                "FIRST_NAME": first, "LAST_NAME": last, "DATE_OF_BIRTH": "2000-01-01", "DATE_OF_DEATH": None,
                "GENDER": "U", "RESTRICTED": "N", "PERSON_ID_LEGACY": str(900_000_000 + person),
                "FULL_ETHNICITY_CODE": None, "IS_CHILD_LEGACY": "N", "IS_ADULT_LEGACY": "Y", "FIRST_LANGUAGE": None,
                "EMAIL_ADDRESS": None, "CONTEXT_FLAG": "A", "INTERPRETER_REQUIRED": "N",
                "LAST_UPDATED": self._desk.recently(rng),
            },
        )  # fmt: skip
        self._desk.truth.record((NAME, "persons", str(person)), f"TF{person}", [Defect.TEST_RECORD])

    def _next(self, column: str, first: int) -> int:
        self._issued[column] = self._issued.get(column, self._desk.ids_from + first - 1) + 1
        return self._issued[column]

    def _write(self, table: str, row: dict[str, object]) -> None:
        self._desk.files.json_line(f"{NAME}/{table}.jsonl", row)
