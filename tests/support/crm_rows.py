"""Build rows of an invented customer system, and reach one that is served over real HTTP."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from connectors.crm import Crm
from connectors.crm.counterpart import Limits
from connectors.crm.webapi import Patience

Row = dict[str, object]
TOKEN = "token-of-the-tests"  # noqa: S105  invented


def guid(number: int) -> str:
    return str(UUID(int=number * 2**64))


def contact(number: int, **changed: object) -> Row:
    row: Row = {
        "contactid": guid(number),
        "firstname": "Ash",
        "lastname": "Hollowell",
        "birthdate": "1980-05-01",
        "gendercode": 2,
        "merged": False,
        "_masterid_value": None,
        "statecode": 0,
        "createdon": "2025-01-01T09:00:00Z",
        "modifiedon": f"2026-03-01T09:{number:02d}:00Z",
        "versionnumber": 1000 + number,
    }
    return row | changed


def incident(number: int, **changed: object) -> Row:
    row: Row = {
        "incidentid": guid(number),
        "ticketnumber": f"CAS-{number}",
        "title": "Missed bin collection",
        "_customerid_value": guid(1),
        "caseorigincode": 1,
        "statecode": 1,
        "createdon": "2026-02-01T10:00:00+01:00",
        "modifiedon": "2026-02-02T09:00:00Z",
        "versionnumber": 2000 + number,
    }
    return row | changed


@dataclass
class Dataverse:
    """A served environment: its files, its limits, and a connector with little patience."""

    folder: Path
    limits: Limits
    url: str = ""
    slept: list[float] = field(default_factory=list)

    def put(self, stream: str, rows: list[Row]) -> None:
        part = self.folder / f"{stream}.part"
        part.write_text("".join(json.dumps(row) + "\n" for row in rows))
        part.replace(self.folder / f"{stream}.jsonl")

    def connector(self, **config: str) -> Crm:
        patience = Patience(attempts=3, silence_seconds=0.5, answer_seconds=1, sleep=self.slept.append)
        return Crm({"url": self.url, "token": TOKEN, "page_size": "5"} | config, patience)

    def read(self, stream: str, cursor: str | None = None, **config: str) -> tuple[list[str], str | None]:
        keys: list[str] = []
        for batch in self.connector(**config).read(stream, cursor, 5000):
            keys += [("-" if row.deleted else "+") + str(UUID(row.key).int // 2**64) for row in batch.rows]
            cursor = batch.cursor
        return keys, cursor
