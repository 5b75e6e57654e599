"""Keep small numbers of people from being told where many may read them: hidden, or rounded.

The thresholds are Wye's own choice, on the side of caution. A number that is told is rounded, so that a small one cannot
be found by taking one page's number from another's; nought is hidden too, for "nobody" tells something about everybody.
"""

LEAST = 10
"""People below which a number is not told."""
STEP = 5
"""What numbers that are told are rounded to."""


def told(people: int) -> int | None:
    """Give a number of people as it may be published: rounded to STEP, or None where it is under LEAST."""
    return None if people < LEAST else STEP * round(people / STEP)


def in_words(number: int | None) -> str:
    """Say a number as `told` gave it."""
    return f"fewer than {LEAST}" if number is None else f"about {number:,}"
