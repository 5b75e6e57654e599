"""Rebuild the search tokens from the entries and compare: what a search relies on when it says that it found all.

New entries are rebuilt each time, and of the older ones a part again, so that a row that was dropped or added later is
found within NIGHTS nights; a small log is rebuilt whole each time. What it relies on is the header, and that only as far
as it hashes to its leaf: that the leaf is the one that was signed, `wye audit verify` shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from wye.audit import rows, search_index_rows
from wye.audit.append import append
from wye.audit.entry import Tokens
from wye.audit.event import Event, read_body
from wye.audit.search_index_rows import Checked
from wye.audit.token_compare import Finding, compare
from wye.errors import EvidenceBroken
from wye.keys.provider import KeyProvider
from wye.keys.rows import unseal_values
from wye.store.database import Connection
from wye.vocabulary import EventKind

NIGHTS = 28
AGAIN = 20_000
"""Of older entries so many are rebuilt again at least, in each check: some seconds of work."""
SHOWN = 100
"""Of findings so many are told one by one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Say how far the search index is verified: `verified` of `size` entries, since when."""

    verified: int
    size: int
    checked_at: datetime | None
    whole_at: datetime | None
    """When the whole log was last rebuilt at once and found right."""
    findings: int
    """Of the newest check."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tell what a check found."""

    standing: Standing
    rebuilt: int
    """Entries whose tokens were made anew from what they record."""
    unreadable: int
    """Entries that nobody can read any more: their tokens were compared with what they commit to, if any are left."""
    findings: tuple[Finding, ...]
    """The first SHOWN of them, by index."""
    found: int


@dataclass(slots=True)
class _Progress:
    rebuilt: int = 0
    unreadable: int = 0
    found: int = 0


def standing(conn: Connection) -> Standing:
    """Say how far the search index is verified."""
    checked = search_index_rows.newest_check(conn)
    size = rows.count_indices(conn)
    if checked is None:
        return Standing(0, size, None, None, 0)
    whole = search_index_rows.whole_since(conn)
    return Standing(min(checked.verified, size), size, checked.at, whole, checked.findings)


def check_index(conn: Connection, keys: KeyProvider, *, actor: str, at: datetime, whole: bool, told: bool) -> Outcome:
    """Rebuild what is new and a part of what is old, or the whole, and note how far the index is verified.

    Findings are an entry of the trail; so is a check without any if an account asked for it (`told`). Not inside another
    transaction.
    """
    progress = _Progress()
    findings: list[Finding] = []
    with rows.snapshot(conn):
        size = rows.count_indices(conn)
        before = search_index_rows.newest_check(conn)
        new, again = (range(size), range(0)) if whole else _parts(before, size)
        if before is not None and before.verified > size:
            explanation = f"the log ends at {size}, and {before.verified} entries of it were verified before"
            findings.append(Finding(size, "-", "index", None, explanation))
        for part in (again, new):
            for finding in _walk(conn, keys, part, progress):
                progress.found += 1
                if len(findings) < SHOWN:
                    findings.append(finding)
        if len(new) == size:
            findings += _tokens_of_none(conn, SHOWN - len(findings))
    findings.sort(key=lambda each: each.index)
    found = max(progress.found, len(findings))
    # What is wrong with no entry at all takes nothing from what is verified of the others.
    verified = min([size, *(each.index for each in findings if each.index >= 0)])
    checked = Checked(at, actor, new.start, new.stop, again.start, again.stop, size, found, verified)
    with conn.transaction():
        entry = _tell(conn, keys, checked, findings, progress) if findings or told else None
        search_index_rows.insert_check(conn, checked, entry)
    return Outcome(standing(conn), progress.rebuilt, progress.unreadable, tuple(findings), found)


def _parts(before: Checked | None, size: int) -> tuple[range, range]:
    """Say which entries are rebuilt for the first time, and which again: those after where the check before left off."""
    verified = min(before.verified, size) if before else 0
    length = max(AGAIN, -(-verified // NIGHTS))
    if before is None or length >= verified:
        return range(size), range(0)
    start = before.again_beyond if before.again_beyond < verified else 0
    return range(verified, size), range(start, min(start + length, verified))


def _walk(conn: Connection, keys: KeyProvider, part: range, progress: _Progress) -> Iterator[Finding]:
    due = part.start
    for page in rows.indexed(conn, part.stop, first=part.start) if part else ():
        tokens = Tokens(keys)  # anew for each page: it remembers every term that it met
        events = _events(conn, keys, page)
        destroyed = search_index_rows.destroyed_of(conn, [each.entry for each in page])
        for stored in page:
            if stored.index != due:
                yield Finding(due, "-", "index", None, "it has no entry: see `wye audit verify`")
                due = stored.index
            due += 1
            event = events.get(stored.entry)
            if isinstance(event, EvidenceBroken):
                yield Finding(stored.index, str(stored.entry), "body", None, f"its tokens cannot be rebuilt: {event}")
                continue
            rebuilt = None if event is None else tokens.of(event)
            progress.rebuilt += event is not None
            progress.unreadable += event is None
            yield from compare(stored, rebuilt, destroyed=stored.entry in destroyed)


def _events(conn: Connection, keys: KeyProvider, page: rows.Page) -> dict[UUID, Event | EvidenceBroken]:
    """Open what may be read of a page; of an entry that does not open, say why."""
    sealed = {each.entry: each.ciphertext for each in page if each.header is not None}
    try:
        return {entry: read_body(body) for entry, body in unseal_values(conn, keys, sealed).items()}
    except EvidenceBroken:
        return dict(chain.from_iterable(_one(conn, keys, entry, each).items() for entry, each in sealed.items()))


def _one(conn: Connection, keys: KeyProvider, entry: UUID, ciphertext: bytes) -> dict[UUID, Event | EvidenceBroken]:
    try:
        opened = unseal_values(conn, keys, {entry: ciphertext})
        return {entry: read_body(body) for entry, body in opened.items()}
    except EvidenceBroken as error:
        return {entry: error}


def _tokens_of_none(conn: Connection, limit: int) -> list[Finding]:
    explanation = "a token is of an entry that is not there"
    found = search_index_rows.tokens_of_none(conn, limit) if limit > 0 else []
    return [Finding(-1, str(entry), "added", field, explanation) for entry, field in found]


def _tell(conn: Connection, keys: KeyProvider, checked: Checked, findings: list[Finding], progress: _Progress) -> UUID:
    """Write the entry that tells of a check: findings by index, by check and by the name of a field, never a token."""
    event = Event(
        kind=EventKind.VERIFICATION,
        at=checked.at,
        actor=checked.actor,
        purpose="audit index",
        outcome="wrong" if findings else "right",
        counts={
            "rebuilt": progress.rebuilt, "unreadable": progress.unreadable, "findings": checked.findings,
            "verified": checked.verified, "size": checked.size,
        },
        detail={f"finding {number}": _words(each) for number, each in enumerate(findings)},
    )  # fmt: skip
    (appended,) = append(conn, keys, [event], checked.at)
    return appended.id


def _words(finding: Finding) -> str:
    where = f"index {finding.index}" if finding.index >= 0 else "no index"
    return f"{where}, entry {finding.entry}: {finding.check}{f' {finding.field}' if finding.field else ''}"
