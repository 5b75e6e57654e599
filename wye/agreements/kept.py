"""Keep every text that was ever enforced, and find the one that was in force at an instant.

What is kept is enough to verify it again: the three files, the signatures, and the list of signers as the root signed it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from wye.agreements.days import day_of
from wye.agreements.events import AgreementEvent
from wye.agreements.in_force import InForce, Loaded, read_text
from wye.agreements.life import STOPPED
from wye.agreements.loading import read
from wye.agreements.signing import FILES, SignedText, load_signers, verify
from wye.errors import AgreementRefused
from wye.vocabulary import AgreementState

SIGNERS = ("allowed_signers", "allowed_signers.sig")


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold one version as it was kept: by path below the folder of agreements, the bytes."""

    agreement: str
    version: str
    digest: bytes
    files: Mapping[str, bytes]
    kept_at: datetime

    def load(self) -> Loaded:
        """Read it; raises AgreementRefused if it is not what its digest says."""
        text = SignedText({name: self.files[f"{self.agreement}/{name}"] for name in FILES})
        if text.digest() != self.digest:
            raise AgreementRefused(f"the text kept of `{self.agreement}` {self.version} does not fit its digest")
        return read_text(Path(self.agreement), text)

    def verified(self, root: str | None, *, allow_examples: bool) -> Loaded:
        """Read it and verify it again, by the signatures and the list of signers kept with it.

        `root`: the public half of the root key, as one OpenSSH line. Raises AgreementRefused.
        """
        with TemporaryDirectory() as place:
            folder = Path(place)
            self.write(folder)
            loaded = self.load()
            signers = load_signers(folder, root, allow_examples=allow_examples)
            verify(folder / self.agreement, loaded.agreement, loaded.text, signers)
        return loaded

    def write(self, folder: Path) -> None:
        """Write it as a folder of agreements, to be verified by `wye agreements verify` or `ssh-keygen`."""
        for name, raw in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(raw)


def files_of(standing: InForce) -> dict[str, bytes]:
    """Read what is to be kept of an agreement in force; raises AgreementRefused if its text is another by now."""
    folder = standing.folder
    files = {f"{folder.name}/{name}": read(folder / name) for name in FILES}
    if SignedText({name: files[f"{folder.name}/{name}"] for name in FILES}).digest() != standing.digest:
        raise AgreementRefused(f"the text of `{standing.agreement.id}` was altered since its signatures were checked")
    files |= {f"{folder.name}/signatures/{path.name}": read(path) for path in sorted((folder / "signatures").iterdir())}
    return files | {name: read(folder.parent / name) for name in SIGNERS}


def in_force_at(kept: Sequence[Kept], events: Sequence[AgreementEvent], at: datetime) -> Kept:
    """Find which version of one agreement was in force at an instant; raises AgreementRefused saying why none was.

    `events` are of this agreement, oldest first; a version is in force from when this hub first enforced it.
    """
    newest: dict[str, AgreementEvent] = {
        event.version: event for event in events if event.at <= at and event.state is not AgreementState.PROPOSED
    }
    for one in sorted(kept, key=lambda each: each.kept_at, reverse=True):
        event = newest.get(one.version)
        if event is None or event.state is AgreementState.SUPERSEDED:
            continue
        if event.state in STOPPED:
            raise AgreementRefused(f"version {one.version} was {event.state} on {day_of(event.at)}")
        agreement = one.load().agreement
        if day_of(at) > agreement.expires:
            raise AgreementRefused(f"version {one.version} expired after {agreement.expires}")
        return one
    raise AgreementRefused(f"no version was in force here on {day_of(at)}")
