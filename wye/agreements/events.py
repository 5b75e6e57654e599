"""Say what happened to a version of an agreement: the newest event counts."""

from dataclasses import dataclass
from datetime import datetime

from wye.vocabulary import AgreementState


@dataclass(frozen=True, slots=True)
class AgreementEvent:
    """Hold one event: who moved which text (by digest) to which state, and why."""

    agreement: str
    version: str
    digest: bytes
    state: AgreementState
    actor: str
    reason: str
    at: datetime
