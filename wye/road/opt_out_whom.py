"""Choose whom the national check of opt-outs is asked about: whoever would leave, by numbers that may go to the NHS; nobody else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from wye.agreements.in_force import InForce
from wye.agreements.law import prohibitions
from wye.batch import in_hand
from wye.consent.opt_out import RECIPIENT, Question, question
from wye.road.decide import Decider
from wye.road.gather import gather
from wye.road.hub import Hub
from wye.sharing.facts import Facts
from wye.sharing.subjects import considered_persons
from wye.store.known import Candidate
from wye.store.opt_outs import OptOutAnswer
from wye.vocabulary import Outcome

NO_OPT_OUT = OptOutAnswer(datetime.max.replace(tzinfo=UTC), named=True)
"""What is assumed of each: that they have no opt-out. Whoever would then leave is asked about."""


def whom(
    hub: Hub, standing: InForce, at: datetime, say: Callable[[str], None]
) -> tuple[Question, list[tuple[UUID, str]]]:
    """Give the numbers to ask about, and the people with one number each, by which their entry is found."""
    decider = Decider(hub, standing)
    barred = frozenset(source for row in prohibitions() if row.trigger == "source" for source in row.sources)
    subjects = considered_persons(hub.conn, standing.agreement, at)
    numbers: set[str] = set()
    people: list[tuple[UUID, str]] = []
    for start in range(0, len(subjects), hub.settings.batch_rows):
        batch = subjects[start : start + hub.settings.batch_rows]
        with in_hand():
            for facts in gather(hub, batch, at):
                decision = decider.policy.decide(decider.request, replace(facts, opt_out=NO_OPT_OUT), at)
                held = askable(facts, barred) if decision.outcome is Outcome.RELEASE else ()
                numbers.update(held)
                people += [(facts.known.person, held[0])] if held else []
        say(f"{start + len(batch):,} of {len(subjects):,} people looked at")
    return question(numbers), people


def askable(facts: Facts, barred: frozenset[str]) -> tuple[str, ...]:
    """Give every NHS number that is held of a person, or none if one of them may not go to the NHS: all have to be asked about.

    It may go if some source's word of it is not in doubt, comes of no source that statute bars (whatever gateway the agreement has),
    and, where a partner sent it, may be passed on to the NHS; and nothing goes of whose record is restricted against the NHS.
    """
    if facts.restricted_against is None or RECIPIENT in facts.restricted_against:
        return ()
    held = facts.known.attributes.get("nhs_number", ())
    every = question(str(each.value) for each in held).numbers
    may_go = question(str(each.value) for each in held if _may_go(each, facts, barred)).numbers
    return every if may_go == every else ()


def _may_go(held: Candidate, facts: Facts, barred: frozenset[str]) -> bool:
    if held.doubt is not None or held.source in barred:
        return False
    return held.agreement is None or RECIPIENT in (facts.onward or {}).get(held.agreement, ())
