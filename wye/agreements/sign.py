"""Sign an agreement's bytes as ssh-keygen does (OpenSSH PROTOCOL.sshsig), on the signatory's own machine.

The key stays where it is: it is read, used and forgotten. A key in an agent or on a token signs by `ssh-keygen -Y sign`
instead, and the signature is brought here.
"""

import base64
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

from wye.agreements.in_force import Loaded
from wye.agreements.signing import NAMESPACE, Signers, check_signature_of
from wye.errors import AgreementRefused, UsageError

MAGIC, HASH, KIND = b"SSHSIG", b"sha512", b"ssh-ed25519"
LINE = 70


ELSEWHERE = (
    "sign with `wye agreements bytes ID | ssh-keygen -Y sign -n sharing-agreement@wye -f KEY > made.sig`, which asks for"
    " it, and give `--signature made.sig`"
)


def load_key(raw: bytes) -> Ed25519PrivateKey:
    """Read a private key in OpenSSH's format; raises UsageError, naming nothing of what is in it.

    A passphrase is never asked for: ssh-keygen does that, and agents and tokens, better than a second program.
    """
    try:
        key = load_ssh_private_key(raw, None)
    except TypeError:
        raise UsageError(f"the key has a passphrase: {ELSEWHERE}") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError("the key cannot be used: it is not an OpenSSH private key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError("the key is not Ed25519; `ssh-keygen -t ed25519` makes one")
    return key


def signature(signed: bytes, key: Ed25519PrivateKey, namespace: str = NAMESPACE) -> bytes:
    """Give the armoured signature over these bytes."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    rest = _string(namespace.encode()) + _string(b"") + _string(HASH)
    made = key.sign(MAGIC + rest + _string(hashlib.sha512(signed).digest()))
    blob = (
        MAGIC
        + (1).to_bytes(4, "big")
        + _string(_string(KIND) + _string(public))
        + rest
        + _string(_string(KIND) + _string(made))
    )
    text = base64.b64encode(blob).decode()
    lines = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def put(loaded: Loaded, office: str, armored: bytes, signers: Signers) -> Path:
    """Put an office's signature beside the text, once it is sure that it counts; raises AgreementRefused if it does not."""
    agreement = loaded.agreement
    wanted = [signatory.principal for signatory in agreement.signatories]
    if office not in wanted:
        raise AgreementRefused(f"`{office}` does not sign `{agreement.id}`; these do: {', '.join(wanted)}")
    check_signature_of(office, agreement, loaded.text.framed(), armored, signers)
    path = loaded.folder / "signatures" / f"{office}.sig"
    path.parent.mkdir(exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_bytes(armored)
    os.replace(beside, path)  # noqa: PTH105  as one step: never half a signature
    return path


def _string(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw
