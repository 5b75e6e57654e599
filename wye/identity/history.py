"""Tell what Wye knew of a person at any instant, and each change with when, from which source and why it won.

As of means recorded_at and superseded_at: what stood in the index then, whatever is known to have been true. After erasure
the answer is "no longer held".

INVARIANT: a sealed former identity appears in nobody else's history (Gender Recognition Act 2004 section 22; Adoption and
Children Act 2002 sections 56 to 65). A record that was linked to this person, is not any more, and is sealed, was never
there as far as anybody is told: not its values, its links, its events, nor a gap where they stood. Nor does the history of
a sealed identity tell of the records that it once shared a person with.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wye.errors import UsageError
from wye.identity import history_rows
from wye.identity.sealing import sealed_among
from wye.identity.survivorship import ONLY
from wye.store.database import Connection

Row = Mapping[str, Any]
NO_LONGER_HELD = "no longer held"


@dataclass(frozen=True, slots=True)
class Then:
    """Hold what was known at an instant. Most sensitive class: identifier."""

    person: UUID
    at: datetime
    held: bool
    """False: it was erased since, and nothing can be told."""
    attributes: tuple[Row, ...]
    records: tuple[Row, ...]
    events: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Hold one change of one attribute; `value` is None from when on no source said it, or while sources contest it."""

    at: datetime
    attribute: str
    value: object
    source: str | None
    record: UUID | None
    reason: str


def as_of(conn: Connection, person: UUID, at: datetime) -> Then:
    """Tell what was known of a person at an instant; raises UsageError if nobody was known by that id then."""
    since = history_rows.known_since(conn, person)
    if since is None or since > at:
        when = "" if since is None else " at that instant"
        raise UsageError(f"no person `{person}`{when}; `wye people find` finds one by a source's own key")
    links = history_rows.links(conn, person)
    hidden = _hidden(conn, person, links)
    _check_told(person, links, hidden)
    records = [_told(link, "record", "source", "stream", "kind", "reason", since="recorded_at")
               for link in links if _stood(link, at) and not hidden(link["record"])]  # fmt: skip
    versions = _visible(history_rows.versions(conn, person), hidden)
    attributes = [
        _told(one, "attribute", "value", "source", "record", "reason", "contributors", since="recorded_at")
        for one in versions
        if _stood(one, at)
    ]
    events = [
        one for one in history_rows.events(conn, person) if one["at"] <= at and not any(map(hidden, one["records"]))
    ]
    # Nobody is known without ever having had a record: where no link is left, it was erased.
    held = bool(links) and (bool(attributes) or not records or any(one["source"] is not None for one in records))
    told = [_told(one, "id", "kind", "kept", "other", "reason", "actor", "at") for one in events]
    return Then(person, at, held, tuple(attributes), tuple(records), tuple(told))


def changes(conn: Connection, person: UUID, attribute: str | None = None) -> tuple[Change, ...]:
    """Tell each change of a person's attributes, or of one, oldest first; raises UsageError if there is nobody."""
    if history_rows.known_since(conn, person) is None:
        raise UsageError(f"no person `{person}`; `wye people find` finds one by a source's own key")
    links = history_rows.links(conn, person)
    hidden = _hidden(conn, person, links)
    _check_told(person, links, hidden)
    versions = _visible(history_rows.versions(conn, person), hidden)
    wanted = [one for one in versions if attribute in (None, one["attribute"])]
    begun = {(one["attribute"], one["recorded_at"]) for one in wanted}
    found = [
        Change(one["recorded_at"], one["attribute"], one["value"], one["source"], one["record"], one["reason"])
        for one in wanted
    ]
    found += [
        Change(one["superseded_at"], one["attribute"], None, None, None, "no source says it any more")
        for one in wanted
        if one["superseded_at"] is not None and (one["attribute"], one["superseded_at"]) not in begun
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.attribute)))


def _hidden(conn: Connection, person: UUID, links: Iterable[Row]) -> Callable[[object], bool]:
    """Make the test of whether a record may not be told of in this person's history."""
    own = {link["record"] for link in links if link["superseded_at"] is None}
    ever = {link["record"] for link in links} | {one["record"] for one in history_rows.versions(conn, person)}
    ever |= {UUID(each["record"]) for one in history_rows.versions(conn, person) for each in one["contributors"]}
    ever |= {record for event in history_rows.events(conn, person) for record in event["records"]}
    sealed = sealed_among(conn, sorted(ever))
    guarded = bool(own & sealed)

    def hidden(record: object) -> bool:
        number = record if isinstance(record, UUID) else UUID(str(record))
        return number not in own and (guarded or number in sealed)

    return hidden


def _check_told(person: UUID, links: Iterable[Row], hidden: Callable[[object], bool]) -> None:
    """Answer for a person who only ever had records that are sealed elsewhere by now as if there were nobody."""
    found = list(links)
    if found and all(hidden(link["record"]) for link in found):
        raise UsageError(f"no person `{person}`; `wye people find` finds one by a source's own key")


def _visible(versions: Iterable[Row], hidden: Callable[[object], bool]) -> list[dict[str, Any]]:
    """Leave out what may not be told; what stood before lasts until the next that may, so that no gap tells of it."""
    kept: list[dict[str, Any]] = []
    for one in versions:
        last = kept[-1] if kept and kept[-1]["attribute"] == one["attribute"] else None
        follows = last is not None and last["superseded_at"] == one["recorded_at"]
        told = [each for each in one["contributors"] if not hidden(each["record"])]
        if hidden(one["record"]):
            told = []
        elif len(told) < len(one["contributors"]) and len(told) == 1:
            # That there was another to be better than is not told either.
            one = {**one, "reason": ONLY}  # noqa: PLW2901  the same version, as it may be told
            told = [{**told[0], "reason": ONLY}]
        if last is not None and follows and (not told or _same(last, {**one, "contributors": told})):
            last["superseded_at"] = one["superseded_at"]
        elif told:
            kept.append({**one, "contributors": told})
    return kept


def _same(last: Row, one: Row) -> bool:
    return all(last[name] == one[name] for name in ("value", "source", "record", "reason", "contributors"))


def _stood(row: Row, at: datetime) -> bool:
    return bool(row["recorded_at"] <= at and (row["superseded_at"] is None or at < row["superseded_at"]))


def _told(row: Row, *names: str, since: str | None = None) -> Row:
    told = {name: row[name] for name in names}
    return told if since is None else told | {"since": row[since]}
