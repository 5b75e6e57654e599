"""Write and read the files by which the NHS tells who has no national data opt-out: pure; England only.

The Check for National Data Opt-outs service takes a file of NHS numbers over MESH and gives back those without an opt-out.
It is asked for each extract anew. INVARIANT: an answer is used for its extract and thrown away: that somebody opted out is
never put on their record, in a log or in a message (NHS Digital's operational policy guidance, chapter 8; DCB3058).

The opt-out is about confidential patient information used beyond a person's own care. It has no effect on their care, and
does not reach children's social care (operational policy guidance). Layout: one number, a comma and a line feed to a line;
read in the UK Renal Registry's notes on the service and not in its own specification, so anything else is refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from wye.errors import BadInput, UsageError
from wye.nhs_number import valid

RECIPIENT = "nhs-england"
"""Who is asked, and so learns the numbers asked about: the body whose service it is."""
WORKFLOW = "SPINE_NTT_UPHOLDING"
"""The workflow id of a question at MESH."""

_LINE = re.compile(rb"[0-9]{10},")
_MAILBOX = re.compile(r"[A-Z0-9]{5,20}")
_PER_MONTH = 9999


@dataclass(frozen=True, slots=True)
class Question:
    """Hold the NHS numbers of one extract, each once, sorted: their order tells nothing. Most sensitive class: identifier."""

    numbers: tuple[str, ...]


def question(held: Iterable[str | None]) -> Question:
    """Ask about each number that is an NHS number, however it is written; of whoever has none nobody can be asked, so nothing is used."""
    return Question(tuple(sorted({number for each in held if (number := valid(each)) is not None})))


def write(asked: Question) -> bytes:
    """Write the file that is sent: ASCII, one number to a line."""
    return b"".join(f"{number},\n".encode("ascii") for number in asked.numbers)


def read(answer: bytes, asked: Question) -> frozenset[str]:
    """Read the file that came back: the numbers that may be used. Raises BadInput, naming a line and never a number.

    What is left out of an answer is not used, so an answer that was cut off at a line's end uses too few and never too many.
    """
    lines = answer.split(b"\n")
    if lines.pop() != b"":
        raise BadInput("opt-out answer: its last line has no end; it may be cut off")
    known, found = frozenset(asked.numbers), set[str]()
    for place, line in enumerate(lines, 1):
        if _LINE.fullmatch(line) is None:
            raise BadInput(f"opt-out answer, line {place}: a line is ten digits and a comma")
        number = line[:-1].decode("ascii")
        if number not in known:
            raise BadInput(f"opt-out answer, line {place}: a number that was not asked about: the answer is another's")
        if number in found:
            raise BadInput(f"opt-out answer, line {place}: a number stands there twice")
        found.add(number)
    return frozenset(found)


def names(cleared: frozenset[str], held: Iterable[str]) -> bool:
    """Say whether an answer names a person: every NHS number that is held of them, and there is one.

    Which of two numbers is theirs nobody knows, so both must have been asked about, and be without an opt-out.
    """
    numbers = question(held).numbers
    return bool(numbers) and cleared.issuperset(numbers)


def file_name(mailbox: str, day: date, sequence: int) -> str:
    """Name a file: mailbox, day and the file's number in its month, from 1; raises UsageError."""
    if _MAILBOX.fullmatch(mailbox) is None:
        raise UsageError(f"`{mailbox}` is no MESH mailbox: capital letters and digits")
    if not 1 <= sequence <= _PER_MONTH:
        raise UsageError(f"`{sequence}` is no file's number in its month: from 1 to {_PER_MONTH}")
    return f"{mailbox}-{day:%d%m%y}-{sequence:04}.dat"
