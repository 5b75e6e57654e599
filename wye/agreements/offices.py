"""Check that those sign who must: by the kind of arrangement, and by how sensitive the data are.

Who answers for information signs for each party: within one council the owner of the asset, between bodies its senior
risk owner, Caldicott Guardian or chief officer. A data protection officer advises and decides no purpose (UK GDPR
Article 38(6)), so their signature beside these is welcome and alone is not enough. Where health or care data are shared,
a Caldicott Guardian signs for each body that has one; for internal agreements one is enough. The police sign by a chief
officer for offence data. Which offices must sign is our choice, except as law.md's rows say; terms and laws beyond it are
the signatories' own.
"""

from collections.abc import Iterator

from schemas.catalogue import FIELDS
from schemas.classification import Classification
from wye.agreements.model import Agreement, Party
from wye.agreements.words import Office
from wye.vocabulary import PartyKind, PurposeCode, Template

Complaint = tuple[tuple[str | int, ...], str]

ANSWERS = frozenset({Office.SENIOR_INFORMATION_RISK_OWNER, Office.CALDICOTT_GUARDIAN, Office.ASSISTANT_CHIEF_CONSTABLE})
"""Offices that answer for a body's information towards another body."""

HAS_GUARDIAN = frozenset({PartyKind.COUNCIL, PartyKind.NHS_BODY, PartyKind.CARE_PROVIDER})
"""Bodies that have a Caldicott Guardian."""


def check_offices(agreement: Agreement) -> Iterator[Complaint]:
    """Complain of each party whose signature, or whose right signature, is missing."""
    classes = {
        facts.classification for item in agreement.data_items if (facts := FIELDS.get((item.entity, item.field)))
    }
    internal = agreement.template is Template.INTERNAL
    for index, party in enumerate(agreement.parties):
        if party.kind is PartyKind.PUBLIC:
            continue  # nobody signs for everybody
        place = ("parties", index)
        signing = {signatory.role for signatory in agreement.signatories if signatory.party == party.id}
        if not signing:
            yield place, f"nobody signs for `{party.id}`"
        elif internal and Office.INFORMATION_ASSET_OWNER not in signing:
            yield place, f"`{party.id}` signs by its information-asset-owner under the template `internal`"
        elif not internal and not signing & ANSWERS:
            yield (
                place,
                f"nobody who answers for information signs for `{party.id}`; one of: {', '.join(sorted(ANSWERS))}",
            )
        else:
            yield from ((place, text) for text in _sensitive(agreement, party, signing, classes))
    guardians = any(signatory.role is Office.CALDICOTT_GUARDIAN for signatory in agreement.signatories)
    if internal and Classification.HEALTH in classes and not guardians:
        yield ("signatories",), "health or care data: a caldicott-guardian must sign"


def _sensitive(agreement: Agreement, party: Party, signing: set[Office], classes: set[Classification]) -> Iterator[str]:
    if agreement.template is Template.INTERNAL:
        return
    if party.kind in HAS_GUARDIAN and Classification.HEALTH in classes and Office.CALDICOTT_GUARDIAN not in signing:
        yield f"health or care data: the caldicott-guardian of `{party.id}` must sign"
    police = party.kind is PartyKind.POLICE
    if police and Classification.CRIMINAL in classes and Office.ASSISTANT_CHIEF_CONSTABLE not in signing:
        yield f"offence data: the assistant-chief-constable of `{party.id}` must sign"
    safeguarding = agreement.purpose.code is PurposeCode.SAFEGUARDING
    if safeguarding and party.kind is PartyKind.COUNCIL and Office.SENIOR_INFORMATION_RISK_OWNER not in signing:
        yield f"safeguarding: the senior-information-risk-owner of `{party.id}` must sign"
