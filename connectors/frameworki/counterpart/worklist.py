"""Be the import and the worklist of proposals: take in what lies in the folder, and let staff accept or refuse it.

`python -m connectors.frameworki.counterpart.worklist --url URL --folder DIR [--accept ID | --refuse ID]`
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import orjson
import psycopg
from psycopg import sql

from wye.ports import BadInput

COLUMNS: Mapping[str, tuple[str, str]] = {
    "family_name": ("last_name", "{}"),
    "given_name": ("first_name", "{}"),
    "birth_date": ("date_of_birth", "{}T00:00:00"),
    "death_date": ("date_of_death", "{}T00:00:00"),
    "sex": ("gender", "{}"),
    "nhs_number": ("nhs_id", "{}"),
}
"""Where Mosaic keeps each field that may be proposed, and how it writes it."""


def take_in(url: str, folder: Path) -> int:
    """Put every proposal of the import folder on the worklist, each once, and take withdrawn ones off; gives how many are new."""
    new = 0
    with psycopg.connect(url) as conn:
        for path in sorted((folder / "proposals").glob("*.json"), key=lambda one: (one.stat().st_mtime_ns, one.name)):
            for item in orjson.loads(path.read_bytes())["items"]:
                if item.get("withdrawn"):
                    conn.execute(
                        "UPDATE mosaic.dm_proposals SET state = 'WITHDRAWN' WHERE proposal_id = %s AND state = 'OPEN'",
                        (item["proposal"],),
                    )
                    continue
                if item["field"] not in COLUMNS:
                    raise BadInput(f"the worklist knows no field `{item['field']}`; it knows: {', '.join(COLUMNS)}")
                new += conn.execute(
                    "INSERT INTO mosaic.dm_proposals VALUES (%s, %s, %s, %s, 'OPEN', now() AT TIME ZONE 'UTC')"
                    " ON CONFLICT DO NOTHING",
                    (item["proposal"], item["person_id"], item["field"], item["value"]),
                ).rowcount
    return new


def answer(url: str, proposal: str, *, accept: bool) -> None:
    """Accept a proposal, which changes the person, or refuse it; raises BadInput if it is not open."""
    with psycopg.connect(url) as conn:
        found = conn.execute(
            "UPDATE mosaic.dm_proposals SET state = %s, last_updated = now() AT TIME ZONE 'UTC'"
            " WHERE proposal_id = %s AND state = 'OPEN' RETURNING person_id, field, proposed_value",
            ("ACCEPTED" if accept else "REFUSED", proposal),
        ).fetchone()
        if found is None:
            raise BadInput(f"no proposal `{proposal}` is open")
        if accept:
            _change(conn, *found)


def _change(conn: psycopg.Connection, person: int, field: str, value: str) -> None:
    column, written = COLUMNS[field]
    query = sql.SQL(
        "UPDATE mosaic.dm_persons SET {} = %s, last_updated = now() AT TIME ZONE 'UTC' WHERE person_id = %s"
    ).format(sql.Identifier(column))
    conn.execute(query, (written.format(value), person))


def main() -> None:
    """Take in what is there, answer if asked to, and print how many were new."""
    parser = argparse.ArgumentParser(description="Take in proposals, and accept or refuse one.")
    parser.add_argument("--url", required=True, help="PostgreSQL database with the schema `mosaic`")
    parser.add_argument("--folder", type=Path, required=True, help="the import folder")
    parser.add_argument("--accept", help="a proposal's id")
    parser.add_argument("--refuse", help="a proposal's id")
    given = parser.parse_args()
    new = take_in(given.url, given.folder)
    for proposal, accept in ((given.accept, True), (given.refuse, False)):
        if proposal:
            answer(given.url, proposal, accept=accept)
    sys.stdout.write(json.dumps({"new": new}) + "\n")


if __name__ == "__main__":
    main()
