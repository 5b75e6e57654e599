"""Turn the force's notices into POLE messages: one JSON line each, {"id", "body"}, on standard output."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from connectors.police.pole import ENTITY_OF_EVENT, ENTITY_OF_ROLE, GENDERS


def notice_message(notice: Mapping[str, Any]) -> dict[str, Any]:
    """Write one notice as a POLE message."""
    person = {
        "id": "P1",
        "entity": ENTITY_OF_ROLE[notice["role"]],
        "surname": notice["family_name"],
        "givenNames": [part for part in str(notice["given_name"] or "").split() if part],
        "gender": GENDERS.get(notice["sex"], "Not Known"),
    }
    if notice.get("birth_date"):
        person["dateOfBirth"] = notice["birth_date"]
    location = {
        "entity": "L_001",
        "country": "GBR",
        "address": notice.get("address"),
        "postcode": notice.get("postcode"),
    }
    event = {
        "entity": ENTITY_OF_EVENT[notice["kind"]],
        "reference": notice["reference"],
        "occurredAt": notice["occurred_at"],
        "category": notice.get("category"),
        "detail": notice.get("detail"),
        "childrenPresent": notice.get("children_present"),
        "handling": notice.get("handling"),
    }
    return {
        "pole": "1",
        "kind": "notice",
        "id": notice["id"],
        "at": notice["occurred_at"],
        "persons": [person],
        "locations": [{key: value for key, value in location.items() if value}],
        "events": [{key: value for key, value in event.items() if value is not None}],
    }


def main() -> None:
    """Read `--data`/police/notices.jsonl and write one message body a line."""
    parser = argparse.ArgumentParser(description="Write the force's notices as POLE messages.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the county's files")
    data: Path = parser.parse_args().data
    with (data / "police" / "notices.jsonl").open("rb") as lines:
        for line in lines:
            notice = orjson.loads(line)
            sys.stdout.buffer.write(orjson.dumps({"id": notice["id"], "body": notice_message(notice)}) + b"\n")


if __name__ == "__main__":
    main()
