"""Put a stage through a night on which everything goes wrong, and mend it in the morning."""

import json
import re
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import psycopg
from leaks import markers
from psycopg import sql

from connectors.nhs_fhir.counterpart.__main__ import admission_bundle
from connectors.police.counterpart.__main__ import notice_message
from wye.demo.stage import Stage, send_from_partners
from wye.ports import record_id

ROOT = Path(__file__).parents[2]
OURS = ("Zzhelddrop", "Zzinjected", "Zzunread")
"""Markers of ours: in the new column, in the bad rows, in the bad messages."""
NUMBERS = UUID("5b0f7f0e-8c1d-4f53-9a51-6f6f1a5f0a01")

PERSONS: Mapping[int, tuple[dict[str, object], set[tuple[str, str]]]] = {
    990_000_001: ({"nhs_id": 1234567890}, {("NHS_ID has a right check digit", "validity")}),
    990_000_002: (
        {"last_name": None, "first_name": None},
        {("LAST_NAME is there", "completeness")},
    ),
    990_000_003: ({"date_of_birth": "infinity"}, {("DATE_OF_BIRTH is not in the future", "accuracy")}),
    990_000_004: (
        {"date_of_birth": "1950-05-05", "date_of_death": "1940-05-05"},
        {("DATE_OF_DEATH is not before DATE_OF_BIRTH", "consistency")},
    ),
    990_000_005: ({"first_name": "Zz\ufffdinjected"}, {("FIRST_NAME is clean text", "validity")}),
}
"""Bad persons of Mosaic: what is wrong with each, and the (rule, dimension) that must say so."""

CONTACTS: Mapping[str, tuple[dict[str, object], set[tuple[str, str]]]] = {
    "00000000-0000-4000-8000-0000000000a1": ({"firstname": "Zz\ud83dinjected"}, {("firstname is clean text", "validity")}),
    "00000000-0000-4000-8000-0000000000a2": ({"firstname": "Zz\0injected"}, {("firstname is clean text", "validity")}),
    "00000000-0000-4000-8000-0000000000a3": ({"birthdate": "1950-02-30"}, {("birthdate is not in the future", "accuracy")}),
    "00000000-0000-4000-8000-0000000000a4": ({"lastname": None}, {("lastname is there", "completeness")}),
}  # fmt: skip
"""Bad contacts of the CRM."""


@dataclass(frozen=True)
class Run:
    """Hold what `wye run` told."""

    code: int
    out: str
    err: str

    @property
    def faults(self) -> list[str]:
        return list(json.loads(self.out)["faults"])

    def fault(self, step: str) -> str:
        """Give the fault of a step; exactly one."""
        (found,) = [each for each in self.faults if each.startswith(f"{step}: ")]
        return found

    def counts(self, verb: str, name: str | None = None) -> dict[str, Any]:
        """Give what a step did."""
        (found,) = [each for each in json.loads(self.out)["done"] if (each["verb"], each["name"]) == (verb, name)]
        return dict(found["counts"])


def wye(stage: Stage, *words: str, file_limit: int | None = None, **settings: str) -> Run:
    """Run a command as a user would; no file may grow beyond the limit."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "wye"), *words],
        env={**stage.environment, **settings},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        preexec_fn=None
        if file_limit is None
        else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit)),
    )
    return Run(done.returncode, done.stdout, done.stderr)


def mosaic(stage: Stage, *statements: str) -> None:
    """Do something to the care system."""
    with psycopg.connect(stage.databases["mosaic"]) as conn:
        for statement in statements:
            conn.execute(sql.SQL(statement))  # type: ignore[arg-type]  # ours


def add_bad_rows(stage: Stage) -> None:
    """Add bad rows to Mosaic and to the CRM, each a copy of a good one but for what is wrong."""
    with psycopg.connect(stage.databases["mosaic"]) as conn:
        for key, (wrong, _) in PERSONS.items():
            values = {
                "person_id": key,
                "last_name": "Zzinjected",
                "first_name": "Una",
                "full_name": "Una Zzinjected",
                "date_of_death": None,
                "nhs_id": None,
                "upn_id": None,
                "email_address": None,
                **wrong,
            }
            conn.execute(
                "INSERT INTO mosaic.dm_persons SELECT (jsonb_populate_record(t, %s::jsonb)).* FROM mosaic.dm_persons t"
                " WHERE t.last_name IS NOT NULL AND t.gender IN ('M', 'F') LIMIT 1",
                (json.dumps(values),),
            )
    path = stage.data / "crm" / "contacts.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    good = next(row for row in map(json.loads, lines) if row["lastname"] and row["birthdate"] and not row["merged"])
    good |= {
        "lastname": "Zzinjected",
        "firstname": "Una",
        "emailaddress1": None,
        "telephone1": None,
        "mobilephone": None,
    }
    lines += [json.dumps(good | {"contactid": key} | wrong) for key, (wrong, _) in CONTACTS.items()]
    new = path.with_suffix(".new")
    new.write_text("\n".join(lines) + "\n", encoding="utf-8")
    new.replace(path)


def bad_admissions(stage: Stage) -> dict[str, tuple[object, str]]:
    """Make messages that the hospital should not send: name -> (body, what quarantine must say of it)."""
    line = (stage.data / "hospital" / "admissions.jsonl").read_text(encoding="utf-8").splitlines()[0]
    admission = json.loads(line) | {"family_name": "Zzunread", "nhs_number": None}

    def changed(**patient: object) -> dict[str, Any]:
        body = admission_bundle(admission | {"id": f"bad-{min(patient)}"})
        body["entry"][0]["resource"].update(patient)
        return body

    return {
        "no-json": ("Zzunread was admitted today", "not a FHIR R4 Bundle at `the top`"),
        "made-up-key": (changed(Zzunread="x"), "not a FHIR R4 Bundle at `entry.resource`"),
        "no-such-type": (changed(resourceType="Zzunread"), "no known type"),
        "no-such-day": (changed(birthDate="1950-02-30"), "not a FHIR R4 Bundle at `entry.resource.birthDate`"),
        "two-patients": ({**changed(id="x"), "entry": []}, "one Patient and one Encounter"),
        "only-a-year": (changed(birthDate="1950"), "row can be mapped"),
    }


def bad_notices(stage: Stage) -> dict[str, tuple[object, str]]:
    """Make messages that the police should not send."""
    line = (stage.data / "police" / "notices.jsonl").read_text(encoding="utf-8").splitlines()[0]
    notice = json.loads(line) | {"family_name": "Zzunread"}

    def changed(name: str, **values: object) -> dict[str, Any]:
        return notice_message(notice | {"id": str(uuid5(NUMBERS, name))} | values)

    return {
        "surname-a-number": (changed("n", family_name=7), "not a POLE message at `persons/0/surname`"),
        "made-up-key": ({**changed("k"), "Zzunread": 1}, "not a POLE message at `the top`"),
        "nul": (changed("nul", detail="Zzunread\0"), "row can be mapped"),
        "no-such-day": (changed("day", birth_date="1950-02-30"), "row can be mapped"),
    }


def send_messages(stage: Stage) -> int:
    """Send what the partners have, and with it what they should not; gives how many messages in all."""
    sent = send_from_partners(stage)
    for partner, agreement, bad in (
        ("arrowshire-hospitals", "adult-care-acute", bad_admissions(stage)),
        ("marches-police", "safeguarding-police", bad_notices(stage)),
    ):
        path = stage.home / "counterparts" / partner / "bad.jsonl"
        header = {"agreement": agreement, "version": "1.0", "media_type": "application/json"}
        lines = [
            json.dumps({"id": str(uuid5(NUMBERS, f"{partner}/{name}")), "body": body} | header)
            for name, (body, _) in bad.items()
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        told = stage.processes.run("wye.partner", "send", "--config", str(stage.partners[partner]), "--file", str(path))
        sent += int(json.loads(told)["sent"])
    return sent


def expected_quarantine() -> dict[UUID, set[tuple[str, str]]]:
    """Say what must be said of each bad row, by record."""
    found = {record_id("frameworki", "persons", str(key)): said for key, (_, said) in PERSONS.items()}
    return found | {record_id("crm", "contacts", key): said for key, (_, said) in CONTACTS.items()}


def personal(stage: Stage) -> re.Pattern[bytes]:
    """Compile what must be printed nowhere: the marker people, and ours."""
    return re.compile(markers(stage.data).pattern + b"|" + ours().pattern, re.IGNORECASE)


def ours() -> re.Pattern[bytes]:
    """Compile our own markers: none of them was ever mapped."""
    return re.compile(b"|".join(re.escape(word.encode()) for word in OURS), re.IGNORECASE)
