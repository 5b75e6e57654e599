"""Write the revenues and benefits system: Civica's exports, in capitals, birth dates as text."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from wye.county import slips
from wye.county.clerk import Clerk, Particulars
from wye.county.errors import Defect
from wye.county.places import POST_TOWN, Place, place
from wye.county.residents import Household, Resident, Stay
from wye.county.seeds import day_between
from wye.county.systems.writing import Desk, iso

NAME = "civica_revenues"
COLUMNS = {
    f"{NAME}/ctaccount.csv": (
        "division_id", "account_ref", "account_cd", "lead_liab_name", "lead_liab_pos", "for_addr1", "for_addr2",
        "for_addr3", "for_addr4", "for_postcode", "paymeth_code", "person_status", "lead_liab_title",
        "lead_liab_forename", "lead_liab_middlename", "lead_liab_surname", "party_ref", "last_updated_int",
    ),
    f"{NAME}/ctoccupation.csv": (
        "account_ref", "property_ref", "occupation_date", "vacation_date", "transit_ind", "live_ind", "last_updated_int",
    ),
    f"{NAME}/ctproperty.csv": (
        "division_id", "property_ref", "parish_code", "addr1", "addr2", "addr3", "addr4", "postcode", "property_type",
        "uprn", "last_updated_int",
    ),
    f"{NAME}/hbclaim.csv": (
        "division_id", "claim_id", "check_digit", "last_upd", "name", "application_date", "cancel_date", "nino",
    ),
    f"{NAME}/hbhousehold.csv": (
        "claim_id", "house_id", "last_upd", "from_date", "to_date", "addr1", "addr2", "addr3", "addr4", "post_code",
        "uprn",
    ),
    f"{NAME}/hbmember.csv": (
        "claim_id", "house_id", "member_id", "person_ref", "name", "surname", "title", "forename", "type", "birth_date",
        "gender", "carer_ind", "disable_ind", "nino", "deceased_date", "party_ref",
    ),
    f"{NAME}/syphone.csv": ("applic_id", "ref_type", "ref", "phonetype1", "phonenum1", "findphone1"),
    f"{NAME}/syemail.csv": ("applic_id", "division_id", "reference_id", "person_type", "email_addr", "last_updated_int"),
}  # fmt: skip
OPEN = "2099-12-31"
_ACCOUNT_HOLDS = frozenset({"phone", "email", "address"})
_MEMBER_HOLDS = frozenset({"birth", "death", "sex", "nino"})
_GENDERS = {"M": 1, "F": 2, "U": 0}
_CLAIMANT, _PARTNER, _DEPENDANT, _NON_DEPENDANT = 1, 2, 3, 4
_HAS_ACCOUNT, _CLAIMS = 0.93, 0.17
_LETTERS = "ABCDEFGHJKLMNPQRTUVWXY"


class Civica:
    """Write what revenues and benefits hold of each household."""

    def __init__(self, desk: Desk) -> None:
        self.clerk = Clerk(NAME, desk.today, desk.rates)
        self._desk = desk
        self._account, self._claim, self._party = (desk.ids_from + first for first in (3_000_000, 500_000, 8_000_000))
        self._properties: dict[int, Place] = {}

    def write(self, household: Household) -> None:
        """Write a household's council tax account and benefit claim, if it has them."""
        rng = self._desk.chance(NAME, household.number)
        if household.kind == "marker":
            self._marker(rng, household)
            return
        adults = [resident for resident in household.residents if resident.is_adult(self._desk.today)]
        if household.kind == "care home":
            return
        if adults and rng.random() < _HAS_ACCOUNT:
            self._account_of(rng, household, adults[0])
        if adults and rng.random() < _CLAIMS:
            self._claim_of(rng, household, adults)

    def properties(self, first: int, end: int) -> None:
        """Write the property list, once, when it is known how far the county's places go: empty homes are listed too."""
        for number in range(first, end):
            self._property(place(number))
        for found in self._properties.values():
            self._property(found)

    def _marker(self, rng: Random, household: Household) -> None:
        for resident in household.residents:
            if NAME in resident.needs.known_to:
                self._properties[resident.home.number] = resident.home
                self._account_of(rng, household, resident)
                self._claim_of(rng, household, [resident])

    def _account_of(self, rng: Random, household: Household, lead: Resident) -> None:
        keyed = self.clerk.key(rng, lead, household.residents, _ACCOUNT_HOLDS)
        self._account += 1
        account, changed = self._account, self._changed(rng, None)
        forename = self._text(rng, lead, keyed) + ("\0" if lead.marker == "quarantined" else "")
        surname = _capitals(keyed.family)
        title = keyed.title.upper()
        self._desk.files.csv_row(
            f"{NAME}/ctaccount.csv",
            {
                "division_id": 1, "account_ref": account, "account_cd": _LETTERS[account % len(_LETTERS)],
                "lead_liab_name": f"{surname},{forename} {title}"[:32], "lead_liab_pos": 1, "paymeth_code": "DD01",
                "person_status": "L", "lead_liab_title": title[:8], "lead_liab_forename": forename,
                "lead_liab_middlename": _capitals(keyed.middle), "lead_liab_surname": surname,
                "party_ref": self._next_party(), "last_updated_int": changed,
            },
        )  # fmt: skip
        self._desk.truth.record((NAME, "accounts", str(account)), lead.person, keyed.defects)
        self._occupations(rng, lead, keyed, account)
        if keyed.phone:
            written = slips.phone_format(rng, keyed.phone)[:20]
            self._desk.files.csv_row(
                f"{NAME}/syphone.csv",
                {
                    "applic_id": "CT", "ref_type": 1, "ref": account, "phonetype1": 1 if keyed.phone == lead.landline else 2,
                    "phonenum1": written, "findphone1": keyed.phone,
                },
            )  # fmt: skip
        if keyed.email:
            self._desk.files.csv_row(
                f"{NAME}/syemail.csv",
                {
                    "applic_id": "CT", "division_id": 1, "reference_id": account, "person_type": 1,
                    "email_addr": keyed.email, "last_updated_int": changed,
                },
            )  # fmt: skip

    def _occupations(self, rng: Random, lead: Resident, keyed: Particulars, account: int) -> None:
        held: list[tuple[Stay, str]] = []
        for stay in lead.stays:
            if stay.place.number == keyed.place.number:
                held.append((stay, OPEN))
                break
            held.append((stay, stay.until.isoformat() if stay.until else OPEN))
        for stay, vacated in held:
            self._desk.files.csv_row(
                f"{NAME}/ctoccupation.csv",
                {
                    "account_ref": account, "property_ref": _property_ref(stay.place),
                    "occupation_date": iso(stay.since), "vacation_date": vacated, "transit_ind": 0,
                    "live_ind": int(vacated == OPEN), "last_updated_int": self._changed(rng, stay.since),
                },
            )  # fmt: skip

    def _claim_of(self, rng: Random, household: Household, adults: list[Resident]) -> None:
        self._claim += 1
        claim, claimant = self._claim, adults[0]
        since = max(claimant.stays[-1].since, self._desk.today - timedelta(5 * 365))
        applied = day_between(rng, since, self._desk.today - timedelta(20))
        cancelled = day_between(rng, applied, self._desk.today) if rng.random() < 0.2 else None
        changed = self._changed(rng, applied)
        self._desk.files.csv_row(
            f"{NAME}/hbclaim.csv",
            {
                "division_id": 1, "claim_id": claim, "check_digit": _LETTERS[claim % len(_LETTERS)], "last_upd": changed,
                "name": _capitals(f"{claimant.family} {claimant.given}"), "application_date": iso(applied),
                "cancel_date": iso(cancelled), "nino": claimant.nino,
            },
        )  # fmt: skip
        home = claimant.home
        self._desk.files.csv_row(
            f"{NAME}/hbhousehold.csv",
            {
                "claim_id": claim, "house_id": 1, "last_upd": changed, "from_date": iso(applied),
                "to_date": cancelled.strftime("%d/%m/%Y") if cancelled else "31/12/2099", **_lines(home),
                "post_code": home.postcode, "uprn": home.uprn.zfill(12),
            },
        )  # fmt: skip
        partners = {tie.other for tie in household.ties if tie.person == claimant.number and tie.category == "PARTNER"}
        members = (
            [claimant]
            if household.kind in {"marker", "sharers"}
            else [claimant, *(r for r in household.residents if r is not claimant)]
        )
        for member, resident in enumerate(members, start=1):
            self._member(
                rng, household, resident, claim, member, _member_type(resident, claimant, partners, self._desk.today)
            )

    def _member(
        self, rng: Random, household: Household, resident: Resident, claim: int, member: int, kind: int
    ) -> None:
        keyed = self.clerk.key(rng, resident, household.residents, _MEMBER_HOLDS)
        forename, surname = self._text(rng, resident, keyed), _capitals(keyed.family)
        born = (
            "99/99/1950"
            if resident.marker == "quarantined"
            else keyed.birth.strftime("%d/%m/%Y")
            if keyed.birth
            else ""
        )
        self._desk.files.csv_row(
            f"{NAME}/hbmember.csv",
            {
                "claim_id": claim, "house_id": 1, "member_id": member, "person_ref": self._next_party(),
                "name": f"{surname} {forename}"[:32], "surname": surname, "title": keyed.title.upper()[:4],
                "forename": forename, "type": kind, "birth_date": born, "gender": _GENDERS[keyed.sex],
                "carer_ind": int(rng.random() < 0.05), "disable_ind": int(resident.needs.adult_care),
                "nino": keyed.nino, "deceased_date": iso(keyed.death), "party_ref": self._party,
            },
        )  # fmt: skip
        self._desk.truth.record((NAME, "members", f"{claim}|1|{member}"), resident.person, keyed.defects)

    def _text(self, rng: Random, resident: Resident, keyed: Particulars) -> str:
        forename = _capitals(keyed.given)
        if resident.marker is None and self.clerk.happens(Defect.CONTROL_CHARACTER, rng, keyed):
            return f"{forename}{rng.choice(chr(0) + chr(1) + chr(26))}"
        return forename

    def _property(self, found: Place) -> None:
        self._desk.files.csv_row(
            f"{NAME}/ctproperty.csv",
            {
                "division_id": 1, "property_ref": _property_ref(found), "parish_code": found.locality[:4].upper(),
                **_lines(found), "postcode": found.postcode, "property_type": "DWELLING", "uprn": found.uprn.zfill(12),
                "last_updated_int": seconds(self._desk.today - timedelta(700)),
            },
        )  # fmt: skip

    def _changed(self, rng: Random, since: date | None) -> int:
        return seconds(datetime.fromisoformat(f"{self._desk.recently(rng, since)}+00:00"))

    def _next_party(self) -> int:
        self._party += 1
        return self._party


def _capitals(name: str) -> str:
    return name.upper()[:32]


def _property_ref(found: Place) -> str:
    return f"{found.number + 1:09d}"


def _lines(found: Place) -> dict[str, object]:
    return {
        "addr1": f"{found.house} {found.street}".upper()[:35],
        "addr2": found.locality.upper()[:35],
        "addr3": POST_TOWN,
        "addr4": "ARROWSHIRE",
    }


def seconds(moment: date | datetime) -> int:
    """Write a moment, or the start of a day in UTC, as Civica's integers do here: seconds since 1970."""
    if isinstance(moment, datetime):
        return int(moment.timestamp())
    return int(datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp())


def _member_type(resident: Resident, claimant: Resident, partners: set[int], today: date) -> int:
    if resident is claimant:
        return _CLAIMANT
    if resident.number in partners:
        return _PARTNER
    return _NON_DEPENDANT if resident.is_adult(today) else _DEPENDANT
