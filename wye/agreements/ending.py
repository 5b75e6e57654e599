"""Say who owes what when an agreement ends. Pure."""

from datetime import date

from wye.agreements.days import later
from wye.agreements.model import Agreement
from wye.agreements.words import PartyAct


def owing(agreement: Agreement, day: date) -> tuple[tuple[str, ...], date]:
    """Say which parties owe a certificate when it ends on a day, and by when: each that received."""
    within = agreement.termination.certificate_within
    if within is None:  # open data: what was published cannot come back
        return (), day
    parties = tuple(party.id for party in agreement.parties if PartyAct.RECEIVE in party.may)
    return parties, later(day, within)
