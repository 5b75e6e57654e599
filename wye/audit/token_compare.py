"""Compare the search tokens that are stored of one entry with those that it commits to and those that it should have: pure.

Two things are known of an entry's tokens: its header commits to all of them, and its body tells the terms of all but the
NHS number, which is in no body. So a row that was dropped, added or changed is told from the commitment, and which one
from the body; and tokens that were wrong from the beginning, which the commitment alone would call right, are found too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from wye.audit.entry import Token
from wye.audit.rows import StoredEntry
from wye.audit.verifier.entry import Header, read_header, tokens_fit
from wye.audit.verifier.tree import leaf_hash

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBER = "nhs-number"

Check = Literal["missing", "added", "changed", "unlike", "header", "entry", "body", "index"]
"""A token row that is missing, added or changed; tokens that are unlike what the entry records, though it commits to them;
an entry's header, the entry itself, its body or its place in the log that cannot be relied on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Name what is wrong with the search index: the entry by its index, the check that found it, and the token's field."""

    index: int
    """-1 for a token of no entry."""
    entry: str
    check: Check
    field: str | None
    explanation: str


def compare(stored: StoredEntry, rebuilt: Sequence[Token] | None, *, destroyed: bool) -> list[Finding]:
    """Compare one entry's token rows; `rebuilt` are the tokens of what its body records, none if nobody can read it.

    `destroyed` says that a shred destroyed the entry: its tokens must be gone then, and may be gone only then.
    """
    header = _header(stored)
    if isinstance(header, Finding):
        return [header]
    if destroyed:
        explanation = "a shred destroyed the entry, and this token of it is there"
        return [_finding(stored, "added", field, explanation) for field, _ in stored.tokens]
    if _fits(header, stored, stored.tokens):
        return [] if rebuilt is None else _unlike(stored, rebuilt)
    if rebuilt is not None:
        return _differing(stored, _true_tokens(header, stored, rebuilt), rebuilt)
    if stored.tokens:
        return [_finding(stored, "changed", None, "its tokens are not those that it commits to, and its body is gone")]
    return [_finding(stored, "missing", None, "all its tokens are gone, and no shred says that they may be")]


def _header(stored: StoredEntry) -> Header | Finding:
    """Read the header by which the tokens are judged, as far as it hashes to its leaf."""
    if stored.header is None:
        return _finding(stored, "entry", None, "the log points at it, and it is not there")
    if leaf_hash(stored.header) != stored.leaf:
        return _finding(stored, "header", None, "its header does not hash to its leaf: see `wye audit verify`")
    try:
        return read_header(stored.header)
    except ValueError as error:
        return _finding(stored, "header", None, str(error))


def _fits(header: Header, stored: StoredEntry, tokens: Sequence[Token]) -> bool:
    staged_at = (stored.staged_at - EPOCH) // timedelta(microseconds=1)
    return tokens_fit(header, stored.salt, staged_at, sorted(tokens))


def _unlike(stored: StoredEntry, rebuilt: Sequence[Token]) -> list[Finding]:
    """Find tokens that the entry commits to and that are not of what it records: it was written to be found wrongly."""
    numbers = [token for token in stored.tokens if token[0] == NUMBER]
    odd = (set(stored.tokens) - set(numbers)) ^ set(rebuilt)
    fields = {field for field, _ in odd} | ({NUMBER} if len(numbers) > 1 else set())
    explanation = "it commits to a token that is not of what it records"
    return [_finding(stored, "unlike", field, explanation) for field in sorted(fields)]


def _true_tokens(header: Header, stored: StoredEntry, rebuilt: Sequence[Token]) -> list[Token] | None:
    """Find the tokens that the entry commits to: those of its body, and of the NHS numbers stored one at the most."""
    candidates = [list(rebuilt), *([*rebuilt, token] for token in stored.tokens if token[0] == NUMBER)]
    return next((tokens for tokens in candidates if _fits(header, stored, tokens)), None)


def _differing(stored: StoredEntry, true: Sequence[Token] | None, rebuilt: Sequence[Token]) -> list[Finding]:
    right = set(rebuilt if true is None else true)
    there = {token for token in stored.tokens if true is not None or token[0] != NUMBER}
    found = []
    for field in sorted({field for field, _ in right ^ there}):
        wanted, held = ({token for token in each if token[0] == field} for each in (right, there))
        if wanted <= held:
            found.append(_finding(stored, "added", field, "a token is there that it does not commit to"))
        elif held <= wanted:
            found.append(
                _finding(stored, "missing", field, "a token that it commits to is gone: it is not found by it")
            )
        else:
            found.append(_finding(stored, "changed", field, "its token is not the one that it commits to"))
    if true is None and not found:
        explanation = "the token of an NHS number is gone or changed, or the entry's salt or time of staging is"
        found.append(_finding(stored, "changed", NUMBER, explanation))
    return found


def _finding(stored: StoredEntry, check: Check, field: str | None, explanation: str) -> Finding:
    return Finding(stored.index, str(stored.entry), check, field, explanation)
