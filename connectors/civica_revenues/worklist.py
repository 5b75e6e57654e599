"""Write proposals as a list that revenues staff work off: one CSV file to a batch, in a folder of theirs, each once.

Nothing public says how anything is put into Civica by file, so nothing is: staff open the list and change the account or
the claim themselves. A spreadsheet must not take a name for a formula. Most sensitive class: personal.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from connectors.civica_revenues.sftp import Sftp
from wye.ports import BadInput, SourceUnavailable, WrittenBatch
from wye.spreadsheet import defused

COLUMNS = ("proposal", "what_to_do", "person_reference", "field", "right_value", "found_right_on")
LABELS = {
    "family_name": "Surname",
    "given_name": "Forename",
    "middle_names": "Middle names",
    "title": "Title",
    "birth_date": "Date of birth",
}
"""What staff see on the screen, by the model's field. A proposal about another field is refused."""
NEEDED = ("proposal", "person_id", "field", "value", "accepted_on")
LOOK, LEAVE = "look, and change it if you agree", "taken back: leave it as it is"
BATCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
DONE = "done"
"""Within the folder: where staff put lists that they have worked off."""


def body(items: Sequence[Mapping[str, object]]) -> bytes:
    """Write the list, in the order of proposals: pure, and the same bytes for the same items. Raises BadInput."""
    lines = sorted(_line(place, item) for place, item in enumerate(items))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([COLUMNS, *([defused(cell) for cell in line] for line in lines)])
    return text.getvalue().encode("utf-8-sig")


def put(files: Sftp, folder: str, items: Sequence[Mapping[str, object]], batch: str) -> WrittenBatch:
    """Put the list in its folder as `<batch>.csv`, whole or not at all; one that is there, or is worked off, stays.

    Raises SourceUnavailable, and BadInput if the name was used for other items.
    """
    if not BATCH.fullmatch(batch):
        raise BadInput("batch name is not 1 to 64 letters, digits, `_` or `-`, beginning with a letter or digit")
    data = body(items)
    name = f"{batch}.csv"
    if not (_is_there(files, f"{folder}/{name}", data) or _is_there(files, f"{folder}/{DONE}/{name}", data)):
        part = f"{folder}/.{name}.part"
        files.put(part, data)
        if not files.move(part, f"{folder}/{name}") and not _is_there(files, f"{folder}/{name}", data):
            raise SourceUnavailable(f"civica_revenues: `{name}` could not be put into `inbox`; it is written again")
    return WrittenBatch(batch, len(items))


def _is_there(files: Sftp, path: str, data: bytes) -> bool:
    if not files.exists(path):
        return False
    if b"".join(files.blocks(path, most=len(data))) != data:
        raise BadInput("a list of this batch's name was written before with other items: give this one another name")
    return True


def _line(place: int, item: Mapping[str, object]) -> tuple[str, ...]:
    if item.get("withdrawn") is True and set(item) == {"proposal", "withdrawn"}:
        return (str(item["proposal"]), LEAVE, "", "", "", "")
    if lacking := [name for name in NEEDED if not item.get(name)]:
        raise BadInput(f"item {place} of the proposals lacks `{'`, `'.join(lacking)}`")
    label = LABELS.get(str(item["field"]))
    if label is None:
        raise BadInput(f"item {place} of the proposals is of field `{item['field']}`, which staff cannot change")
    told = (item["proposal"], LOOK, item["person_id"], label, item["value"], item["accepted_on"])
    return tuple(str(each) for each in told)
