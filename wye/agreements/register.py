"""Say what the public register holds of an agreement in force: from the signed file, and rounded monthly counts.

An agreement whose `publication.in_register` is false is not in it at all. The digest is the one that every disclosure
under the agreement names in the audit trail: what the register shows and what is enforced are one text.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from wye.agreements.dpv import term_of
from wye.agreements.in_force import InForce
from wye.agreements.law import gateway_of
from wye.agreements.law_in_words import basis_in_words, consent
from wye.agreements.model import Agreement, Item, Party
from wye.agreements.page import name_of, sections
from wye.small_numbers import told

Counts = Mapping[date, int]
"""People about whom something was sent, by the first day of each month; of open data, the releases."""


def in_register(found: Iterable[InForce]) -> list[InForce]:
    """Choose what is published, in the order of ids."""
    return sorted(
        (each for each in found if each.agreement.publication.in_register), key=lambda each: each.agreement.id
    )


def entry(found: InForce, counts: Counts, months: Iterable[date]) -> dict[str, object]:
    """Make one agreement's entry; `months` are those told, since it was enforced, whether or not anything was sent in one."""
    agreement = found.agreement
    row = gateway_of(agreement.gateway)
    return {
        "id": agreement.id,
        "version": agreement.version,
        "digest": found.digest.hex(),
        "page": f"{agreement.id}.html",
        "title": agreement.title,
        "summary": agreement.publication.summary,
        "kind": agreement.template,
        "parties": [_party(each) for each in agreement.parties],
        "purpose": {
            "code": agreement.purpose.code,
            "dpv": term_of("PurposeCode", agreement.purpose.code),
            "description": agreement.purpose.description,
            "prohibited": list(agreement.purpose.prohibited),
        },
        "gateway": None if row is None else {"law": row.name, "text": str(row.status)},
        "about_whom": next(each.sentences[0] for each in sections(agreement) if each.title == "About whom"),
        "data": [_item(item) for item in agreement.data_items],
        "retention": {"period": agreement.retention.period, "start": agreement.retention.start},
        "passed_on": agreement.onward.permitted,
        "from": agreement.effective,
        "to": agreement.expires,
        "reviewed_by": agreement.review_date,
        "rights": list(consent(agreement.consent)),
        "signed_by": [f"{each.role} of {name_of(agreement, each.party)}" for each in agreement.signatories],
        **_a_month(agreement, counts, months),
    }


def _a_month(agreement: Agreement, counts: Counts, months: Iterable[date]) -> dict[str, object]:
    """Tell people by month, small numbers hidden; of open data, which sends nothing about anybody, the releases."""
    if agreement.aggregates is not None:
        told_of = [{"month": f"{month:%Y-%m}", "releases": counts.get(month, 0)} for month in months]
        return {"people_a_month": None, "releases_a_month": told_of}
    people = [{"month": f"{month:%Y-%m}", "people": told(counts.get(month, 0))} for month in months]
    return {"people_a_month": people, "releases_a_month": None}


def _party(party: Party) -> dict[str, object]:
    return {
        "id": party.id,
        "name": party.name,
        "legal_role": party.legal_role,
        "lawful_basis": list(basis_in_words(party.lawful_basis)),
    }


def _item(item: Item) -> dict[str, object]:
    return {
        "entity": item.entity,
        "field": item.field,
        "direction": item.direction,
        "transform": item.transform,
        "justification": item.justification,
    }
