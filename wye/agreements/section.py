"""Hold the sections of an agreement in plain English, as text and HTML print them alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """Be one field that goes one way: what it is, what is done to it, whence, to whom, and why."""

    entity: str
    about: str
    done: str
    sources: str
    roles: str
    kept: str
    why: str


@dataclass(frozen=True, slots=True)
class Section:
    """Be one section: sentences, points of a list, and fields."""

    title: str
    sentences: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    after: tuple[str, ...] = ()
    """Sentences that follow the points."""
