"""Say what an agreement may say of what happens to data afterwards: how long kept, passed on, looked at, and how it ends."""

from typing import Annotated

from pydantic import Field

from wye.agreements.part import Name, Part, Period, Text
from wye.agreements.words import Disposal, Handling, Relationship
from wye.vocabulary import Onward, Restriction, RetentionStart


class Retention(Part):
    """Say how long the recipient keeps what it received: an ISO 8601 period and what it runs from."""

    period: Period
    start: RetentionStart


class OnwardTerms(Part):
    """Say to whom recipients may pass on what they received, and how they must handle it."""

    permitted: Onward
    to: tuple[Name, ...] = ()
    handling: tuple[Handling, ...] = ()


class RestrictedRecords(Part):
    """Say what happens to restricted records, and which office is asked."""

    action: Restriction
    refer_to: Text | None = None


class RelationshipTerms(Part):
    """Say which relationship to a person entitles somebody of a recipient to look at them; a feed looks at nobody."""

    any_of: Annotated[tuple[Relationship, ...], Field(min_length=1)]
    why: Text
    trained_within: Period | None = None
    """How long ago whoever looks may last have been trained in information governance; nothing is asked without it."""


class BreakGlass(Part):
    """Say whether somebody without the relationship may look in an emergency, and why or why not."""

    permitted: bool
    why: Text


class Termination(Part):
    """Say how the agreement ends: notice, what a party does with what it holds, and by when it certifies that."""

    notice: Period
    on_end: tuple[Disposal, ...] = ()
    certificate_within: Period | None = None


class Lapse(Part):
    """Name who is told before the agreement lapses, and who takes each case by hand when it has."""

    refer_to: Text
