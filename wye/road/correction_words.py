"""Write what a recipient is told of a mixture: pure text, by the names it knows, without a value."""

from collections.abc import Sequence
from datetime import datetime


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


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
