"""Say what may happen to a version of an agreement: one table of states and moves, and what state it is in. Pure.

Some states are facts and not decisions: whether it is signed is found from its signatures, whether it has lapsed from
its dates. People propose, suspend, put in force again and end; the hub notes when it first enforces a version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wye.agreements.events import AgreementEvent
from wye.errors import AgreementRefused
from wye.vocabulary import AgreementState

S = AgreementState


class Move(StrEnum):
    """Name what may happen to a version."""

    PROPOSE = "propose"
    SIGN = "sign"
    BEGIN = "begin"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"
    LAPSE = "lapse"
    SUPERSEDE = "supersede"


class By(StrEnum):
    """Name who or what makes a move."""

    ACCOUNT = "an account, with a reason"
    OFFICES = "the last office that must sign"
    TIME = "its dates"
    NEWER = "a newer version put in force"


@dataclass(frozen=True, slots=True)
class Transition:
    """Be one row: from which states a move is possible, where it leads, by whom, and what it does."""

    move: Move
    before: tuple[AgreementState, ...]
    after: AgreementState
    by: By
    does: str


TRANSITIONS = (
    Transition(Move.PROPOSE, (S.DRAFT,), S.PROPOSED, By.ACCOUNT, "the text lies before its signatories"),
    Transition(Move.SIGN, (S.DRAFT, S.PROPOSED), S.SIGNED, By.OFFICES, "nothing flows before the first day"),
    Transition(Move.BEGIN, (S.SIGNED,), S.ACTIVE, By.TIME, "flows begin; the text is kept for ever"),
    Transition(Move.SUSPEND, (S.SIGNED, S.ACTIVE), S.SUSPENDED, By.ACCOUNT, "flows stop at once"),
    Transition(Move.RESUME, (S.SUSPENDED,), S.ACTIVE, By.ACCOUNT, "flows go on; everybody in scope is decided again"),
    Transition(Move.END, (S.SIGNED, S.ACTIVE, S.SUSPENDED, S.LAPSED), S.TERMINATED, By.ACCOUNT,
               "flows stop for ever; each party that received owes a certificate"),
    Transition(Move.LAPSE, (S.ACTIVE,), S.LAPSED, By.TIME, "flows stop"),
    Transition(Move.SUPERSEDE, (S.SIGNED, S.ACTIVE, S.SUSPENDED, S.LAPSED), S.SUPERSEDED, By.NEWER,
               "flows go on under the newer version only"),
)  # fmt: skip
"""INVARIANT: from `terminated` and `superseded` nothing leads anywhere."""

STOPPED = frozenset({S.SUSPENDED, S.SUPERSEDED, S.TERMINATED})
"""States given by an event under which nothing is shared."""


def moved(state: AgreementState, move: Move) -> AgreementState:
    """Give the state after a move; raises AgreementRefused saying what is possible from here."""
    for row in TRANSITIONS:
        if row.move is move and state in row.before:
            return row.after
    possible = ", ".join(row.move for row in TRANSITIONS if state in row.before) or "nothing, for ever"
    raise AgreementRefused(
        f"a version that is `{state}` cannot be moved by `{move}`; from there is possible: {possible}"
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what is found of a version's text: how many must sign and did, and whether its days have come or gone."""

    must_sign: int
    signed: int
    begun: bool
    over: bool


def state_of(found: Found, events: Sequence[AgreementEvent]) -> AgreementState:
    """Give the state of a version, with its own events up to now, oldest first."""
    newest = events[-1].state if events else None
    if newest in STOPPED:
        return newest
    if found.signed < found.must_sign:
        return S.PROPOSED if found.signed or newest is S.PROPOSED else S.DRAFT
    if found.over:
        return S.LAPSED
    return S.ACTIVE if found.begun else S.SIGNED


def life_page(note: str) -> str:
    """Write the table for people who look after agreements."""
    lines = [
        "# The life of a version",
        "",
        note,
        "",
        "| move | from | to | by | what it does |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {row.move} | {', '.join(row.before)} | {row.after} | {row.by} | {row.does} |" for row in TRANSITIONS]
    return "\n".join([*lines, ""])
