"""Write referrals and proposals into Mosaic's import folder: whole files only, each once.

A file appears under its final name complete and on disk, or not at all: it is written beside it under a name that
the import does not look at, synced, and linked into place. A link, unlike a rename, fails if the name is taken.
"""

import errno
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from wye.ports import BadInput, SourceUnavailable, StorageExhausted, WrittenBatch

NEEDED = frozenset({"reference", "kind"})
KNOWN = NEEDED | frozenset({
    "person_id", "family_name", "given_name", "birth_date", "sex", "address", "postcode", "received_on", "occurred_at",
    "referred_by", "role", "reason", "category", "detail", "children_present", "handling", "agreement",
})  # fmt: skip
"""The members of one item; the README describes each. An unknown one is refused, since the import would drop it."""

PROPOSED = frozenset({"proposal", "person_id", "field", "value", "accepted_on"})
"""The members of one proposal, all of them needed: what to change, in whom, and under which number it is answered."""
WITHDRAWN = frozenset({"proposal", "withdrawn"})
"""The members of an item that takes a proposal back."""

MEMBERS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "referrals": (NEEDED, KNOWN),
    "proposals": (PROPOSED, PROPOSED),
}
"""What an item of each stream needs, and what it may hold. Proposals lie in a folder of their own within the import's."""

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_import(
    folder: Path, items: Sequence[Mapping[str, object]], batch: str, stream: str = "referrals"
) -> WrittenBatch:
    """Write `<batch>.json`; the same batch again changes nothing, and other content under its name is refused."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", batch):
        raise BadInput("batch name is not 1 to 128 letters, digits, `.`, `_` or `-`, beginning with a letter or digit")
    for place, item in enumerate(items):
        _check_item(place, item, stream)
    body = _body(items, batch)
    kept = folder if stream == "referrals" else folder / stream
    target = kept / f"{batch}.json"
    with _storing(folder):
        if kept != folder:
            kept.mkdir(exist_ok=True)
        if not target.exists():
            _put(kept, target, body)
        if target.read_bytes() != body:
            raise BadInput(f"batch `{batch}` was written before with other items: give this one another name")
    return WrittenBatch(batch, len(items))


def check_folder(folder: Path) -> None:
    """Raise SourceUnavailable if the import folder is not there or cannot be written to; leaves it unchanged."""
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise SourceUnavailable(
            "the import folder of `frameworki` is missing or not writable: check `WYE_SOURCES__FRAMEWORKI__IMPORT_FOLDER`"
        )


def _check_item(place: int, item: Mapping[str, object], stream: str) -> None:
    needed, known = (WITHDRAWN, WITHDRAWN) if "withdrawn" in item else MEMBERS[stream]
    lacking, strange = sorted(needed - item.keys()), sorted(item.keys() - known)
    if lacking or strange:
        words = [f"lacks `{name}`" for name in lacking] + [
            f"holds `{name}`, which the import does not know" for name in strange
        ]
        raise BadInput(f"item {place} of the {stream} {', '.join(words)}")


def _body(items: Sequence[Mapping[str, object]], batch: str) -> bytes:
    try:
        text = json.dumps(
            {"batch": batch, "items": [dict(item) for item in items]},
            ensure_ascii=False,
            sort_keys=True,
            allow_nan=False,
        )
        return text.encode() + b"\n"
    except (TypeError, ValueError):
        raise BadInput("the items hold something that is not JSON, or text that is not Unicode") from None


def _put(folder: Path, target: Path, body: bytes) -> None:
    part = folder / f".{target.name}.{os.getpid()}.part"
    try:
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another writer of the same batch was first; its content is compared next
            os.link(part, target)
        _sync_folder(folder)
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _storing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise StorageExhausted(
                "no space for the import file of `frameworki`: nothing was kept; make room and write the batch again"
            ) from None
        check_folder(folder)
        reason = errno.errorcode.get(error.errno or 0, "unknown")
        raise SourceUnavailable(f"the import folder of `frameworki` failed ({reason}): nothing was kept") from None
