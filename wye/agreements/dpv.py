"""Say how words of agreements relate to the W3C's Data Privacy Vocabulary: dpv.yaml, for readers beyond this hub."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from wye.agreements.loading import load, read
from wye.agreements.part import Part

HERE = Path(__file__).parent


class Word(Part):
    """Relate one word of ours to a term, or say that it is ours alone."""

    word: str
    term: Annotated[str, StringConstraints(pattern=r"^[a-z]+:[A-Za-z0-9-]+$")] | None = None
    match: Literal["exact", "broader"] | None = None


class Terms(Part):
    """Hold dpv.yaml: prefixes, and the words of each vocabulary."""

    prefixes: dict[str, str]
    vocabularies: dict[str, Annotated[tuple[Word, ...], Field(min_length=1)]]


@cache
def terms() -> Terms:
    """Read the table."""
    return load(Terms, read(HERE / "dpv.yaml"), "dpv.yaml").value


def term_of(vocabulary: str, word: str) -> str | None:
    """Give a word's term as a whole address, or None where the word is ours alone."""
    for row in terms().vocabularies.get(vocabulary, ()):
        if row.word == word and row.term is not None:
            prefix, _, name = row.term.partition(":")
            return terms().prefixes[prefix] + name
    return None
