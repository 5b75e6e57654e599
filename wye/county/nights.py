"""Let a night pass: records are corrected, removed and added, as the next run of the road finds them."""

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import orjson

from wye.county import truth
from wye.county.files import CountyFiles, json_bytes
from wye.county.households import Builder
from wye.county.making import CSV_COLUMNS, JSON_LINES, CountyState, Systems
from wye.county.seeds import instant, stream
from wye.county.systems import civica, crm, frameworki
from wye.county.systems.writing import Desk
from wye.errors import UsageError

IDS_OF_A_NIGHT = 20_000_000
REMOVED, NEWCOMERS = 0.05, 0.1
"""Of the share that changes, how much is removed, and how many people come new."""

LATE, LATE_DAYS = 0.15, 10
"""Of the council tax accounts that change, how many were left out of the exports since then, and for how long."""

CHANGES = "changes.json"
_PERSON_COLUMNS = ("PERSON_ID", "OTHER_PERSON_ID", "SUBJECT_PERSON_ID")

Row = dict[str, object]


@dataclass(slots=True)
class ChangeCounts:
    """Count what a night did to one file."""

    updated: int = 0
    deleted: int = 0
    added: int = 0


@dataclass(slots=True)
class _Night:
    rng: Random
    day: date
    share: float
    number: int
    spared: frozenset[tuple[str, str]]
    gone_people: set[object] = field(default_factory=set)
    gone_contacts: set[object] = field(default_factory=set)
    counts: dict[str, ChangeCounts] = field(default_factory=dict)

    def stamp(self) -> str:
        return instant(self.rng, self.day)

    def changes(self) -> bool:
        return self.rng.random() < self.share

    def removes(self) -> bool:
        return self.rng.random() < self.share * REMOVED


def change(folder: Path, seed: int, share: float = 0.01) -> dict[str, ChangeCounts]:
    """Change about `share` of a county's records in place, as of the day after its last, and write changes.json.

    Updated rows bear a later change stamp; the dead letters of a removed person or contact go with them; newcomers
    move into houses not lived in before. Marker people stay as they are. Raises UsageError if there is no county.
    """
    if not 0 < share <= 1:
        raise UsageError(f"a share of `{share}` cannot change; give more than 0 and at most 1")
    state = CountyState.load(folder)
    number, day = state.night + 1, state.today + timedelta(1)
    night = _Night(stream(seed, "night", number), day, share, number, _markers(folder))
    _care(folder, night)
    _customers(folder, night)
    _revenues(folder, night)
    _forget(folder, night)
    arrived = _newcomers(folder, night, state)
    replace(state, today=day, people=state.people + arrived[0], households=arrived[1], night=number).save(folder)
    counts = dict(sorted(night.counts.items()))
    (folder / CHANGES).write_bytes(orjson.dumps(counts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return counts


def _markers(folder: Path) -> frozenset[tuple[str, str]]:
    marked = {person["person"] for person in orjson.loads((folder / truth.MARKERS).read_bytes())["people"]}
    with (folder / truth.PEOPLE).open(encoding="utf-8", newline="") as opened:
        return frozenset((row["stream"], row["key"]) for row in csv.DictReader(opened) if row["person"] in marked)


def _rewrite_json(folder: Path, name: str, night: _Night, edit: Callable[[Row, ChangeCounts], Row | None]) -> None:
    counts = night.counts.setdefault(name, ChangeCounts())
    path = folder / name
    written = path.with_suffix(".next")
    with path.open("rb") as old, written.open("wb") as new:
        for line in old:
            row = edit(json.loads(line), counts)
            if row is None:
                counts.deleted += 1
            else:
                new.write(json_bytes(row))
    written.replace(path)


def _rewrite_csv(folder: Path, name: str, night: _Night, edit: Callable[[Row, ChangeCounts], Row | None]) -> None:
    counts = night.counts.setdefault(name, ChangeCounts())
    path = folder / name
    written = path.with_suffix(".next")
    with path.open(encoding="utf-8", newline="") as old, written.open("w", encoding="utf-8", newline="") as new:
        writer = csv.DictWriter(new, CSV_COLUMNS[name], lineterminator="\n")
        writer.writeheader()
        for read in csv.DictReader(old):
            row = edit(dict(read), counts)
            if row is None:
                counts.deleted += 1
            else:
                writer.writerow(row)
    written.replace(path)


def _care(folder: Path, night: _Night) -> None:
    def person(row: Row, counts: ChangeCounts) -> Row | None:
        if ("persons", str(row["PERSON_ID"])) in night.spared:
            return row
        if night.removes():
            night.gone_people.add(row["PERSON_ID"])
            return None
        if night.changes():
            counts.updated += 1
            row |= {
                "EMAIL_ADDRESS": f"changed{row['PERSON_ID']}.{night.number}@mail.example",
                "LAST_UPDATED": night.stamp(),
            }
        return row

    def dependent(row: Row, counts: ChangeCounts) -> Row | None:
        if any(row.get(column) in night.gone_people for column in _PERSON_COLUMNS):
            return None
        person = row.get("PERSON_ID", row.get("SUBJECT_PERSON_ID"))
        if person is None or ("persons", str(person)) in night.spared or not night.changes():
            return row
        counts.updated += 1
        return row | _care_edit(row, night) | {"LAST_UPDATED": night.stamp()}

    for table in frameworki.TABLES:
        _rewrite_json(folder, f"{frameworki.NAME}/{table}.jsonl", night, person if table == "DM_PERSONS" else dependent)


def _care_edit(row: Row, night: _Night) -> Row:
    if "TEXT_ANSWER" in row:
        return {"TEXT_ANSWER": "No" if row["TEXT_ANSWER"] == "Yes" else "Yes", "DATE_ANSWER": night.day.isoformat()}
    if "WEEKLY_COST" in row:
        pounds, _, pence = str(row["WEEKLY_COST"]).partition(".")
        return {"WEEKLY_COST": f"{int(pounds) + 7}.{pence}"}
    if "CLOSURE_DATE" in row and not row["CLOSURE_DATE"]:
        return {"CLOSURE_DATE": night.day.isoformat(), "CLOSURE_REASON": "RC7"}
    if "TELEPHONE_NUMBER" in row:
        return {"TELEPHONE_NUMBER": f"07700{night.rng.randrange(200_000, 900_000)}"}
    return {}


def _customers(folder: Path, night: _Night) -> None:
    version = (night.number * IDS_OF_A_NIGHT) + IDS_OF_A_NIGHT // 2

    def edited(row: Row, counts: ChangeCounts, values: Row) -> Row:
        nonlocal version
        version += 7
        counts.updated += 1
        return row | values | {"modifiedon": f"{night.stamp()}Z", "versionnumber": version}

    masters: set[object] = set()

    def note_master(row: Row, _: ChangeCounts) -> Row:
        masters.add(row["_masterid_value"])
        return row

    def contact(row: Row, counts: ChangeCounts) -> Row | None:
        if ("contacts", str(row["contactid"])) in night.spared:
            return row
        if night.removes() and row["contactid"] not in masters:
            night.gone_contacts.add(row["contactid"])
            return None
        if not night.changes():
            return row
        return edited(row, counts, {"mobilephone": f"07700{night.rng.randrange(200_000, 900_000)}"})

    def incident(row: Row, counts: ChangeCounts) -> Row | None:
        if row["_customerid_value"] in night.gone_contacts:
            return None
        return edited(row, counts, {"statecode": 1}) if night.changes() else row

    _rewrite_json(folder, crm.CONTACTS, night, note_master)
    _rewrite_json(folder, crm.CONTACTS, night, contact)
    _rewrite_json(folder, crm.INCIDENTS, night, incident)


def _revenues(folder: Path, night: _Night) -> None:
    seconds = civica.seconds(night.day) + 3 * 3600
    late = stream(night.number, "late")

    def account(row: Row, counts: ChangeCounts) -> Row:
        if ("accounts", str(row["account_ref"])) in night.spared or not night.changes():
            return row
        counts.updated += 1
        behind = LATE_DAYS * 86_400 if late.random() < LATE else 0
        return row | {"paymeth_code": "CASH", "last_updated_int": seconds - behind}

    def member(row: Row, counts: ChangeCounts) -> Row:
        key = f"{row['claim_id']}|{row['house_id']}|{row['member_id']}"
        if ("members", key) in night.spared or not night.changes():
            return row
        counts.updated += 1
        return row | {"carer_ind": "0" if row["carer_ind"] == "1" else "1"}

    _rewrite_csv(folder, f"{civica.NAME}/ctaccount.csv", night, account)
    _rewrite_csv(folder, f"{civica.NAME}/hbmember.csv", night, member)


def _forget(folder: Path, night: _Night) -> None:
    gone = {("persons", str(person)) for person in night.gone_people}
    gone |= {("contacts", str(contact)) for contact in night.gone_contacts}

    def kept(row: Row, _: ChangeCounts) -> Row | None:
        return None if (str(row["stream"]), str(row["key"])) in gone else row

    for name in (truth.PEOPLE, truth.DEFECTS):
        _rewrite_csv(folder, name, night, kept)


def _newcomers(folder: Path, night: _Night, state: CountyState) -> tuple[int, int]:
    people = max(1, round(state.people * night.share * NEWCOMERS))
    arrivals = folder / ".arrivals"
    builder = Builder(state.seed, people, night.day, state.people, state.households)
    end = state.households
    with CountyFiles(arrivals, CSV_COLUMNS, JSON_LINES) as files:
        desk = Desk(state.seed, night.day, files, truth.Truth(files), night.number * IDS_OF_A_NIGHT)
        systems = Systems(desk)
        for household in builder.households():
            systems.write(household)
            end = household.number + 1
        systems.revenues.properties(state.households, end)
    for name, rows in files.rows.items():
        if rows:
            night.counts.setdefault(name, ChangeCounts()).added += rows
            _append(arrivals / name, folder / name, header=name.endswith(".csv"))
    shutil.rmtree(arrivals)
    return people, end


def _append(source: Path, target: Path, *, header: bool) -> None:
    with source.open("rb") as read, target.open("ab") as written:
        if header:
            read.readline()
        shutil.copyfileobj(read, written)
