"""Give the county's rows as its connectors would read them, without their peers: for tests of quality."""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import orjson

from connectors.crm.edge import mended
from connectors.nhs_fhir.counterpart.__main__ import admission_bundle
from connectors.police.counterpart.__main__ import notice_message
from wye.ports import BadInput, Connector, SourceRow
from wye.quality.contract import Contract, load_contract

AT = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
SOURCES = ("frameworki", "crm", "civica_revenues", "nhs_fhir", "police")
MOSAIC = {
    "persons": ("DM_PERSONS", "PERSON_ID"),
    "addresses": ("DM_ADDRESSES", "REF_ADDRESSES_PEOPLE_ID"),
    "telephones": ("DM_TELEPHONE_NUMBERS", "TELEPHONE_NUMBER_ID"),
    "relationships": ("DM_PERSONAL_RELATIONSHIPS", "PERSONAL_RELATIONSHIP_ID"),
    "groups": ("DM_SERVICE_USER_GROUPS", "SERVICE_USER_GROUP_ID"),
    "referrals": ("DM_CIN_REFERRALS", "REFERRAL_ID"),
    "answers": ("DM_CACHED_FORM_ANSWERS", "ANSWER_ID"),
    "packages": ("DM_CARE_PACKAGES", "PACKAGE_ID"),
}
Stream = tuple[str, str]


@cache
def connector(source: str) -> Connector:
    (point,) = entry_points(group="wye.connectors", name=source)
    built: Connector = point.load()({})
    return built


@cache
def contract(source: str) -> Contract:
    return load_contract(connector(source).contract, source)


def county_rows(folder: Path) -> dict[Stream, list[SourceRow]]:
    """Rows of the streams that say who people are, how they are reached, where they live and what care they have."""
    found = {("frameworki", stream): list(_mosaic(folder, stream)) for stream in MOSAIC}
    found["crm", "contacts"] = list(_contacts(folder))
    found["civica_revenues", "members"] = list(_members(folder / "civica_revenues"))
    found["civica_revenues", "accounts"] = list(_accounts(folder / "civica_revenues"))
    found["nhs_fhir", "admissions"] = list(_admissions(folder))
    found["police", "notices"] = list(_notices(folder))
    return found


def _row(source: str, stream: str, key: str, values: Mapping[str, object], at: datetime) -> SourceRow:
    columns = contract(source).streams[stream].columns
    return SourceRow(key, {name: values.get(name) for name in columns}, at)


def _stamp(text: object) -> datetime:
    return datetime.fromisoformat(str(text).removesuffix("Z")).replace(tzinfo=UTC)


def _mosaic(folder: Path, stream: str) -> Iterator[SourceRow]:
    table, key = MOSAIC[stream]
    for line in (folder / "frameworki" / f"{table}.jsonl").read_bytes().splitlines():
        values = json.loads(line)
        yield _row("frameworki", stream, str(values[key]), values, _stamp(values["LAST_UPDATED"]))


def _contacts(folder: Path) -> Iterator[SourceRow]:
    for line in (folder / "crm" / "contacts.jsonl").read_bytes().splitlines():
        values = mended(json.loads(line))
        assert isinstance(values, dict)
        yield _row("crm", "contacts", str(values["contactid"]), values, _stamp(values["modifiedon"]))


def _csv(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            yield {name: value or None for name, value in row.items()}


def _prefixed(prefix: str, row: Mapping[str, object] | None) -> dict[str, object]:
    return {f"{prefix}{name}": value for name, value in (row or {}).items()}


def _members(folder: Path) -> Iterator[SourceRow]:
    claims = {row["claim_id"]: row for row in _csv(folder / "hbclaim.csv")}
    homes = {(row["claim_id"], row["house_id"]): row for row in _csv(folder / "hbhousehold.csv")}
    for row in _csv(folder / "hbmember.csv"):
        home = homes[row["claim_id"], row["house_id"]]
        values = row | _prefixed("claim_", claims[row["claim_id"]]) | _prefixed("household_", home)
        key = f"{row['claim_id']}|{row['house_id']}|{row['member_id']}"
        at = datetime.fromtimestamp(int(str(home["last_upd"])), UTC)
        yield _row("civica_revenues", "members", key, values, at)


def _accounts(folder: Path) -> Iterator[SourceRow]:
    phones = {row["ref"]: row for row in _csv(folder / "syphone.csv") if row["applic_id"] == "CT"}
    emails = {row["reference_id"]: row for row in _csv(folder / "syemail.csv") if row["applic_id"] == "CT"}
    for row in _csv(folder / "ctaccount.csv"):
        key = row["account_ref"]
        values = row | _prefixed("phone_", phones.get(key)) | _prefixed("email_", emails.get(key))
        at = datetime.fromtimestamp(int(str(row["last_updated_int"])), UTC)
        yield _row("civica_revenues", "accounts", str(key), values, at)


def _admissions(folder: Path) -> Iterator[SourceRow]:
    for line in (folder / "hospital" / "admissions.jsonl").read_bytes().splitlines():
        yield from _received("nhs_fhir", "admissions", admission_bundle(orjson.loads(line)))


def _notices(folder: Path) -> Iterator[SourceRow]:
    for line in (folder / "police" / "notices.jsonl").read_bytes().splitlines():
        yield from _received("police", "notices", notice_message(orjson.loads(line)))


def _received(source: str, stream: str, body: Mapping[str, object]) -> Iterator[SourceRow]:
    try:
        yield from connector(source).rows(stream, orjson.dumps(body), AT)  # type: ignore[attr-defined]
    except BadInput:  # the partner's referee refuses it: it waits unread, and counts against validity there
        return
