"""Invent people whom the care system and the contact centre know, straight in the canonical and identity tables.

Each has what an adult with a care package has in the example county: two systems' word on name and address, ways to
be reached, a worker, services, for some a carer and an answer about sharing. All of it is made up from a number.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from wye.ports import record_id
from wye.store.database import Connection
from wye.store.ids import uuid7

OBSERVED = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
FAMILY = ("Ashdown", "Bellweather", "Corvedale", "Duxbury", "Easthope", "Farlow", "Garnstone", "Hopesay")
GIVEN = ("Ada", "Bertram", "Cicely", "Dilys", "Edwin", "Frances", "Gwilym", "Hester", "Idris", "Joan")
STREETS = ("Corve Street", "Mill Lane", "Church Stretton Road", "Wenlock Rise", "Clun Close")
TOWNS = ("Ludford", "Knighton Vale", "Bishops Clun")
SERVICES = ("home-care", "day-care", "reablement", "direct-payment")

Body = dict[str, object]
Row = tuple[UUID, str, int, UUID, str, str, datetime, str]
"""record, entity, part, subject, source, stream, observed_at, body."""


def add_people(conn: Connection, first: int, count: int) -> list[UUID]:
    """Put people number `first` and on into the tables, as intake and identity leave them; gives them in order."""
    at = OBSERVED + timedelta(days=1)
    persons = sorted(uuid7() for _ in range(count))
    made = [rows_of(first + place) for place in range(count)]
    with conn.transaction(), conn.cursor() as cursor:
        with cursor.copy("COPY identity.person (person, created_at) FROM STDIN") as copy:
            for person in persons:
                copy.write_row((person, at))
        with cursor.copy("COPY identity.person_link (record, person, kind, reason, recorded_at) FROM STDIN") as copy:
            for person, rows in zip(persons, made, strict=True):
                for record in {row[3] for row in rows}:
                    copy.write_row((record, person, "auto", "made for a benchmark", at))
        with cursor.copy(
            "COPY canonical.row (record, entity, part, subject, source, stream, observed_at, body, recorded_at,"
            " controller) FROM STDIN"
        ) as copy:
            for rows in made:
                for row in rows:
                    copy.write_row((*row, at, "arrowshire-council"))
    return persons


def rows_of(number: int) -> Sequence[Row]:
    """Invent one person's canonical rows, 9 to 12 of them."""
    care, desk = str(100_000 + number), f"contact-{number}"
    return [*_rows("frameworki", "persons", care, _in_care(number)), *_rows("crm", "contacts", desk, _at_desk(number))]


def nhs_number(number: int) -> str:
    """Make a number with a right check digit, from the range 999 that is kept for tests."""
    while True:
        digits = f"999{number % 1_000_000:06d}"
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
        if check != 10:  # noqa: PLR2004  no number has check digit 10
            return digits + str(check % 11)
        number += 500_009


def _rows(source: str, stream: str, key: str, bodies: Iterable[tuple[str, str, Body]]) -> Iterator[Row]:
    subject = record_id(source, stream, key)
    for place, (entity, within, body) in enumerate(bodies):
        record = subject if within == stream else record_id(source, within, f"{key}-{place}")
        written = orjson.dumps(body).decode()
        yield record, entity, 0, subject, source, within, OBSERVED + timedelta(minutes=place), written


def _names(number: int) -> Body:
    return {
        "family_name": FAMILY[number % len(FAMILY)],
        "given_name": GIVEN[number // len(FAMILY) % len(GIVEN)],
        "birth_date": f"{1930 + number % 60}-{1 + number % 12:02d}-{1 + number % 28:02d}",
        "sex": "FM"[number % 2],
    }


def _home(number: int) -> Body:
    return {
        "kind": "home",
        "lines": f"{1 + number % 240} {STREETS[number % len(STREETS)]}",
        "town": TOWNS[number % len(TOWNS)],
        "postcode": f"ZZ{number % 90 + 1} {number % 9 + 1}QQ",
        "from_date": f"{2000 + number % 25}-03-01",
    }


def _in_care(number: int) -> Iterator[tuple[str, str, Body]]:
    yield (
        "person",
        "persons",
        _names(number)
        | {"nhs_number": nhs_number(number), "case_number": str(100_000 + number)}
        | {"first_language": "English", "interpreter_needed": False},
    )
    yield "address", "addresses", _home(number)
    yield "contact_point", "telephones", {"kind": "phone", "value": f"+4416320{number % 100_000:05d}"}
    yield (
        "involvement",
        "involvements",
        {
            "service": "adult-social-care",
            "role": "allocated social worker",
            "worker": f"Worker {number % 180}",
            "team": f"Locality team {number % 9}",
            "from_date": f"{2018 + number % 8}-0{1 + number % 9}-11",
        },
    )
    for place in range(1 + number % 3):
        yield (
            "care_package",
            "packages",
            {
                "service": SERVICES[(number + place) % len(SERVICES)],
                "provider": f"Provider {number % 60}",
                "provider_reference": f"S{number % 60:05d}",
                "reference": f"P{number}-{place}",
                "weekly_cost_pence": 12_500 + number % 9000,
                "from_date": f"{2021 + number % 5}-04-0{1 + place}",
            },
        )
    if number % 3 == 0:
        other = str(record_id("frameworki", "persons", str(900_000 + number)))
        yield "relationship", "relationships", {"other": other, "kind": "carer", "from_date": "2019-06-01"}
    if number % 2 == 0:
        answer = {"kind": "confidentiality", "scope": "share-with-health", "given": True, "recorded_on": "2025-02-03"}
        yield "consent", "answers", answer


def _at_desk(number: int) -> Iterator[tuple[str, str, Body]]:
    yield "person", "contacts", _names(number) | {"title": "Mx"}
    yield "address", "contacts", _home(number)
    mobile = f"+447700{900_000 + number % 1000:06d}"
    yield "contact_point", "contacts", {"kind": "mobile", "value": mobile}
