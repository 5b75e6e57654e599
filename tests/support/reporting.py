"""Write invented entries about one person, and sit at a desk that makes reports of them, as one account or another."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from audit_log import AT, PERSON, an_event
from example_agreements import AGREEMENTS

from wye.agreements.in_force import read_agreement
from wye.audit.append import Appended, append
from wye.audit.event import Event
from wye.keys.file import FileKeys
from wye.road.report.decide import decide
from wye.road.report.desk import Desk
from wye.road.report.texts import Texts
from wye.road.report.verdict import Verdict
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import EventKind, Exemption

DRAFTER, SECOND = "pat.auditor", "sam.guardian"
PLAIN = ("person.family_name", "person.birth_date")
CARE = "care_package.service"
HOSPITAL = {"agreement": "adult-care-acute", "recipient": "arrowshire-hospitals", "purpose": "direct-care"}
POLICE = {"agreement": "safeguarding-police", "recipient": "marches-police", "purpose": "safeguarding"}
POLICE_WORDS = ("marches", "police", "safeguarding", "Crime and Disorder", "2026-11-22", "22 November")
"""What only a line to the police on the second day says; nothing released may say any of it once that is withheld."""


def texts() -> Texts:
    """The example agreements, as they stand."""
    found = [read_agreement(path.parent).agreement for path in sorted(AGREEMENTS.glob("*/agreement.yaml"))]
    return Texts({one.id: one for one in found}, "arrowshire-council")


def to_hospital(day: int = 0, **known: object) -> Event:
    """A disclosure to the hospital of what no rule marks, so many days after the first."""
    at = AT + timedelta(days=day)
    return an_event(**{**HOSPITAL, "fields": PLAIN, "outcome": "put", "at": at, "message": uuid7()} | known)


def to_police(day: int = 0, **known: object) -> Event:
    """A disclosure to the police."""
    return to_hospital(day, **POLICE | known)


def written(conn: Connection, keys: FileKeys, *events: Event) -> list[Appended]:
    """Append each at its own time."""
    return [one for event in events for one in append(conn, keys, [event], event.at)]


def desk(conn: Connection, keys: FileKeys, actor: str = DRAFTER, *, later: int = 40, of: Texts | None = None) -> Desk:
    """Sit down as an account, so many days after the first disclosure."""
    at: datetime = AT + timedelta(days=later)
    return Desk(conn, keys, of or texts(), actor, at)


def withheld(line: int, exemption: Exemption = Exemption.CRIME_AND_TAX) -> Verdict:
    return Verdict(line=line, word="withhold", exemption=exemption, reason="a live enquiry")


def told(line: int, **known: object) -> Verdict:
    return replace(Verdict(line=line, word="release", exemption=None, reason="the person is to know"), **known)


def say(at: Desk, report: UUID, verdict: Verdict) -> None:
    """Say a second person's word."""
    decide(replace(at, actor=SECOND), report, verdict)


def entries_of(conn: Connection, keys: FileKeys, kind: EventKind) -> list[Event]:
    """Every entry of a kind about the person, oldest first."""
    from wye.audit.search import search

    found = search(conn, keys, person=PERSON, searcher="a test", purpose="a test", at=AT)
    return [each.event for each in found if each.event is not None and each.event.kind is kind]
