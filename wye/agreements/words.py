"""Keep the closed vocabularies that only agreements and their tables of law use; the rest are in wye.vocabulary."""

from enum import StrEnum

from wye.vocabulary import Article6, PartyKind


class PartyAct(StrEnum):
    """Name what a party may do under an agreement."""

    DISCLOSE = "disclose"
    RECEIVE = "receive"


class Relationship(StrEnum):
    """Name what may entitle somebody to look at one person: never the job alone (Caldicott principle 4)."""

    CARES_FOR_THE_PERSON = "cares-for-the-person"
    """Works on the ward or in the team that looks after the person now."""
    ALLOCATED_WORKER = "allocated-worker"
    DUTY_WORKER = "duty-worker"
    """Answers for the person while whoever is allocated is away."""
    LEADS_THE_ENQUIRY = "leads-the-enquiry"
    HANDLES_THE_CASE = "handles-the-case"
    """Works on a payment, claim or complaint of the person's."""


class OnWithdrawal(StrEnum):
    """Say what the withdrawal of a consent does to what was already shared."""

    ASK_TO_DELETE = "ask-to-delete"
    """Nothing more goes out, and a message asks the recipient to take away what it holds."""


class Disposal(StrEnum):
    """Say what a party did with what it held when an agreement ended: what its certificate says."""

    RETURNED = "returned"
    DELETED = "deleted"
    KEPT_UNDER_OWN_DUTY = "kept-under-own-duty"
    """It must keep it by a law of its own, which the certificate names."""


class Handling(StrEnum):
    """Name the conditions under which recipients promise to handle what they received; terms.md says what each means."""

    OFFICIAL_SENSITIVE = "official-sensitive"
    NEED_TO_KNOW = "need-to-know"
    NOT_FOR_THE_PERSON = "not-for-the-person"
    NOT_FOR_EVIDENCE = "not-for-evidence"
    TELL_ORIGINATOR_FIRST = "tell-originator-first"


class Frequency(StrEnum):
    """Say how often an agreement's data flow."""

    AS_IT_CHANGES = "as-it-changes"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Office(StrEnum):
    """Name the offices that may sign an agreement."""

    INFORMATION_ASSET_OWNER = "information-asset-owner"
    SENIOR_INFORMATION_RISK_OWNER = "senior-information-risk-owner"
    CALDICOTT_GUARDIAN = "caldicott-guardian"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    ASSISTANT_CHIEF_CONSTABLE = "assistant-chief-constable"


class LawEnforcementBasis(StrEnum):
    """Name the two limbs of section 35(2) of the Data Protection Act 2018 (Part 3)."""

    CONSENT = "section-35-2-a"
    TASK = "section-35-2-b"


class GatewayKind(StrEnum):
    """Say what a statutory gateway gives: a function implies, cooperation invites, a power allows, a duty compels."""

    DUTY = "duty"
    POWER = "power"
    COOPERATION = "cooperation"
    FUNCTION = "function"


class Article9(StrEnum):
    """Name the points of UK GDPR Article 9(2)."""

    EXPLICIT_CONSENT = "a"
    SOCIAL_PROTECTION = "b"
    VITAL_INTERESTS = "c"
    NOT_FOR_PROFIT = "d"
    MADE_PUBLIC = "e"
    LEGAL_CLAIMS = "f"
    SUBSTANTIAL_PUBLIC_INTEREST = "g"
    HEALTH_OR_SOCIAL_CARE = "h"
    PUBLIC_HEALTH = "i"
    RESEARCH = "j"


REACHED = frozenset({Article6.PUBLIC_TASK, Article6.LEGITIMATE_INTEREST})
"""The points of Article 6(1) that an objection under Article 21 reaches."""


class ConfidentialityBasis(StrEnum):
    """Name the routes through the common-law duty of confidentiality; a UK GDPR basis never answers it."""

    IMPLIED_CONSENT = "implied-consent"
    EXPLICIT_CONSENT = "explicit-consent"
    STATUTE = "statute"
    COURT_ORDER = "court-order"
    SECTION_251 = "section-251"
    PUBLIC_INTEREST = "public-interest"


PUBLIC_AUTHORITIES = frozenset(
    {
        PartyKind.COUNCIL,
        PartyKind.COUNCIL_SERVICE,
        PartyKind.NHS_BODY,
        PartyKind.POLICE,
        PartyKind.PROBATION,
        PartyKind.PRISON,
        PartyKind.SCHOOL,
        PartyKind.HOUSING_AUTHORITY,
        PartyKind.GOVERNMENT_DEPARTMENT,
        PartyKind.SAFEGUARDING_BOARD,
    }
)
"""Bodies to which points (ea) and (f) of Article 6(1) are closed when they do their tasks."""
