"""Be the tasks of customer services: kept in `tasks.jsonl` beside the tables, and worked off by staff.

`python -m connectors.crm.counterpart.worklist --data DIR --accept TASK` changes the contact and completes the task.
"""

import argparse
import json
import re
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from connectors.crm.counterpart.dialect import Refused
from connectors.crm.counterpart.tables import Row, parsed

REGARDING = "regardingobjectid_contact_task@odata.bind"
COLUMNS = {
    "Last Name": "lastname",
    "First Name": "firstname",
    "Middle Name": "middlename",
    "Birthday": "birthdate",
    "Salutation": "salutation",
    "Gender": "gendercode",
}
GENDERS: Mapping[str, object] = {"M": 1, "F": 2}


@dataclass(slots=True)
class Worklist:
    """Hold the tasks of one environment."""

    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def path(self) -> Path:
        """Say where the tasks are kept."""
        return self.folder / "tasks.jsonl"

    def rows(self) -> list[Row]:
        """Read every task."""
        return [parsed(line) for line in self.path.read_bytes().splitlines()] if self.path.exists() else []

    def create(self, resource: str, row: Row) -> None:
        """Keep a new task; refuses what is no task (404), a key that is there (412), and one about no contact (400)."""
        named = re.fullmatch(r"tasks\(([0-9a-f-]{36})\)", resource)
        if named is None:
            raise Refused(404, "0x8006088a", "Resource not found for the segment.")
        key = named[1]
        contact = re.fullmatch(r"/contacts\(([0-9a-f-]{36})\)", str(row.get(REGARDING, "")))
        if contact is None or not row.get("subject"):
            raise Refused(400, "0x80060888", "The task names no contact, or no subject.")
        with self._lock:
            held = self.rows()
            if any(task["activityid"] == key for task in held):
                raise Refused(412, "0x80060882", "A record with matching key values already exists.")
            kept: Row = {"activityid": key, "contact": contact[1], "statecode": 0, "subject": row["subject"]}
            replace(self.path, [*held, kept | {"description": row.get("description", "")}])

    def cancel(self, resource: str, row: Row) -> None:
        """Cancel an open task; refuses what is no task of ours (404) and any other change (400)."""
        with self._lock:
            held = self.rows()
            found = next((task for task in held if resource == f"tasks({task['activityid']})"), None)
            if found is None:
                raise Refused(404, "0x80040217", "The task does not exist.")
            if row != {"statecode": 2}:
                raise Refused(400, "0x80060888", "A task is cancelled, and not otherwise changed.")
            if found["statecode"] == 0:
                found["statecode"] = 2
                replace(self.path, held)

    def chosen(self, query: str) -> dict[str, object]:
        """Answer a query for the states of tasks by their ids."""
        wanted = set(re.findall(r"'([0-9a-f-]{36})'", query))
        found = [task for task in self.rows() if task["activityid"] in wanted]
        return {"value": [{"activityid": task["activityid"], "statecode": task["statecode"]} for task in found]}


def answer(folder: Path, key: str, *, accept: bool) -> None:
    """Complete a task, having changed its contact as it says, or cancel it; raises Refused if it is not open."""
    worklist = Worklist(folder)
    tasks = worklist.rows()
    task = next((one for one in tasks if one["activityid"] == key and one["statecode"] == 0), None)
    if task is None:
        raise Refused(404, "0x80040217", "No such task is open.")
    if accept:
        _change(folder / "contacts.jsonl", str(task["contact"]), str(task["description"]))
    task["statecode"] = 1 if accept else 2
    replace(worklist.path, tasks)


def _change(path: Path, contact: str, description: str) -> None:
    label, _, value = description.splitlines()[1].partition(": ")
    rows = [parsed(line) for line in path.read_bytes().splitlines()]
    for row in rows:
        if str(row["contactid"]).lower() == contact:
            row[COLUMNS[label]] = GENDERS.get(value, value) if label == "Gender" else value
            row["versionnumber"] = max(int(str(each["versionnumber"])) for each in rows) + 1
            row["modifiedon"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    replace(path, rows)


def replace(path: Path, rows: Iterable[Row]) -> None:
    """Replace a file at once, so that who follows it never reads half of it."""
    part = path.with_suffix(".part")
    part.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")
    part.replace(path)


def main() -> None:
    """Accept or refuse one task, and print how many are open."""
    parser = argparse.ArgumentParser(description="Work off customer services' tasks.")
    parser.add_argument("--data", type=Path, required=True, help="folder with contacts.jsonl and tasks.jsonl")
    parser.add_argument("--accept", help="a task's id")
    parser.add_argument("--refuse", help="a task's id")
    given = parser.parse_args()
    for key, accept in ((given.accept, True), (given.refuse, False)):
        if key:
            answer(given.data, key, accept=accept)
    still = sum(task["statecode"] == 0 for task in Worklist(given.data).rows())
    sys.stdout.write(json.dumps({"open": still}) + "\n")


if __name__ == "__main__":
    main()
