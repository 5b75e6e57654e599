"""Proofs, as whoever has the public key checks them: right for every size to 300, and nothing malformed passes."""

import base64
from pathlib import Path

import pytest
from audit_log import AT, ORIGIN, a_log, an_event
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from naive_log import NaiveLog, NaiveTree, sha

from wye.audit.append import append
from wye.audit.checkpoint import verifier_key
from wye.audit.proofs import prove_entry
from wye.audit.search import search
from wye.audit.sequencer import sequence
from wye.audit.verifier import BrokenProof, open_proof
from wye.audit.verifier.__main__ import main
from wye.audit.verifier.proof import check_consistency, check_inclusion, read_hash
from wye.errors import UsageError
from wye.keys.file import FileKeys
from wye.road.proving import disclosed_by
from wye.store.database import Connection
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

SIZES = 300
TREE = NaiveTree([n.to_bytes(2) for n in range(SIZES)])
LEAVES = [sha(b"\x00" + n.to_bytes(2)) for n in range(SIZES)]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = NaiveLog("other.example/log", KEY, [n.to_bytes(2) for n in range(SIZES)])


def some(size: int) -> list[int]:
    """Every number below a small size, and the ones near the edges of a large one."""
    return sorted(
        {n for n in (*range(20), size // 2, size - 2, size - 1, 63, 64, 65, 127, 128, 255, 256) if 0 <= n < size}
    )


def test_inclusion_is_proven_for_every_size_to_300() -> None:
    for size in range(1, SIZES + 1):
        for index in range(size) if size < 70 else some(size):
            check_inclusion(LEAVES[index], index, size, TREE.path(index, 0, size), TREE.mth(0, size))


def test_consistency_is_proven_for_every_size_to_300() -> None:
    for size in range(1, SIZES + 1):
        for old in range(1, size + 1) if size < 70 else [n + 1 for n in some(size)]:
            check_consistency(old, size, TREE.proof(old, size), TREE.mth(0, old), TREE.mth(0, size))


@given(st.data())
def test_inclusion_altered_in_any_part_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, SIZES))
    index = data.draw(st.integers(0, size - 1))
    proof, root = TREE.path(index, 0, size), TREE.mth(0, size)
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    flipped = bytearray(proof[at])
    flipped[bit // 8] ^= 1 << bit % 8
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))

    for leaf, where, of, hashes, expected in (
        (LEAVES[index], index, size, [*proof[:at], bytes(flipped), *proof[at + 1 :]], root),
        (LEAVES[index], index, size, proof[:-1], root),
        (LEAVES[index], index, size, proof[1:], root),
        (LEAVES[index], index, size, [*proof, bytes(32)], root),
        (LEAVES[index], index, size, [bytes(32), *proof], root),
        (LEAVES[index], index, size, [], root),
        (LEAVES[index], index, size, [*proof[:at], proof[at][:31], *proof[at + 1 :]], root),
        (LEAVES[index], index, size, [*proof[:at], proof[at] + b"\0", *proof[at + 1 :]], root),
        (LEAVES[other], index, size, proof, root),
        (LEAVES[index], other, size, proof, root),
        (LEAVES[index], size, size, proof, root),
        (LEAVES[index], -1, size, proof, root),
        (LEAVES[index], index, 0, proof, root),
        (LEAVES[index], 0, 0, [], sha(b"")),
        (LEAVES[index], index, size, proof, bytes(32)),
        (LEAVES[index], index, size, [bytes(32)] * 64, root),
    ):
        with pytest.raises(BrokenProof):
            check_inclusion(leaf, where, of, hashes, expected)


@given(st.data())
def test_consistency_altered_in_any_part_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(3, SIZES))
    old = data.draw(st.integers(2, size - 1))
    proof, first, last = TREE.proof(old, size), TREE.mth(0, old), TREE.mth(0, size)
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    flipped = bytearray(proof[at])
    flipped[bit // 8] ^= 1 << bit % 8

    for before, after, hashes, old_root, root in (
        (old, size, [*proof[:at], bytes(flipped), *proof[at + 1 :]], first, last),
        (old, size, proof[:-1], first, last),
        (old, size, proof[1:], first, last),
        (old, size, [*proof, bytes(32)], first, last),
        (old, size, [], first, last),
        (old, size, [each[:31] for each in proof], first, last),
        (old, size, proof, bytes(32), last),
        (old, size, proof, first, bytes(32)),
        (old, size, proof, last, first),
        (0, size, [], sha(b""), last),
        (0, size, proof, first, last),
        (-1, size, proof, first, last),
        (size, old, proof, last, first),
        (size, size, proof, last, last),
        (size, size, [], first, last),
        (old, size, [bytes(32)] * 64, first, last),
    ):
        with pytest.raises(BrokenProof):
            check_consistency(before, after, hashes, old_root, root)
    check_consistency(size, size, [], last, last)


@pytest.mark.parametrize(
    "line", ["", "AAAA", base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(33)).decode(),
             base64.b64encode(bytes(32)).decode().rstrip("="), "A" * 42 + "B=", "A" * 43 + "= ", " " + "A" * 43 + "=",
             "A" * 43 + "=\n", "-" * 43 + "=", "\u0660" * 44],
)  # fmt: skip
def test_hash_that_is_not_32_bytes_in_canonical_base64_is_refused(line: str) -> None:
    with pytest.raises(BrokenProof, match="a hash of the proof"):
        read_hash(line)
    assert read_hash("A" * 43 + "=") == bytes(32)


def proof_file(index: int = 7, size: int = 30, first: str = "c2sp.org/tlog-proof@v1", more: str = "") -> str:
    hashes = "".join(base64.b64encode(each).decode() + "\n" for each in TREE.path(index, 0, size))
    return f"{first}\n{more}index {index}\n{hashes}\n{LOG.checkpoint(size)}"


def test_proof_file_of_other_software_verifies() -> None:
    for index, size in ((0, 1), (7, 30), (299, 300)):
        included = open_proof(proof_file(index, size), LEAVES[index], LOG.vkey)
        assert (included.index, included.note.size, included.note.origin) == (index, size, "other.example/log")
    assert open_proof(proof_file(more="extra AAAA\n"), LEAVES[7], LOG.vkey).index == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a blank line"),
        (proof_file(first="c2sp.org/tlog-proof@v2"), "begins with"),
        (proof_file().replace("index 7", "index 8"), "does not lead"),
        (proof_file().replace("index 7", "index 07"), "plain decimal"),
        (proof_file().replace("index 7", "index -7"), "plain decimal"),
        (proof_file().replace("index 7", "index 30"), "no index 30"),
        (proof_file().replace("index 7\n", ""), "plain decimal"),
        (proof_file(more="extra AAA\n"), "extra line"),
        (proof_file(more="more\n"), "plain decimal"),
        (proof_file().replace("=\n", "=\n\n", 1), "does not verify"),
        (proof_file().replace("=\n", "\n", 1), "base64"),
        (proof_file().replace("\n30\n", "\n31\n"), "does not verify"),
        (proof_file().split("\n\n")[0] + "\n\n", "no text"),
        (proof_file().replace("other.example/log\n", "another.example/log\n", 1), "does not verify"),
    ],
)
def test_malformed_proof_file_is_refused(text: str, said: str) -> None:
    with pytest.raises(BrokenProof, match=said):
        open_proof(text, LEAVES[7], LOG.vkey)


def test_proof_with_more_hashes_than_any_tree_has_is_not_worked_out() -> None:
    with pytest.raises(BrokenProof, match="at most 63 hashes"):
        open_proof(
            proof_file().replace("index 7\n", "index 7\n" + (base64.b64encode(bytes(32)).decode() + "\n") * 64),
            LEAVES[7],
            LOG.vkey,
        )


def test_hash_of_another_length_is_refused_before_it_is_hashed() -> None:
    with pytest.raises(BrokenProof, match="not 32 bytes"):
        check_inclusion(LEAVES[1], 1, 2, [LEAVES[0] + b"\0"], TREE.mth(0, 2))


def test_proof_file_proves_its_own_leaf_only() -> None:
    for leaf in (LEAVES[8], b"", LEAVES[7][:31]):
        with pytest.raises(BrokenProof):
            open_proof(proof_file(), leaf, LOG.vkey)


@pytest.mark.services
def test_entry_is_proven_to_whoever_has_its_leaf_hash(
    conn: Connection, keys: FileKeys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = a_log(conn, keys, 5, 8)
    (waiting,) = append(conn, keys, [an_event()], AT)
    vkey = verifier_key(ORIGIN, keys.signing_key().public_key())
    for number, each in enumerate(log):
        index, leaf, text = prove_entry(conn, each.id)
        assert (index, leaf) == (number, each.leaf)
        assert open_proof(text, leaf, vkey).note.size == 13
    (tmp_path / "proof").write_text(text)

    assert main([str(tmp_path / "proof"), vkey, "--leaf", leaf.hex()]) == 0
    assert '"index": 12' in capsys.readouterr().out
    assert main([str(tmp_path / "proof"), vkey, "--leaf", log[0].leaf.hex()]) == 1
    assert main([str(tmp_path / "proof"), vkey, "--leaf", "x"]) == 1
    with pytest.raises(UsageError, match="has an index"):
        prove_entry(conn, waiting.id)


@pytest.mark.services
def test_disclosure_is_proven_by_the_message_that_its_receipt_names(conn: Connection, keys: FileKeys) -> None:
    message, vkey = uuid7(), verifier_key(ORIGIN, keys.signing_key().public_key())
    (sent, _) = append(conn, keys, [an_event(message=message), an_event(kind=EventKind.UNSENT, message=message)], AT)
    sequence(conn, keys, ORIGIN, AT)

    entry = disclosed_by(conn, keys, message, actor="pat.auditor", at=AT)

    assert entry == sent.id
    _, leaf, text = prove_entry(conn, entry)
    assert open_proof(text, sent.leaf, vkey).index == 0
    assert leaf == sent.leaf
    looks = search(conn, keys, actor="pat.auditor", searcher="test", purpose="test", at=AT)
    assert [each.event.purpose for each in looks if each.event] == ["audit prove"]
    with pytest.raises(UsageError, match="no disclosure by message"):
        disclosed_by(conn, keys, uuid7(), actor="pat.auditor", at=AT)
