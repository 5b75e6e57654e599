"""Signed notes: the known one of the format's authors, ours, and every way to be malformed."""

import base64

import pytest
from audit_log import AT, ORIGIN
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wye.audit.checkpoint import origin_of, sign, verifier_key
from wye.audit.verifier import BrokenNote, Note, open_note

# From the documentation of golang.org/x/mod/sumdb/note: a signed note that is no checkpoint.
KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KNOWN_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ROOT = bytes(range(100, 132))
VKEY = verifier_key(ORIGIN, KEY.public_key())
GOOD = sign(ORIGIN, 12, ROOT, AT, KEY).note


def resigned(text: str, name: str = ORIGIN) -> str:
    """Sign any text with the right key."""
    key_id = bytes.fromhex(verifier_key(name, KEY.public_key()).split("+")[1])
    return f"{text}\n\u2014 {name} {base64.b64encode(key_id + KEY.sign(text.encode())).decode()}\n"


def test_known_note_verifies_and_is_refused_only_for_being_no_checkpoint() -> None:
    with pytest.raises(BrokenNote, match="a checkpoint has an origin"):
        open_note(KNOWN_NOTE, KNOWN_KEY)
    with pytest.raises(BrokenNote, match="does not verify"):
        open_note(KNOWN_NOTE.replace("cryptography", "Cryptography"), KNOWN_KEY)


def test_checkpoint_opens_to_what_was_signed() -> None:
    assert open_note(GOOD, VKEY) == Note(ORIGIN, 12, ROOT)
    assert origin_of("arrowshire-council") == ORIGIN


def test_checkpoint_with_extension_lines_and_a_witness_opens() -> None:
    root = base64.b64encode(ROOT).decode()
    witness = "\u2014 marches-police/witness " + base64.b64encode(b"abcd" + bytes(72)).decode() + "\n"

    assert open_note(resigned(f"{ORIGIN}\n12\n{root}\nmore\n") + witness, VKEY) == Note(ORIGIN, 12, ROOT)


def test_checkpoint_with_any_letter_changed_is_refused() -> None:
    for at, letter in enumerate(GOOD):
        altered = GOOD[:at] + ("A" if letter != "A" else "B") + GOOD[at + 1 :]
        with pytest.raises(BrokenNote):
            open_note(altered, VKEY)


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("", "no text"),
        (GOOD.split("\n\n")[0], "no text"),
        (GOOD[:-1], "no text"),
        (GOOD + "\n", "no text"),
        (GOOD.replace("\u2014", "-"), "malformed"),
        (GOOD.replace("\n", "\r\n"), "control"),
        (GOOD.replace("=\n", "\n", 1), "does not verify"),
        (resigned(f"{ORIGIN}\n12\n"), "on a line"),
        (resigned(f"{ORIGIN}\n012\n{base64.b64encode(ROOT).decode()}\n"), "decimal"),
        (resigned(f"{ORIGIN}\n-1\n{base64.b64encode(ROOT).decode()}\n"), "decimal"),
        (resigned(f"{ORIGIN}\n12\n{base64.b64encode(ROOT[:31]).decode()}\n"), "32 bytes"),
        (resigned(f"{ORIGIN}\n12\n{base64.b64encode(ROOT).decode()[:-2]}x=\n"), "canonical"),
        (resigned(f"{ORIGIN}\n12\n****\n"), "malformed"),
        (resigned(f"other-council/audit\n12\n{base64.b64encode(ROOT).decode()}\n"), "is of the log"),
        (GOOD + "\u2014 witness ====\n", "malformed"),
    ],
)
def test_malformed_checkpoint_is_refused(note: str, why: str) -> None:
    with pytest.raises(BrokenNote, match=why):
        open_note(note, VKEY)


def test_checkpoint_of_another_key_is_refused() -> None:
    other = Ed25519PrivateKey.generate()

    with pytest.raises(BrokenNote, match="not signed by"):
        open_note(sign(ORIGIN, 12, ROOT, AT, other).note, VKEY)


NAME, ID, ENCODED = VKEY.split("+", 2)
RAW = base64.b64decode(ENCODED)
WITNESS_KEY = base64.b64encode(b"\x04" + RAW[1:]).decode()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "is written"),
        ("name", "is written"),
        (f"{NAME} b+{ID}+{ENCODED}", "is written"),
        (f"+{ID}+{ENCODED}", "is written"),
        (f"{NAME}+{ID}+", "is not an Ed25519 key of a log"),
        (f"{NAME}+{ID}+{ENCODED[:-4]}", "is not an Ed25519 key of a log"),
        (f"{NAME}+{ID}+{WITNESS_KEY}", "is not an Ed25519 key of a log"),
        (f"{NAME}+00000000+{ENCODED}", "do not belong together"),
        (VKEY.replace("arrow", "Arrow"), "do not belong together"),
        (f"{NAME}+{ID}+{ENCODED.rstrip('=')[:-1]}*", "base64 is malformed"),
    ],
)
def test_malformed_verifier_key_is_refused_for_what_is_wrong_with_it(key: str, said: str) -> None:
    with pytest.raises(BrokenNote, match=said):
        open_note(GOOD, key)


def test_note_too_long_to_be_a_checkpoint_is_not_read() -> None:
    text, _, signatures = GOOD.rpartition("\n\n")

    with pytest.raises(BrokenNote, match="longer than 1,000,000 bytes"):
        open_note(text + "\n" + "x" * 1_000_000 + "\n\n" + signatures, VKEY)


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "a\nb"])
def test_log_name_that_a_note_cannot_hold_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="cannot name a log"):
        sign(origin, 1, ROOT, AT, KEY)
