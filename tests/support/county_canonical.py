"""Map the county's files straight to canonical rows, for tests of linking that do without connectors."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson
from canonical_people import CanonicalRow

from wye.ports import record_id

OPEN = "2099-12-31"


def rows(folder: Path) -> Iterator[CanonicalRow]:
    """Person, address, contact point and duplicate rows of every system of a county."""
    yield from _frameworki(folder / "frameworki")
    yield from _crm(folder / "crm")
    yield from _civica(folder / "civica_revenues")
    yield from _partners(folder)


def _lines(path: Path) -> Iterator[dict[str, object]]:
    with path.open("rb") as opened:
        for line in opened:
            yield {name: _text(value) for name, value in orjson.loads(_plain(line)).items()}


def _plain(line: bytes) -> bytes:
    return re.sub(rb"\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2}", b"", line)


def _text(value: object) -> object:
    return str(value).replace("\0", "") if isinstance(value, str | int) and not isinstance(value, bool) else value


def _csv(path: Path) -> Iterator[dict[str, str | None]]:
    with path.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            yield {name: value.replace("\0", "") or None for name, value in row.items()}


class _Source:
    def __init__(self, name: str) -> None:
        self.name = name
        self._parts: dict[tuple[str, str, str], int] = defaultdict(int)

    def row(self, entity: str, stream: str, key: str, /, **body: object) -> CanonicalRow:
        record = record_id(self.name, stream, key)
        self._parts[entity, stream, key] += 1
        return CanonicalRow(record, entity, record, self.name, stream, body, part=self._parts[entity, stream, key])

    def about(self, stream: str, key: str, **facts: object) -> Iterator[CanonicalRow]:
        """An address, phones and an e-mail address beside a person."""
        if facts.get("lines") or facts.get("postcode"):
            yield self.row(
                "address", stream, key, kind="home", lines=facts.get("lines"), postcode=facts.get("postcode")
            )
        for kind, name in (("phone", "phone"), ("mobile", "mobile"), ("email", "email")):
            if facts.get(name):
                yield self.row("contact_point", stream, key, kind=kind, value=facts[name])


def _frameworki(folder: Path) -> Iterator[CanonicalRow]:
    source = _Source("frameworki")
    for row in _lines(folder / "DM_PERSONS.jsonl"):
        key = str(row["PERSON_ID"])
        given, _, middle = str(row["FIRST_NAME"] or "").partition(" ")
        yield source.row(
            "person", "persons", key, given_name=given or None, middle_names=middle or None, family_name=row["LAST_NAME"],
            birth_date=row["DATE_OF_BIRTH"], sex=row["GENDER"], nhs_number=row["NHS_ID"],
        )  # fmt: skip
        yield from source.about("persons", key, email=row["EMAIL_ADDRESS"])
    for row in _lines(folder / "DM_ADDRESSES.jsonl"):
        yield from source.about("persons", str(row["PERSON_ID"]), lines=row["ADDRESS"], postcode=row["POST_CODE"])
    for row in _lines(folder / "DM_TELEPHONE_NUMBERS.jsonl"):
        yield from source.about("persons", str(row["PERSON_ID"]), phone=row["TELEPHONE_NUMBER"])
    for row in _lines(folder / "DM_PERSONAL_RELATIONSHIPS.jsonl"):
        if row["FAMILY_CATEGORY"] == "DUPLICATE":
            other = record_id("frameworki", "persons", str(row["OTHER_PERSON_ID"]))
            yield source.row("relationship", "persons", str(row["PERSON_ID"]), kind="duplicate", other=str(other))


def _crm(folder: Path) -> Iterator[CanonicalRow]:
    source = _Source("crm")
    for row in _lines(folder / "contacts.jsonl"):
        key = str(row["contactid"])
        yield source.row(
            "person", "contacts", key, given_name=row["firstname"], middle_names=row["middlename"],
            family_name=row["lastname"], birth_date=row["birthdate"], sex={"1": "M", "2": "F"}.get(str(row["gendercode"])),
        )  # fmt: skip
        lines = ", ".join(str(row[f"address1_line{n}"]) for n in (1, 2, 3) if row[f"address1_line{n}"])
        yield from source.about(
            "contacts", key, lines=lines, postcode=row["address1_postalcode"], phone=row["telephone1"],
            mobile=row["mobilephone"], email=row["emailaddress1"],
        )  # fmt: skip
        if row["_masterid_value"]:
            master = record_id("crm", "contacts", str(row["_masterid_value"]))
            yield source.row("relationship", "contacts", key, kind="duplicate", other=str(master))


def _civica(folder: Path) -> Iterator[CanonicalRow]:
    source = _Source("civica_revenues")
    properties = {row["property_ref"]: row for row in _csv(folder / "ctproperty.csv")}
    for row in _csv(folder / "ctaccount.csv"):
        yield source.row(
            "person", "accounts", str(row["account_ref"]), given_name=row["lead_liab_forename"],
            middle_names=row["lead_liab_middlename"], family_name=row["lead_liab_surname"],
        )  # fmt: skip
        lines = ", ".join(str(row[f"for_addr{n}"]) for n in (1, 2, 3, 4) if row[f"for_addr{n}"])
        yield from source.about("accounts", str(row["account_ref"]), lines=lines, postcode=row["for_postcode"])
    for row in _csv(folder / "ctoccupation.csv"):
        home = properties[row["property_ref"]]
        yield from source.about("accounts", str(row["account_ref"]), lines=home["addr1"], postcode=home["postcode"])
    homes = {(row["claim_id"], row["house_id"]): row for row in _csv(folder / "hbhousehold.csv")}
    for row in _csv(folder / "hbmember.csv"):
        key = f"{row['claim_id']}|{row['house_id']}|{row['member_id']}"
        yield source.row(
            "person", "members", key, given_name=row["forename"], family_name=row["surname"],
            birth_date=_day(row["birth_date"]), sex={"1": "M", "2": "F"}.get(str(row["gender"])),
        )  # fmt: skip
        if home := homes.get((row["claim_id"], row["house_id"])):
            yield from source.about("members", key, lines=home["addr1"], postcode=home["post_code"])
    for row in _csv(folder / "syphone.csv"):
        if row["applic_id"] == "CT":
            yield from source.about("accounts", str(row["ref"]), phone=row["phonenum1"])
    for row in _csv(folder / "syemail.csv"):
        if row["applic_id"] == "CT":
            yield from source.about("accounts", str(row["reference_id"]), email=row["email_addr"])


def _day(written: str | None) -> str | None:
    try:
        day, month, year = (written or "").split("/")
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _partners(folder: Path) -> Iterator[CanonicalRow]:
    for name, stream, path in (
        ("nhs_fhir", "admissions", folder / "hospital" / "admissions.jsonl"),
        ("police", "notices", folder / "police" / "notices.jsonl"),
    ):
        source = _Source(name)
        for row in _lines(path):
            key = str(row["id"])
            given, _, middle = str(row["given_name"] or "").partition(" ")
            yield source.row(
                "person", stream, key, given_name=given or None, middle_names=middle or None,
                family_name=row["family_name"], birth_date=row["birth_date"], sex=row["sex"],
                nhs_number=row.get("nhs_number"),
            )  # fmt: skip
            yield from source.about(stream, key, lines=row.get("address"), postcode=row["postcode"])
