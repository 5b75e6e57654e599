"""Tell words that say why from words that say nothing."""

SHORTEST = 3
"""Characters below which a word of reason is none."""


def says_nothing(reason: str) -> bool:
    """Say whether a reason, or whatever else somebody has to put into words, is as good as empty."""
    return len(reason.strip()) < SHORTEST
