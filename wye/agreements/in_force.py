"""Find which agreements are in force, and say of every other one why it is not: nothing is shared under it.

In force is: readable, checked, signed by every office and nobody else, within its dates, its gateway open, and not
suspended or terminated by an event. The digest is checked again wherever something is decided or sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wye.agreements.cases import Cases
from wye.agreements.checking import check
from wye.agreements.days import day_of
from wye.agreements.events import AgreementEvent
from wye.agreements.law import gateway_of
from wye.agreements.life import STOPPED
from wye.agreements.loading import Document, decode, load
from wye.agreements.model import Agreement
from wye.agreements.rows import events_of
from wye.agreements.signing import SignedText, Signers, load_signers, verify
from wye.errors import AgreementRefused
from wye.settings import Settings
from wye.store.database import Connection
from wye.vocabulary import AgreementState

ENFORCED = frozenset({AgreementState.ACTIVE, AgreementState.SUSPENDED})
"""Events of texts that were put before everybody as the version's own."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Hold one agreement as read from its folder: what it says, its cases, and the digest of the signed bytes."""

    folder: Path
    document: Document[Agreement]
    cases: Document[Cases]
    text: SignedText
    digest: bytes

    @property
    def agreement(self) -> Agreement:
        """Give what the agreement says."""
        return self.document.value


@dataclass(frozen=True, slots=True)
class Refused:
    """Say why an agreement is not in force, a reason a line."""

    id: str
    why: str


@dataclass(frozen=True, slots=True)
class InForce:
    """Hold an agreement in force, and the digest of the text for which that holds."""

    agreement: Agreement
    digest: bytes
    folder: Path
    cases: Cases


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold what is in force and what is not, by id."""

    in_force: Mapping[str, InForce]
    refused: Mapping[str, str]


def read_agreement(folder: Path) -> Loaded:
    """Read one agreement's folder, signed or not; raises AgreementRefused with file and line."""
    return read_text(folder, SignedText.of(folder))


def read_text(folder: Path, text: SignedText) -> Loaded:
    """Read a text that stands, or once stood, in a folder; raises AgreementRefused with file and line."""
    document = load(Agreement, text.files["agreement.yaml"], f"{folder.name}/agreement.yaml")
    cases = load(Cases, text.files["cases.yaml"], f"{folder.name}/cases.yaml")
    if not decode(text.files["terms.md"], f"{folder.name}/terms.md").strip():
        raise AgreementRefused(f"{folder.name}/terms.md:1: nothing in it; the terms are what people agree to")
    if document.value.id != folder.name:
        where = document.where(("id",))
        raise AgreementRefused(f"{where}: id `{document.value.id}` stands in the folder `{folder.name}`")
    return Loaded(folder, document, cases, text, text.digest())


def load_one(folder: Path, signers: Signers) -> Loaded:
    """Read, check and verify one agreement; raises AgreementRefused with every reason."""
    loaded = read_agreement(folder)
    if findings := check(loaded.document, loaded.cases):
        raise AgreementRefused("\n".join(str(finding) for finding in findings))
    verify(folder, loaded.agreement, loaded.text, signers)
    return loaded


def load_all(folder: Path, *, root: str | None = None, allow_examples: bool = False) -> list[Loaded | Refused]:
    """Read, check and verify every agreement; one that is refused stops no other."""
    folders = sorted(path.parent for path in folder.glob("*/agreement.yaml"))
    try:
        signers = load_signers(folder, root, allow_examples=allow_examples)
    except AgreementRefused as error:
        return [Refused(path.name, str(error)) for path in folders]
    found: list[Loaded | Refused] = []
    for path in folders:
        try:
            found.append(load_one(path, signers))
        except AgreementRefused as error:
            found.append(Refused(path.name, str(error)))
    return found


def in_force(loaded: Loaded, events: Sequence[AgreementEvent], at: datetime) -> InForce:
    """Say that a verified agreement is in force at an instant; raises AgreementRefused saying why not."""
    agreement = loaded.agreement
    day = day_of(at)
    if day < agreement.effective:
        raise AgreementRefused(f"in force only from {agreement.effective}")
    if day > agreement.expires:
        asked = f"; {agreement.lapse.refer_to} takes each case by hand" if agreement.lapse is not None else ""
        raise AgreementRefused(f"expired after {agreement.expires}{asked}")
    until = agreement.confidentiality.expires
    if until is not None and day > until:
        raise AgreementRefused(f"its confidentiality basis expired after {until}")
    row = gateway_of(agreement.gateway)
    if row is not None and not row.open_on(day):
        raise AgreementRefused(f"its gateway, {row.name}, is not in force")
    mine = [event for event in events if event.agreement == agreement.id and event.at <= at]
    newest = next((event for event in reversed(mine) if event.version == agreement.version), None)
    if newest is not None and newest.state in STOPPED:
        raise AgreementRefused(f"{newest.state} on {day_of(newest.at)}")
    enforced = {event.digest for event in mine if event.version == agreement.version and event.state in ENFORCED}
    if enforced - {loaded.digest}:
        raise AgreementRefused(
            f"version {agreement.version} was put in force with another text; a change is a new version"
        )
    return InForce(agreement, loaded.digest, loaded.folder, loaded.cases.value)


def recheck(standing: InForce) -> None:
    """Read the three files again and compare: before deciding a batch and before sending. Raises AgreementRefused."""
    if SignedText.of(standing.folder).digest() != standing.digest:
        raise AgreementRefused(f"the text of `{standing.agreement.id}` was altered since its signatures were checked")


def standing(settings: Settings, conn: Connection | None, at: datetime) -> Standing:
    """Find what is in force at an instant, with the events of the database if there is one."""
    events = events_of(conn) if conn is not None else ()
    kept: dict[str, InForce] = {}
    refused: dict[str, str] = {}
    found = load_all(settings.agreements, root=settings.agreements_root, allow_examples=settings.allow_example_signers)
    for one in found:
        if isinstance(one, Refused):
            refused[one.id] = one.why
            continue
        try:
            kept[one.agreement.id] = in_force(one, events, at)
        except AgreementRefused as error:
            refused[one.agreement.id] = str(error)
    return Standing(kept, refused)
