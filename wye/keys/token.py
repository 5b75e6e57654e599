"""Keep keys in a PKCS#11 token (OASIS PKCS #11 2.40): wrapping, deriving and signing happen inside it.

Every key is made in the token, sensitive and not extractable; one that is not is refused. What leaves is wraps, MAC
keys derived from the root by HMAC-SHA-256 in the token (so that millions of search tokens need no round trip), and
signatures. The token must do AES-GCM with our nonce, SHA256-HMAC and EdDSA.

The calling library tells the module that one thread at a time calls it, hence one lock for all tokens of a process.
"""

import fcntl
import os
import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Self, cast

import pkcs11
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag, ObjectClass

from wye.errors import EnvironmentFault, EvidenceBroken

KEY_BITS = 256
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BITS = 128
WRAPPING, ROOT, SIGNING = "wye-wrapping", "wye-root", "wye-signing"
NAME = re.compile(r"token-(?P<number>[0-9]{4,})-[0-9a-f]{8}")
EDWARDS25519 = bytes.fromhex("130c") + b"edwards25519"
"""The curve as CKA_EC_PARAMS: a PrintableString (PKCS #11 3.0 section 2.3.10)."""
KEPT_INSIDE = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
MADE_INSIDE = (Attribute.ALWAYS_SENSITIVE, Attribute.NEVER_EXTRACTABLE)
ONE_AT_A_TIME = threading.RLock()


class TokenKeys:
    """Be the key provider of a PKCS#11 token. Make it with `TokenKeys.open`."""

    __slots__ = ("_held", "_macs", "_process", "_root", "_session", "_signing", "label")

    def __init__(self, label: str, session: Any) -> None:
        self.label = label
        self._session = session
        self._process = os.getpid()
        self._macs: dict[str, bytes] = {}
        self._root = _only(session, ROOT, ObjectClass.SECRET_KEY)
        self._signing = TokenSigningKey(self, session)
        self._held = _wrapping(session)

    def __repr__(self) -> str:
        return f"TokenKeys(label={self.label!r}, current={self.current!r})"

    @classmethod
    def open(cls, module: Path, label: str, pin: str, *, create_under: Path | None = None) -> Self:
        """Open a token by its module (a shared library) and label.

        With `create_under`, a folder of this machine, keys are made at the first asking, by one process at a time; set
        a token up once, from one machine. Raises EnvironmentFault if the token, its PIN or its keys are not as needed.
        """
        with told(label), _alone(create_under) if create_under else nullcontext():
            # A token in software may fail one process that looks while another makes keys: look after it.
            session = _session(module, label, pin)
            if create_under is not None:
                _make_missing(session)
            return cls(label, session)

    @property
    def place(self) -> str:
        """Say where the keys are."""
        return f"PKCS#11 token `{self.label}`"

    @property
    def current(self) -> str:
        """Name the wrapping key that new wraps are made under: the newest."""
        return self._held[0]

    @property
    def wrapping_keys(self) -> tuple[str, ...]:
        """Name every wrapping key, the current one among them."""
        return tuple(sorted(self._held[1]))

    def renew(self) -> None:
        """Look again which wrapping keys the token holds."""
        with self.calling():
            self._held = _wrapping(self._session)

    def rotate(self) -> str:
        """Make a new wrapping key in the token."""
        with self.calling():
            number = _number(_wrapping(self._session)[0])
            name = _make_wrapping(self._session, number + 1)
            self._held = _wrapping(self._session)
        return name

    def destroy(self, key_id: str) -> bool:
        """Destroy a wrapping key in the token."""
        with self.calling():
            current, keys = _wrapping(self._session)
            if key_id == current:
                raise ValueError("the current wrapping key is not destroyed")
            if key_id not in keys:
                return False
            keys[key_id].destroy()
            self._held = _wrapping(self._session)
        return True

    def wrap(self, key: bytes, context: bytes) -> tuple[str, bytes]:
        """Wrap by AES-256-GCM in the token: nonce, then ciphertext and tag."""
        with self.calling():
            name, keys = self._held
            nonce = os.urandom(NONCE_BYTES)
            return name, nonce + _encrypt(keys[name], nonce, key, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap what `wrap` gave."""
        with self.calling():
            if key_id not in self._held[1]:
                self._held = _wrapping(self._session)
            wrapping = self._held[1].get(key_id)
            if wrapping is None:
                raise EvidenceBroken(f"no wrapping key `{key_id}` in the token `{self.label}`")
            try:
                return _decrypt(wrapping, wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
            except (pkcs11.PKCS11Error, ValueError):
                # Modules answer a wrong tag with any error at all: the token itself must then still work.
                nonce = os.urandom(NONCE_BYTES)
                probe = _encrypt(wrapping, nonce, bytes(KEY_BYTES), context)
                if _decrypt(wrapping, nonce, probe, context) != bytes(KEY_BYTES):
                    raise EnvironmentFault(f"token `{self.label}` does not decrypt what it encrypted") from None
                raise EvidenceBroken(f"a wrap under key `{key_id}` does not open: it was altered or moved") from None

    def mac_key(self, label: str) -> bytes:
        """Derive by HMAC-SHA-256 under the root, in the token."""
        if label not in self._macs:
            with self.calling():
                made = self._root.sign(b"wye/mac/v1/" + label.encode(), mechanism=Mechanism.SHA256_HMAC)
            self._macs[label] = bytes(made)
        return self._macs[label]

    def signing_key(self) -> "TokenSigningKey":
        """Give the key of the checkpoints, which signs in the token."""
        return self._signing

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Call the module, one thread at a time, and say its errors in our words."""
        if os.getpid() != self._process:
            raise EnvironmentFault("a token is not shared with a forked process: open it after the fork")
        with told(self.label):
            yield


class TokenSigningKey:
    """Sign checkpoints by Ed25519 in the token."""

    def __init__(self, keys: TokenKeys, session: Any) -> None:
        self._keys = keys
        self._private = _only(session, SIGNING, ObjectClass.PRIVATE_KEY)
        public = next(iter(session.get_objects({Attribute.LABEL: SIGNING, Attribute.CLASS: ObjectClass.PUBLIC_KEY})))
        # CKA_EC_POINT is the point in a DER OCTET STRING in most modules, and bare in some.
        self._public = Ed25519PublicKey.from_public_bytes(bytes(public[Attribute.EC_POINT])[-KEY_BYTES:])

    def sign(self, data: bytes, /) -> bytes:
        """Sign in the token."""
        with self._keys.calling():
            return bytes(self._private.sign(data, mechanism=Mechanism.EDDSA))

    def public_key(self) -> Ed25519PublicKey:
        """Give the public half."""
        return self._public


@contextmanager
def told(label: str) -> Iterator[None]:
    """Say the module's errors in our words. INVARIANT: none of them quotes a PIN or a key."""
    with ONE_AT_A_TIME:
        try:
            yield
        except pkcs11.PinIncorrect:
            raise EnvironmentFault(f"token `{label}` refuses the PIN of WYE_PKCS11_PIN_FILE") from None
        except pkcs11.PinLocked:
            raise EnvironmentFault(f"token `{label}` is locked: too many wrong PINs; its officer unlocks it") from None
        except pkcs11.NoSuchToken:
            raise EnvironmentFault(f"no token `{label}`; WYE_PKCS11_TOKEN names one by its label") from None
        except pkcs11.MultipleTokensReturned:
            raise EnvironmentFault(f"several tokens are labelled `{label}`; give each its own label") from None
        except pkcs11.PKCS11Error as error:
            raise EnvironmentFault(f"token `{label}` does not do as asked: {type(error).__name__}") from None


def _session(module: Path, label: str, pin: str) -> Any:
    if not module.is_file():
        raise EnvironmentFault(f"no PKCS#11 module `{module}`; WYE_PKCS11_MODULE names the token's shared library")
    try:
        library = pkcs11.lib(str(module))
    except RuntimeError:
        raise EnvironmentFault(f"`{module}` cannot be loaded as a PKCS#11 module") from None
    token = library.get_token(token_label=label)
    try:
        return token.open(rw=True, user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:
        return token.open(rw=True)  # this process has shown the PIN before: a login is the whole application's


def _only(session: Any, label: str, kind: ObjectClass) -> Any:
    found = list(session.get_objects({Attribute.LABEL: label, Attribute.CLASS: kind}))
    if not found:
        raise EnvironmentFault(f"the token holds no key `{label}`; it was not set up for this hub")
    if len(found) > 1:
        raise EnvironmentFault(f"the token holds {len(found)} keys `{label}`; remove all but the right one")
    _check_inside(found[0], label)
    return found[0]


def _wrapping(session: Any) -> tuple[str, dict[str, Any]]:
    keys: dict[str, Any] = {}
    for key in session.get_objects({Attribute.LABEL: WRAPPING, Attribute.CLASS: ObjectClass.SECRET_KEY}):
        name = bytes(key[Attribute.ID]).decode(errors="replace")
        if not NAME.fullmatch(name) or name in keys:
            raise EnvironmentFault(f"the token holds a wrapping key with the id `{name}`, which is not one of ours")
        _check_inside(key, name)
        keys[name] = key
    if not keys:
        raise EnvironmentFault(f"the token holds no key `{WRAPPING}`; it was not set up for this hub")
    newest = max(_number(name) for name in keys)
    current = [name for name in keys if _number(name) == newest]
    if len(current) > 1:
        raise EnvironmentFault(f"the token holds several wrapping keys of number {newest}; remove all but one")
    return current[0], keys


def _check_inside(key: Any, name: str) -> None:
    kept = all(key[attribute] == value for attribute, value in KEPT_INSIDE.items())
    if not (kept and all(key[attribute] for attribute in MADE_INSIDE)):
        raise EnvironmentFault(f"key `{name}` was made outside the token, or may leave it; make a new one in the token")


def _make_missing(session: Any) -> None:
    """Make the keys that are missing, wrapping keys last: a token without one is not yet set up."""
    if next(iter(_found(session, WRAPPING, ObjectClass.SECRET_KEY)), None) is not None:
        return
    if not _found(session, ROOT, ObjectClass.SECRET_KEY):
        session.generate_key(
            KeyType.GENERIC_SECRET,
            KEY_BITS,
            label=ROOT,
            store=True,
            capabilities=MechanismFlag.SIGN,
            template=KEPT_INSIDE,
        )
    if not _found(session, SIGNING, ObjectClass.PRIVATE_KEY):
        curve = {Attribute.EC_PARAMS: EDWARDS25519}
        session.create_domain_parameters(KeyType.EC_EDWARDS, curve, local=True).generate_keypair(
            mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
            label=SIGNING,
            store=True,
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            private_template=KEPT_INSIDE,
        )
    _make_wrapping(session, 1)


def _found(session: Any, label: str, kind: ObjectClass) -> Sequence[Any]:
    return list(session.get_objects({Attribute.LABEL: label, Attribute.CLASS: kind}))


def _make_wrapping(session: Any, number: int) -> str:
    name = f"token-{number:04d}-{secrets.token_hex(4)}"
    session.generate_key(
        KeyType.AES,
        KEY_BITS,
        id=name.encode(),
        label=WRAPPING,
        store=True,
        capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
        template=KEPT_INSIDE,
    )
    return name


def _number(name: str) -> int:
    match = NAME.fullmatch(name)
    return int(match["number"]) if match else 0


def _encrypt(key: Any, nonce: bytes, plain: bytes, context: bytes) -> bytes:
    parameters = GCMParams(nonce, context, TAG_BITS)
    return bytes(cast("bytes", key.encrypt(plain, mechanism=Mechanism.AES_GCM, mechanism_param=parameters)))


def _decrypt(key: Any, nonce: bytes, wrapped: bytes, context: bytes) -> bytes:
    if len(nonce) != NONCE_BYTES or len(wrapped) != KEY_BYTES + TAG_BITS // 8:
        raise ValueError("not a wrap of a 32-byte key")
    parameters = GCMParams(nonce, context, TAG_BITS)
    return bytes(cast("bytes", key.decrypt(wrapped, mechanism=Mechanism.AES_GCM, mechanism_param=parameters)))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
