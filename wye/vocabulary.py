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
    KEY = "key"


class ReceiptOutcome(StrEnum):
    """Name what a recipient did with a message."""

    APPLIED = "applied"
    REFUSED = "refused"
    KEPT_UNDER_OWN_DUTY = "kept-under-own-duty"


class OutboxState(StrEnum):
    """Name where an accepted record is: always exactly one of these."""

    WAITING = "waiting"
    NUMBERED = "numbered"
    PUBLISHED = "published"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class EventKind(StrEnum):
    """Name the audit events; the first six are the kinds of section 62(1) of the Data Protection Act 2018."""

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
