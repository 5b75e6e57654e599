"""Decide for a batch of people under one agreement: gather the facts, ask the policy. Used by share, relay and explain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wye.agreements.in_force import InForce, recheck
from wye.agreements.model import Agreement
from wye.exchange.pseudonym import pseudonym
from wye.nhs_number import digits_of
from wye.ports import Disclosure
from wye.road.gather import gather
from wye.road.hub import Hub
from wye.sharing.asking import question
from wye.sharing.cases import admit
from wye.sharing.decision import Decision, Request
from wye.sharing.policy import Policy
from wye.sharing.transforms import key_label


@dataclass(frozen=True, slots=True)
class Decided:
    """Hold one person's decision, and what search tokens its audit entry needs."""

    person: UUID
    subject: str
    decision: Decision
    nhs_number: str | None
    referred: UUID | None = None
    """Restricted, and the agreement says that a named human is asked: the id of that question (wye.road.referred)."""


class Decider:
    """Decide under one agreement in force, as the recipient's feed asks; raises AgreementRefused if the text changed."""

    def __init__(self, hub: Hub, standing: InForce) -> None:
        recheck(standing)
        self._hub = hub
        self.agreement: Agreement = standing.agreement
        # A release under which a signed case fails refuses the agreement: its examples are part of what was signed.
        self.policy: Policy = admit(standing, hub.keys.mac_key(key_label(self.agreement.id)))
        self.request: Request = self.policy.request()
        self._pseudonym_key = hub.keys.mac_key(f"pseudonym/{self.agreement.recipient}")

    def decide(self, persons: Sequence[UUID], at: datetime) -> list[Decided]:
        """Decide each person, in order of person."""
        found: list[Decided] = []
        for facts in gather(self._hub, persons, at, self.agreement):
            person = facts.known.person
            numbers = facts.known.attributes.get("nhs_number", ())
            decision = self.policy.decide(self.request, facts, at)
            found.append(
                Decided(
                    person,
                    pseudonym(person, self._pseudonym_key),
                    decision,
                    digits_of(numbers[0].value) if numbers else None,
                    question(self.agreement, facts.known, at) if decision.refer_to is not None else None,
                )
            )
        return found

    def disclosure(self, decided: Decided, at: datetime) -> Disclosure:
        """Give what the connector shapes."""
        return decided.decision.disclosure(self.request, self.agreement.version, decided.subject, at)
