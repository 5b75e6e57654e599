"""Gather what a decision about people may look at, in a few round trips for all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from wye.agreements.model import Agreement
from wye.consent.opt_out import names
from wye.consent.rows import consents_of
from wye.identity.known import candidates
from wye.intake.pending_rows import of_persons
from wye.road.hub import Hub
from wye.road.opt_out_answer import Answer, answer_to
from wye.road.protections import protections_of
from wye.sharing.facts import Facts, facts_of, onward_parties
from wye.store.opt_outs import OptOutAnswer


def gather(
    hub: Hub, persons: Sequence[UUID], at: datetime, agreement: Agreement | None = None, answer: Answer | None = None
) -> Iterator[Facts]:
    """Give the facts person by person, in order of person: what is known, consents, what waits, what protects them.

    With the agreement that is decided under, and where the national data opt-out applies to it: what the check answered, which
    whoever asks for many batches reads once and hands in.
    """
    if answer is None and agreement is not None:
        answer = answer_to(hub, agreement)
    pending = of_persons(hub.conn, persons)
    held = consents_of(hub.conn, persons)
    protections = protections_of(hub.conn, persons)
    onward = onward_parties(each.agreement for each in hub.agreements.values())
    for known in candidates(hub.conn, persons):
        who = known.person
        facts = facts_of(known, held.get(who), onward, pending.get(who), at, protections.get(who))
        if answer is not None:
            numbers = [str(each.value) for each in known.attributes.get("nhs_number", ())]
            named = answer.cleared is not None and names(answer.cleared, numbers)
            facts = replace(facts, opt_out=OptOutAnswer(answer.until, named))
        yield facts
