"""Write what a recipient is told of a mixture: pure text, by the names it knows, without a value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.agreements.days import day_of
from wye.sharing.one_off import Fact


def words(
    recipient: str,
    agreement: str,
    mixed: Sequence[str],
    others: Sequence[str],
    times: Sequence[datetime],
    *,
    in_force: bool,
) -> str:
    """Tell a recipient which subjects were wrong, since when, and what comes of it.

    `mixed` and `others` are pseudonyms: subjects whose messages held too much, and those of whom that was.
    """
    since, until = min(times), max(times)
    count = f"{len(times)} message{'' if len(times) == 1 else 's'}"
    lines = [
        f"To {recipient}, under agreement {agreement}:",
        f"What we sent you of subject {_and(mixed)} from {_time(since)} to {_time(until)} ({count}) is not all theirs.",
    ]
    if others:
        lines.append(f"They are of subject {_and(others)}, whom we took for the same person.")
    if in_force:
        lines.append("The right particulars follow by the feed, as messages that correct, put or withdraw.")
    else:
        lines.append(
            "The agreement is not in force, so nothing follows by the feed: agree with us how it is put right."
        )
    lines.append(
        "Until it is put right please act on none of it without asking us, and tell those to whom you passed it on."
    )
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Group:
    """Hold what was handed over that is of one person now; `known` is false of what nobody can tell whose it is."""

    known: bool
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Hold what was handed over of one person of a request, by whose it is now; of the one named there first."""

    number: int
    groups: tuple[Group, ...]


def once_words(recipient: str, request: UUID, at: datetime, places: Sequence[Place]) -> str:
    """Tell whoever was told once that not all of it is of one person: by the names on what they were handed, without a value."""
    lines = [f"To {recipient}, about what we disclosed to you in confidence on {_time(at)}, reference {request}:"]
    if not places:
        lines.append("Not all that it says of a person is theirs.")
    for place in places:
        lines += _parted(place)
    lines.append(
        "Please act on none of it without asking us, correct or destroy what is not of the person you need it for, and tell"
        " those to whom you passed it on."
    )
    return "\n".join(lines)


def _parted(place: Place) -> Iterator[str]:
    yield f"We took two people for one, and person {place.number} in it is not one person."
    told = [group for group in place.groups if group.known and group.facts]
    if len(told) == 1:
        yield "All of this is of the same one of them, and we do not know whether that is the one you asked about:"
    for number, group in enumerate(told):
        if len(told) > 1:
            yield f"Of {'another' if number else 'one'} of them are:"
        yield from _lines(group)
    for group in place.groups:
        if not group.known:
            yield "Whose these are we cannot tell any more:"
            yield from _lines(group)


def _lines(group: Group) -> Iterator[str]:
    yield from dict.fromkeys(
        f"  {_field(each)} ({each.source}, {day_of(each.observed_at).isoformat()})" for each in group.facts
    )


def _field(fact: Fact) -> str:
    return f"{fact.entity.replace('_', ' ')}: {fact.field.replace('_', ' ')}"


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
