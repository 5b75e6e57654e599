"""Name the question that a named human is asked, where a duty meets a restricted record: once for what makes the duty. Pure."""

from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from wye.agreements.days import day_of
from wye.agreements.model import Agreement
from wye.sharing.subjects import subject_records
from wye.store.known import PersonKnown


def question(agreement: Agreement, known: PersonKnown, at: datetime) -> UUID:
    """Name it for ever: another change of the same person is no new question, another referral of theirs is one."""
    records = subject_records(agreement.subjects, known, day_of(at).isoformat())
    about = " ".join(str(each) for each in records)
    return uuid5(NAMESPACE_OID, f"wye:referred:{agreement.id}:{known.person}:{about}")
