"""Write the customer system: contacts and cases in Dataverse's terms, with merged and unmerged duplicates."""

from datetime import date, timedelta
from random import Random

from wye.county import slips
from wye.county.clerk import Clerk
from wye.county.errors import Defect
from wye.county.places import POST_TOWN
from wye.county.residents import Household, Resident
from wye.county.seeds import day_between, guid, instant
from wye.county.systems.writing import Desk, iso

NAME = "crm"
CONTACTS, INCIDENTS = f"{NAME}/contacts.jsonl", f"{NAME}/incidents.jsonl"
FILES = (CONTACTS, INCIDENTS)
TOPICS = (
    "Missed bin collection", "Council tax query", "Blue badge application", "Pothole report", "Housing register",
    "School place", "Parking permit", "Adult care enquiry", "Library card", "Noise complaint",
)  # fmt: skip
NUL, LONE_SURROGATE = "\0", "\ud83d"
_HOLDS = frozenset({"birth", "sex", "phone", "email", "address"})
_GENDERS = {"M": 1, "F": 2, "U": None}
_ACTIVE, _INACTIVE = 0, 1


class Crm:
    """Write what customer services hold of each household."""

    def __init__(self, desk: Desk) -> None:
        self.clerk = Clerk(NAME, desk.today, desk.rates)
        self._desk = desk
        self._version = desk.ids_from + 2_000_000
        self._ticket = desk.ids_from + 1_000

    def write(self, household: Household) -> None:
        """Write the contacts of a household's members who have been in touch."""
        rng = self._desk.chance(NAME, household.number)
        for resident in household.residents:
            if NAME not in resident.needs.known_to:
                continue
            contact = guid(rng)
            self._contact(rng, resident, household, contact, None, [])
            self._incidents(rng, resident, contact)
            if resident.marker is None:
                self._copies(rng, resident, household, contact)
            elif resident.marker == "quarantined":
                self._contact(rng, resident, household, guid(rng), None, [], LONE_SURROGATE)

    def _copies(self, rng: Random, resident: Resident, household: Household, contact: str) -> None:
        tally = self.clerk.tally
        while tally.happens(Defect.DUPLICATE_RECORD, rng):
            merged = tally.happens(Defect.DUPLICATE_MARKED, rng)
            defects = [Defect.DUPLICATE_RECORD, Defect.DUPLICATE_MARKED] if merged else [Defect.DUPLICATE_RECORD]
            copy = guid(rng)
            self._contact(rng, resident, household, copy, contact if merged else None, defects)
            if not merged:
                self._incidents(rng, resident, copy)
        if tally.happens(Defect.TEST_RECORD, rng):
            self._test_contact(rng)

    def _contact(
        self,
        rng: Random,
        resident: Resident,
        household: Household,
        contact: str,
        master: str | None,
        defects: list[Defect],
        dirt: str = NUL,
    ) -> None:
        keyed = self.clerk.key(rng, resident, household.residents, _HOLDS)
        given = keyed.given
        if resident.marker == "quarantined":
            given = f"{given}{dirt}"
        elif resident.marker is None and self.clerk.happens(Defect.CONTROL_CHARACTER, rng, keyed):
            given = f"{given}{rng.choice(NUL + chr(7) + chr(27))}"
        elif resident.marker is None and self.clerk.happens(Defect.LONE_SURROGATE, rng, keyed):
            given = f"{given}{LONE_SURROGATE}"
        phone = slips.phone_format(rng, keyed.phone) if keyed.phone else None
        mobile = keyed.phone is not None and keyed.phone == resident.mobile
        created, modified = self._times(rng, resident)
        self._row(
            {
                "contactid": contact,
                "firstname": given or None,
                "middlename": keyed.middle or None,
                "lastname": keyed.family or None,
                "salutation": keyed.title,
                "birthdate": iso(keyed.birth),
                "gendercode": _GENDERS[keyed.sex],
                "emailaddress1": keyed.email,
                "mobilephone": phone if mobile else None,
                "telephone1": None if mobile else phone,
                "address1_line1": f"{keyed.place.house} {keyed.street}",
                "address1_line2": keyed.place.locality,
                "address1_line3": None,
                "address1_city": POST_TOWN.title(),
                "address1_postalcode": keyed.postcode or None,
                "merged": master is not None,
                "_masterid_value": master,
                "statecode": _ACTIVE if master is None else _INACTIVE,
                "createdon": created,
                "modifiedon": modified,
                "versionnumber": self._next_version(),
            }
        )
        self._desk.truth.record((NAME, "contacts", contact), resident.person, [*defects, *keyed.defects])

    def _times(self, rng: Random, resident: Resident) -> tuple[str, str]:
        earliest = max(self._desk.today - timedelta(6 * 365), resident.birth)
        created = day_between(rng, earliest, self._desk.today - timedelta(30))
        modified = day_between(rng, created, self._desk.today - timedelta(1))
        first, last = sorted((instant(rng, created), instant(rng, modified)))
        return f"{first}Z", f"{last}Z"

    def _incidents(self, rng: Random, resident: Resident, contact: str) -> None:
        for _ in range(int(rng.random() * rng.random() * 4)):
            first = self._desk.today - timedelta(2 * 365)
            opened: date = day_between(rng, first, self._desk.today - timedelta(1))
            closed = rng.random() < 0.8
            self._ticket += 1
            ended = day_between(rng, opened, self._desk.today - timedelta(1)) if closed else opened
            times = sorted((instant(rng, opened), instant(rng, ended)))
            self._desk.files.json_line(
                INCIDENTS,
                {
                    "incidentid": guid(rng),
                    "ticketnumber": f"CAS-{self._ticket:09d}-{resident.number % 9973:04d}",
                    "title": rng.choice(TOPICS),
                    "_customerid_value": contact,
                    "caseorigincode": rng.choice((1, 1, 1, 2, 3, 3)),
                    "statecode": int(closed),
                    "createdon": f"{times[0]}Z",
                    "modifiedon": f"{times[1]}Z",
                    "versionnumber": self._next_version(),
                },
            )

    def _test_contact(self, rng: Random) -> None:
        contact = guid(rng)
        stamp = self._desk.recently(rng)
        self._row(
            {
                "contactid": contact, "firstname": "Test", "middlename": None,
                "lastname": rng.choice(("Test", "TESTER", "Do not use", "Sample")), "salutation": None,
                "birthdate": "2000-01-01" if rng.random() < 0.5 else None, "gendercode": None,
                "emailaddress1": "test@example.com", "mobilephone": None, "telephone1": "01234567890",
                "address1_line1": "1 Test Street", "address1_line2": None, "address1_line3": None,
                "address1_city": None, "address1_postalcode": "AA1 1AA", "merged": False, "_masterid_value": None,
                "statecode": _ACTIVE, "createdon": f"{stamp}Z", "modifiedon": f"{stamp}Z",
                "versionnumber": self._next_version(),
            }
        )  # fmt: skip
        self._desk.truth.record((NAME, "contacts", contact), f"TC{contact}", [Defect.TEST_RECORD])

    def _row(self, row: dict[str, object]) -> None:
        self._desk.files.json_line(CONTACTS, row)

    def _next_version(self) -> int:
        self._version += 7
        return self._version
