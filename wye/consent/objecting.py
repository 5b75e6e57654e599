"""Say what an objection does under an agreement: pure. Article 21 reaches processing on points (e) and (f) only.

Source: UK GDPR Article 21(1). Whether it reaches point (ea) is unconfirmed, and no public authority stands on it.
"""

from calendar import monthrange
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from wye.agreements.model import Agreement
from wye.agreements.words import REACHED
from wye.vocabulary import Article6, ObjectionUse


class Effect(StrEnum):
    """Name what an objection does under one agreement."""

    WITHHELD = "withheld"
    TO_ANSWER = "to-answer"
    NO_EFFECT = "no-effect"


class Reach(NamedTuple):
    """Say what an objection does under one agreement, and why."""

    agreement: str
    version: str
    effect: Effect
    why: str


def reach(agreement: Agreement, scope: str) -> Reach | None:
    """Say what an objection in a scope does under an agreement; none if the agreement is about another scope."""
    objections = agreement.consent.objections
    if (objections.scope or agreement.consent.scope) != scope:
        return None
    effect, why = _effect(agreement)
    return Reach(agreement.id, agreement.version, effect, why)


def points(agreement: Agreement) -> tuple[Article6, ...]:
    """Give the points of Article 6(1) that its parties stand on, in the order of the letters."""
    return tuple(sorted({each.point for party in agreement.parties for each in party.lawful_basis.article6}))


def answer_by(said_on: date) -> date:
    """Give the last day for telling the person: one month after, or that month's last day (UK GDPR Article 12(3))."""
    year, month = (said_on.year + 1, 1) if said_on.month == 12 else (said_on.year, said_on.month + 1)  # noqa: PLR2004  December
    return date(year, month, min(said_on.day, monthrange(year, month)[1]))


def _effect(agreement: Agreement) -> tuple[Effect, str]:
    use = agreement.consent.objections.use
    if use is not ObjectionUse.NOT_USED:
        how = {
            ObjectionUse.GATEWAY_EXCEPTION: "its gateway makes an exception of who objects",
            ObjectionUse.ARTICLE_21: "UK GDPR Article 21",
            ObjectionUse.OUR_CHOICE: "our own choice, stricter than the law",
        }[use]
        return Effect.WITHHELD, f"nothing of the person is shared under it: {how}"
    stands = points(agreement)
    if REACHED & set(stands):
        return Effect.TO_ANSWER, (
            "it does not stop at an objection, and Article 21 reaches it: somebody has to find compelling legitimate grounds"
            " to go on, or have the sharing stopped"
        )
    on = ", ".join(f"6(1)({each})" for each in stands) or "no point of Article 6 (law enforcement, Part 3)"
    return Effect.NO_EFFECT, f"it has no effect: the agreement stands on {on}, which Article 21 does not reach"
