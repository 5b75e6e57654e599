"""Keep the closed vocabularies of law and policy in one place: agreements and contracts refuse any other word."""

from enum import StrEnum


class Dimension(StrEnum):
    """Name the six dimensions of data quality (DAMA UK, 2013; Government Data Quality Framework, 2020)."""

    ACCURACY = "accuracy"
    COMPLETENESS = "completeness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    UNIQUENESS = "uniqueness"
    VALIDITY = "validity"


class Carried(StrEnum):
    """Name what a contract may say that a stream, or one of its columns, carries."""

    PROTECTION = "protection"
    """A restriction, a sealed identity, a safe address, an objection or a refusal: what makes a decision withhold."""


class Severity(StrEnum):
    """Say what a failed rule does (ODCS 3.1): the row waits in quarantine; only the value is left out; it is counted."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class CheckOutcome(StrEnum):
    """Say how a table rule ended. A rule that could not be tried is broken: that is no pass, and no bad data either."""

    PASS = "pass"  # noqa: S105  a verdict, no password
    WARN = "warn"
    HOLD = "hold"
    BROKEN = "broken"


class Template(StrEnum):
    """Name what kind of arrangement an agreement is."""

    RECIPROCAL = "reciprocal"
    ONE_WAY = "one-way"
    JOINT_CONTROLLERS = "joint-controllers"
    PROCESSOR = "processor"
    INTERNAL = "internal"
    OPEN_DATA = "open-data"


class Direction(StrEnum):
    """Say which way a data item flows, seen from the council."""

    OUT = "out"
    IN = "in"
    COUNT = "count"
    """Goes nowhere: people are counted by it, and what is published are numbers."""


class Outcome(StrEnum):
    """Say how a decision ends."""

    RELEASE = "release"
    WITHHOLD = "withhold"


class Action(StrEnum):
    """Say what happens to one field: `unknown` means that we hold nothing, `withhold` that a rule masks it."""

    RELEASE = "release"
    WITHHOLD = "withhold"
    UNKNOWN = "unknown"


class MessageKind(StrEnum):
    """Name what a message on a feed asks its recipient to do."""

    PUT = "put"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    MERGE = "merge"
    SPLIT = "split"
    VOID = "void"
    RECALL = "recall"
    """Give back or destroy what you hold of the subject, and answer which."""
    KEY = "key"


class ReceiptOutcome(StrEnum):
    """Name what a recipient did with a message."""

    APPLIED = "applied"
    REFUSED = "refused"
    KEPT_UNDER_OWN_DUTY = "kept-under-own-duty"


class RecallGround(StrEnum):
    """Say why something is called back (UK GDPR Articles 16 to 19; Data Protection Act 2018 section 38(5))."""

    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    SENT_IN_ERROR = "sent-in-error"


class RecallAnswer(StrEnum):
    """Name what a recipient answers to a recall."""

    RETURNED = "returned"
    DELETED = "deleted"
    KEPT_UNDER_OWN_DUTY = "kept-under-own-duty"
    CANNOT = "cannot"


class OutboxState(StrEnum):
    """Name where an accepted record is: always exactly one of these."""

    WAITING = "waiting"
    NUMBERED = "numbered"
    PUBLISHED = "published"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class EventKind(StrEnum):
    """Name the audit events; the first six are the kinds of section 62(1) of the Data Protection Act 2018.

    docs/audit.md says who writes each.
    """

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    REFUSAL = "refusal"
    RECEIPT = "receipt"
    MERGE = "merge"
    UNMERGE = "unmerge"
    AGREEMENT = "agreement"
    KEY = "key"
    MODEL = "model"
    REPORT = "report"
    VERIFICATION = "verification"
    UNSENT = "unsent"
    """A disclosure that is on the record and never left: it was withheld, or replaced, when decided again."""
    EXPORT = "export"
    SIGN_IN = "sign-in"
    ONE_OFF_DISCLOSURE = "one-off-disclosure"
    BREAK_GLASS = "break-glass"
    PUBLICATION = "publication"


class Exemption(StrEnum):
    """Name why part of a report may be withheld from the person it is about; wye.road.report.exemptions.law has the law."""

    SERIOUS_HARM = "serious-harm"
    THIRD_PARTIES = "third-parties"
    CRIME_AND_TAX = "crime-and-tax"
    HEALTH = "health"
    SOCIAL_WORK = "social-work"
    EDUCATION = "education"
    CHILD_ABUSE = "child-abuse"
    EXPECTED_SECRECY = "expected-secrecy"
    PRIVILEGE = "privilege"
    STATUTORY_BAR = "statutory-bar"
    LAW_ENFORCEMENT = "law-enforcement"


class PartyKind(StrEnum):
    """Name what kind of body a party is; gateways say which kinds may disclose and receive."""

    COUNCIL = "council"
    COUNCIL_SERVICE = "council-service"
    NHS_BODY = "nhs-body"
    POLICE = "police"
    PROBATION = "probation"
    PRISON = "prison"
    SCHOOL = "school"
    CHILDCARE = "childcare"
    HOUSING_AUTHORITY = "housing-authority"
    GOVERNMENT_DEPARTMENT = "government-department"
    SAFEGUARDING_BOARD = "safeguarding-board"
    CARE_PROVIDER = "care-provider"
    HOUSING_ASSOCIATION = "housing-association"
    CHARITY = "charity"
    PUBLIC = "public"


class LegalRole(StrEnum):
    """Say what a party is to the data (UK GDPR Articles 4(7), 26 and 28); the last two are for internal agreements and open data."""

    CONTROLLER = "controller"
    JOINT_CONTROLLER = "joint-controller"
    PROCESSOR = "processor"
    PART_OF_CONTROLLER = "part-of-controller"
    PUBLIC = "public"


class Article6(StrEnum):
    """Name the points of UK GDPR Article 6(1)."""

    CONSENT = "a"
    CONTRACT = "b"
    LEGAL_OBLIGATION = "c"
    VITAL_INTERESTS = "d"
    PUBLIC_TASK = "e"
    RECOGNISED_LEGITIMATE_INTEREST = "ea"
    LEGITIMATE_INTEREST = "f"


class PurposeCode(StrEnum):
    """Name what data may be shared for; the first word of each is ours where W3C DPV has no term."""

    DIRECT_CARE = "direct-care"
    SAFEGUARDING = "safeguarding"
    CARE_PAYMENTS = "care-payments"
    CRIME_PREVENTION = "crime-prevention"
    ACCURACY = "accuracy"
    EDUCATION = "education"
    HOUSING = "housing"
    RESEARCH = "research"
    OPEN_STATISTICS = "open-statistics"


class ConsentKind(StrEnum):
    """Name what a person may have agreed or objected to; the words of the canonical Consent."""

    CONFIDENTIALITY = "confidentiality"
    UK_GDPR = "uk-gdpr"
    OBJECTION = "objection"


class ConsentScope(StrEnum):
    """Name what a consent or an objection covers; the words of the canonical Consent."""

    HEALTH = "share-with-health"
    POLICE = "share-with-police"
    COUNCIL = "share-inside-council"


class GiverCapacity(StrEnum):
    """Say in what capacity somebody gave, refused or withdrew; wye.consent.giving says who may do it for whom.

    A best-interests decision (Mental Capacity Act 2005 section 4) is none: it is made about somebody who cannot consent.
    """

    PERSON = "person"
    GILLICK = "gillick-competent-child"
    PARENT = "parental-responsibility"
    DEPUTY = "deputy"
    ATTORNEY = "attorney"


class ConsentUse(StrEnum):
    """Say what a consent means here: needed, heeded when refused, or no part of the basis."""

    REQUIRED = "required"
    HONOURED = "honoured"
    NOT_USED = "not-used"


class ObjectionUse(StrEnum):
    """Say why an objection is heeded: the gateway's own exception, Article 21, our choice; or why not."""

    GATEWAY_EXCEPTION = "gateway-exception"
    ARTICLE_21 = "article-21"
    OUR_CHOICE = "our-choice"
    NOT_USED = "not-used"


class Restriction(StrEnum):
    """Say what happens to a restricted record: nothing leaves; or nothing leaves and a named human is asked."""

    WITHHOLD = "withhold"
    REFER = "refer"


class Transform(StrEnum):
    """Name what is done to a value before it leaves."""

    AS_IS = "as-is"
    MASK = "mask"
    YEAR_OF_BIRTH = "year-of-birth"
    AGE_BAND = "age-band"
    OUTWARD_POSTCODE = "outward-postcode"
    LOCALITY = "locality"
    INITIAL = "initial"
    KEYED_PSEUDONYM = "keyed-pseudonym"
    DATE_SHIFT = "date-shift"
    FLAG_ONLY = "flag-only"
    DROP = "drop"


class Role(StrEnum):
    """Name in which role a recipient receives: `feed` is its system, which answers for its own access control."""

    FEED = "feed"
    DISCHARGE_COORDINATOR = "discharge-coordinator"
    SAFEGUARDING_OFFICER = "safeguarding-officer"
    PAYMENTS_OFFICER = "payments-officer"


class Onward(StrEnum):
    """Say to whom a recipient may pass on what it received."""

    NONE = "none"
    NAMED = "named"
    ANYBODY = "anybody"


class RetentionStart(StrEnum):
    """Say from when the recipient's retention period runs."""

    RECEIPT = "receipt"
    END_OF_CARE = "end-of-care"
    LAST_CONTACT = "last-contact"
    CASE_CLOSED = "case-closed"
    END_OF_FINANCIAL_YEAR = "end-of-financial-year"


class MediaType(StrEnum):
    """Name the formats of a message's content."""

    FHIR_R4_BUNDLE = "fhir-r4-bundle"
    POLE_JSON = "pole-json"
    CANONICAL_JSON = "canonical-json"
    CSV_AND_JSON = "csv-and-json"


class GatewayException(StrEnum):
    """Name the exceptions that gateways make themselves."""

    OBJECTS = "objects"
    ANONYMOUS_ACCESS_PROVIDER = "anonymous-access-provider"
    NOT_KNOWN = "not-known"
    OTHER_REASON = "other-reason"
    MORE_DETRIMENTAL_TO_CHILD = "more-detrimental-to-child"
    INCOMPATIBLE_WITH_OWN_DUTIES = "incompatible-with-own-duties"
    UNREASONABLE = "unreasonable"
    NO_CONSENT = "no-consent"
    SAFEGUARDS = "safeguards"
    PATIENT_INFORMATION = "patient-information"
    HEALTH_OR_SOCIAL_CARE_AUTHORITY = "health-or-social-care-authority"
    AGAINST_DATA_PROTECTION_LAW = "against-data-protection-law"
    INTELLIGENCE_SERVICE_INFORMATION = "intelligence-service-information"
    FUNCTION_LIMITS = "function-limits"
    OWN_FUNCTIONS_ONLY = "own-functions-only"


class LawStatus(StrEnum):
    """Say how a row of law was found: read in its text, read in another's summary, or not seen (switched off)."""

    READ = "read"
    READ_SECOND_HAND = "read-2nd"
    UNCONFIRMED = "unconfirmed"


class AgreementState(StrEnum):
    """Name the states of a version of an agreement; wye.agreements.life says which leads to which."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    SIGNED = "signed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"
    TERMINATED = "terminated"
