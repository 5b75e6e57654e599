"""Invent the marker people: strings that no list of names holds, to be looked for where they must not be."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from wye.county import identifiers
from wye.county.places import Place
from wye.county.residents import Household, Needs, Package, Referral, Resident, Stay

_UPRN = 98_765_000_000
_FIRST_PLACE = 900_000_000


@dataclass(frozen=True, slots=True)
class Marker:
    """Hold what makes one marker person, and what they are there to show."""

    story: str
    given: str
    family: str
    street: str
    systems: tuple[str, ...]


MARKERS = (
    Marker("releasable", "Ottoquill", "Zzyvaquist", "Zzyvapightle Row", ("frameworki", "crm", "civica_revenues", "agresso", "nhs_fhir", "police")),
    Marker("restricted", "Brunxhilda", "Qwuxtable", "Qwuxmere Hard", ("frameworki", "crm", "civica_revenues", "agresso", "nhs_fhir", "police")),
    Marker("quarantined", "Fyodrelle", "Xylobrandt", "Xylofold Drang", ("frameworki", "crm", "civica_revenues", "agresso")),
    Marker("safeguarding", "Vexaline", "Yttrimoor", "Yttriwell Steps", ("frameworki", "crm", "police")),
    Marker("objecting", "Jarquetta", "Kvothrane", "Kvothmarsh Ginnel", ("frameworki", "civica_revenues", "nhs_fhir", "police")),
    Marker("not in care", "Plimsolph", "Wrexquith", "Wrexqual Twitten", ("crm", "civica_revenues", "nhs_fhir", "police")),
)  # fmt: skip


def households(seed: int, first_household: int, first_person: int, today: date) -> Iterator[Household]:
    """Put each marker person into a household of one, after all others."""
    for place, marker in enumerate(MARKERS):
        resident = _resident(seed, first_person + place, place, marker, today)
        yield Household(first_household + place, "marker", (resident,), ())


def values(residents: list[Resident]) -> dict[str, object]:
    """Tell what to look for: per marker person, and all strings in one list. Search without regard to case."""
    people = [
        {
            "person": resident.person,
            "story": resident.marker,
            "systems": list(marker.systems),
            "family_name": resident.family,
            "given_name": resident.given,
            "nhs_number": resident.nhs,
            "nino": resident.nino,
            "mobile": resident.mobile,
            "mobile_subscriber": resident.mobile[1:],
            "email": resident.email,
            "street": resident.home.street,
            "postcode": resident.home.postcode,
            "uprn": resident.home.uprn,
        }
        for resident, marker in zip(residents, MARKERS, strict=True)
    ]
    wanted = ("family_name", "given_name", "nhs_number", "nino", "mobile_subscriber", "street", "postcode", "uprn")
    return {"people": people, "values": [person[key] for person in people for key in wanted]}


def _resident(seed: int, number: int, place: int, marker: Marker, today: date) -> Resident:
    home = Place(
        _FIRST_PLACE + place,
        str(77 + place),
        marker.street,
        "Arrowminster",
        f"AR99 {place + 1}ZZ",
        str(_UPRN + place * 13),
    )
    care = marker.story != "not in care"
    since = today - timedelta(400)
    s42 = Referral("S42", today - timedelta(60), "6", "FINANCIAL", None)
    return Resident(
        number=number,
        sex="F" if place % 2 else "M",
        given=marker.given,
        middle="",
        family=marker.family,
        former_family=None,
        title="Ms" if place % 2 else "Mr",
        birth=date(1941 + place, 3 + place, 17),
        death=None,
        nhs=identifiers.nhs_number(seed, identifiers.CAPACITY - 1 - place),
        nino=identifiers.nino(seed, number),
        mobile=f"0770099{7000 + place * 111}",
        landline=f"01632999{100 + place}",
        email=f"{marker.given}.{marker.family}@{marker.family}.example".lower(),
        ethnicity="WBRI",
        language="English",
        stays=(Stay(home, today - timedelta(3000)),),
        needs=Needs(
            known_to=frozenset(marker.systems),
            adult_care=care,
            care_since=since if care else None,
            restricted=marker.story == "restricted",
            share_health=marker.story != "objecting" if care else None,
            object_health=True if marker.story == "objecting" else None,
            share_police=care,
            referrals=(Referral("CARE", since, "1C", "CARE_NEEDS", None), s42) if care else (),
            packages=(Package("HOME_CARE", place, 31_400 + place * 100, since, None),)
            if "agresso" in marker.systems
            else (),
            admissions=int("nhs_fhir" in marker.systems),
            notices=int("police" in marker.systems),
        ),
        marker=marker.story,
    )
