"""Say exactly which bytes are signed, and verify who signed them (OpenSSH PROTOCOL.sshsig).

The signed bytes are the raw bytes of the three files, framed with their names and lengths in a fixed order: one
letter anywhere changes them. Offices sign: an allowed signer's principal is `<role>.<party>@<domain>`, one key each.
The list of allowed signers is itself signed by the root key. In production the root's private half is held outside
the hub and its public half stands in the settings (`WYE_AGREEMENTS_ROOT`); `root.pub` beside the agreements is
believed only where example signers are allowed, that is in a demo.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sshsig import InvalidSignature, check_signature
from sshsig.sshsig import SshsigSignature

from wye.agreements.loading import decode, read
from wye.agreements.model import Agreement
from wye.errors import AgreementRefused

FILES = ("agreement.yaml", "terms.md", "cases.yaml")
"""INVARIANT: the order in which the files are framed; changing it breaks every signature."""
NAMESPACE = "sharing-agreement@wye"
ROOT_NAMESPACE = "allowed-signers@wye"
EXAMPLE = "@example"

_FRAME = b"wye sharing agreement 1\n"
_LINE = re.compile(
    r'(?P<principal>[a-z0-9.-]+@[a-z0-9.-]+) namespaces="(?P<namespace>[^"]+)" ssh-ed25519 (?P<key>[A-Za-z0-9+/]+={0,2})( .*)?'
)
_PUBLIC_KEY = re.compile(r"ssh-ed25519 (?P<key>[A-Za-z0-9+/]+={0,2})( .*)?")


@dataclass(frozen=True, slots=True)
class SignedText:
    """Hold the raw bytes of an agreement's three files."""

    files: Mapping[str, bytes]

    @classmethod
    def of(cls, folder: Path) -> "SignedText":
        """Read the three files; raises AgreementRefused if one is missing or too large."""
        return cls({name: read(folder / name) for name in FILES})

    def framed(self) -> bytes:
        """Give the bytes that signatories sign."""
        parts = [_FRAME]
        for name in FILES:
            raw = self.files[name]
            parts += [f"{name} {len(raw)}\n".encode(), raw, b"\n"]
        return b"".join(parts)

    def digest(self) -> bytes:
        """Give the SHA-256 (32 bytes) by which this text is known everywhere else."""
        return hashlib.sha256(self.framed()).digest()


@dataclass(frozen=True, slots=True)
class Signers:
    """Hold the allowed signers, by principal; verified against the root before anybody is believed."""

    keys: Mapping[str, bytes]
    """Raw OpenSSH key blobs."""

    def principal(self, office: str) -> str:
        """Find the one principal enrolled for an office, such as `caldicott-guardian.arrowshire-council`."""
        found = [principal for principal in self.keys if principal.partition("@")[0] == office]
        if not found:
            raise AgreementRefused(f"`{office}` is not among the allowed signers")
        if len(found) > 1:
            raise AgreementRefused(f"`{office}` stands {len(found)} times among the allowed signers; once is allowed")
        return found[0]


def load_signers(folder: Path, root: str | None, *, allow_examples: bool) -> Signers:
    """Read the allowed signers and check them against the root key; raises AgreementRefused.

    `root` is the public half as one OpenSSH line. Without it, `root.pub` in the folder counts if examples do.
    """
    if root is None:
        if not allow_examples:
            raise AgreementRefused(
                "no root key is set (WYE_AGREEMENTS_ROOT), so nobody's signature counts; only a demo may use root.pub"
            )
        root = decode(read(folder / "root.pub"), "root.pub")
    raw = read(folder / "allowed_signers")
    signer = _signed_by(raw, read(folder / "allowed_signers.sig"), ROOT_NAMESPACE, "allowed_signers.sig")
    if signer != public_key(root.strip()):
        raise AgreementRefused("allowed_signers.sig: not signed by the root key; who may sign is not known")
    return _read_signers(decode(raw, "allowed_signers"), allow_examples=allow_examples)


def _read_signers(text: str, *, allow_examples: bool) -> Signers:
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        at = f"allowed_signers:{number}"
        match = _LINE.fullmatch(line)
        if match is None:
            raise AgreementRefused(
                f'{at}: a line must be `<role>.<party>@<domain> namespaces="{NAMESPACE}" ssh-ed25519 <key>`'
            )
        principal, key = match["principal"], _blob(match["key"], at)
        if match["namespace"] != NAMESPACE:
            raise AgreementRefused(f"{at}: namespace `{match['namespace']}`; only `{NAMESPACE}` is allowed")
        if principal.endswith(EXAMPLE) and not allow_examples:
            raise AgreementRefused(f"{at}: `{principal}` is an example signer; only a demo may allow those")
        if principal in keys:
            raise AgreementRefused(f"{at}: a second key for `{principal}`; one key for one person")
        if key in keys.values():
            raise AgreementRefused(f"{at}: the key of `{principal}` is another principal's; one key for one person")
        keys[principal] = key
    return Signers(keys)


def verify(folder: Path, agreement: Agreement, text: SignedText, signers: Signers) -> None:
    """Check that every required office, and nobody else, signed exactly these bytes; raises AgreementRefused."""
    signed = text.framed()
    wanted = {f"{signatory.principal}.sig": signatory.principal for signatory in agreement.signatories}
    found = {path.name for path in (folder / "signatures").glob("*")}
    if lacking := sorted(wanted.keys() - found):
        raise AgreementRefused(f"not signed by {', '.join(f'`{wanted[name]}`' for name in lacking)}")
    if strange := sorted(found - wanted.keys()):
        raise AgreementRefused(f"signatures/{strange[0]}: not the signature of an office that the agreement names")
    for name, office in wanted.items():
        check_signature_of(office, agreement, signed, read(folder / "signatures" / name), signers)


def check_signature_of(office: str, agreement: Agreement, signed: bytes, armored: bytes, signers: Signers) -> None:
    """Check one office's signature over the framed bytes; raises AgreementRefused."""
    where, principal = f"signatures/{office}.sig", signers.principal(office)
    if office == agreement.drafted_by.partition("@")[0]:
        raise AgreementRefused(f"{where}: `{principal}` drafted the agreement and may not sign it")
    if _signed_by(signed, armored, NAMESPACE, where) != signers.keys[principal]:
        raise AgreementRefused(f"{where}: made with a key that is not `{principal}`'s")


def signed_offices(folder: Path, agreement: Agreement, text: SignedText, signers: Signers) -> tuple[str, ...]:
    """Name the offices that signed exactly these bytes; a signature that does not fit counts as none."""
    signed, found = text.framed(), []
    for signatory in agreement.signatories:
        office = signatory.principal
        try:
            check_signature_of(office, agreement, signed, read(folder / "signatures" / f"{office}.sig"), signers)
        except AgreementRefused:
            continue
        found.append(office)
    return tuple(found)


def public_key(line: str) -> bytes:
    """Take the key blob out of one OpenSSH public key line."""
    match = _PUBLIC_KEY.fullmatch(line)
    if match is None:
        raise AgreementRefused("the root key is not one OpenSSH line `ssh-ed25519 <key>`")
    return _blob(match["key"], "the root key")


def _blob(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise AgreementRefused(f"{where}: the key is not base64") from None


def _signed_by(signed: bytes, armored: bytes, namespace: str, where: str) -> bytes:
    """Give the key blob that made a signature over these bytes; raises AgreementRefused if none did."""
    try:
        outer = SshsigSignature.from_armored(armored)
        check_signature(signed, armored, namespace)
    except InvalidSignature:
        raise AgreementRefused(
            f"{where}: the signature does not fit: the text was altered, or it is for another"
        ) from None
    except Exception:  # noqa: BLE001  whatever a hostile file makes the parser raise, it is no signature
        raise AgreementRefused(f"{where}: not an OpenSSH signature") from None
    if outer.hash_algo not in {b"sha512", b"sha256"}:
        raise AgreementRefused(f"{where}: made with another hash than sha512 or sha256")
    return bytes(outer.public_key)
