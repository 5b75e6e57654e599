"""The Merkle tree against RFC 6962 section 2.1, transcribed as it is written there."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.audit.growth import edge, edge_root, grow
from wye.audit.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from wye.audit.verifier.tree import Tree

SIZES = 301
LEAVES = [leaf_hash(n.to_bytes(2)) for n in range(SIZES)]


def sha(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def k_of(n: int) -> int:
    """The largest power of two smaller than n (k < n <= 2k)."""
    k = 1
    while not k < n <= 2 * k:
        k *= 2
    return k


def mth(d: list[bytes]) -> bytes:
    if not d:
        return sha(b"")
    if len(d) == 1:
        return sha(b"\x00" + d[0])
    k = k_of(len(d))
    return sha(b"\x01" + mth(d[:k]) + mth(d[k:]))


def path(m: int, d: list[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = k_of(len(d))
    return [*path(m, d[:k]), mth(d[k:])] if m < k else [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: list[bytes], b: bool) -> list[bytes]:  # noqa: FBT001  as the RFC has it
    if m == len(d):
        return [] if b else [mth(d)]
    k = k_of(len(d))
    return [*subproof(m, d[:k], b), mth(d[k:])] if m <= k else [*subproof(m - k, d[k:], False), mth(d[:k])]


@pytest.fixture(scope="module")
def roots() -> list[bytes]:
    return [mth([n.to_bytes(2) for n in range(size)]) for size in range(SIZES)]


def test_root_for_every_size_is_the_rfcs(roots: list[bytes]) -> None:
    assert [root(LEAVES[:size]) for size in range(SIZES)] == roots


def test_root_of_the_known_tree_is_the_known_one() -> None:
    # The eight leaves that Certificate Transparency implementations share.
    known = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]

    found = root([leaf_hash(bytes.fromhex(each)) for each in known])

    assert found.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_growing_leaf_by_leaf_gives_every_root_and_the_verifier_the_same(roots: list[bytes]) -> None:
    tree = Tree()
    held: dict[tuple[int, int], bytes] = {}
    for size, leaf in enumerate(LEAVES[: SIZES - 1]):
        growth = grow(size, held, [leaf])
        completed = tree.extend([leaf])

        assert growth.root == roots[size + 1] == tree.root()
        assert list(growth.nodes) == list(completed)
        held[0, size] = leaf
        held.update({(level, position): node for level, position, node in growth.nodes})


@given(st.integers(0, 150), st.integers(0, 150))
def test_growing_by_a_batch_is_growing_leaf_by_leaf(size: int, batch: int) -> None:
    before = grow(0, {}, LEAVES[:size])
    held = {(0, n): leaf for n, leaf in enumerate(LEAVES[:size])} | {(lv, at): node for lv, at, node in before.nodes}

    after = grow(size, held, LEAVES[size : size + batch])

    assert after.root == root(LEAVES[: size + batch])
    whole = grow(0, {}, LEAVES[: size + batch])
    assert sorted([*before.nodes, *after.nodes]) == sorted(whole.nodes)
    assert edge_root([held[place] for place in edge(size)]) == root(LEAVES[:size])


@given(st.lists(st.integers(0, 60), max_size=5))
def test_verifier_growing_by_batches_completes_each_node_once_and_gives_every_root(batches: list[int]) -> None:
    tree = Tree()
    completed: list[tuple[int, int, bytes]] = []
    for batch in batches:
        completed += tree.extend(LEAVES[tree.size : tree.size + batch])
        assert tree.root() == root(LEAVES[: tree.size])

    assert tree.size == sum(batches)
    assert sorted(completed) == sorted(grow(0, {}, LEAVES[: tree.size]).nodes)


def test_inclusion_proofs_of_every_index_are_the_rfcs_and_verify() -> None:
    for size in [*range(1, 40), 63, 64, 65, 127, 255, 300]:
        entries = [n.to_bytes(2) for n in range(size)]
        whole = root(LEAVES[:size])
        for index in range(size) if size < 40 else [0, 1, size // 2, size - 2, size - 1]:
            proof = inclusion_proof(LEAVES[:size], index)
            assert proof == path(index, entries)
            assert verify_inclusion(LEAVES[index], index, size, proof, whole)


def test_consistency_proofs_are_the_rfcs_and_verify(roots: list[bytes]) -> None:
    for size in [*range(1, 33), 64, 65, 300]:
        entries = [n.to_bytes(2) for n in range(size)]
        for old in range(1, size + 1) if size < 33 else [1, 2, 63, 64, size - 1, size]:
            if old > size:
                continue
            proof = consistency_proof(LEAVES[:size], old)
            assert proof == subproof(old, entries, True)
            assert verify_consistency(old, size, roots[old], roots[size], proof)


@given(st.data())
def test_inclusion_proof_altered_in_any_part_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    proof, whole = inclusion_proof(LEAVES[:size], index), root(LEAVES[:size])
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))

    assert not verify_inclusion(LEAVES[index], index, size, flipped, whole)
    assert not verify_inclusion(LEAVES[index], index, size, proof[:-1], whole)
    assert not verify_inclusion(LEAVES[index], index, size, [*proof, proof[0]], whole)
    assert not verify_inclusion(LEAVES[index], index, size, [*proof[:at], proof[at][:31], *proof[at + 1 :]], whole)
    assert not verify_inclusion(LEAVES[other], index, size, proof, whole)
    assert not verify_inclusion(LEAVES[index], other, size, proof, whole)
    assert not verify_inclusion(LEAVES[index], index, 0, proof, whole)
    assert not verify_inclusion(LEAVES[index], -1, size, proof, whole)
    assert not verify_inclusion(LEAVES[index], index, size, proof, LEAVES[0])


@given(st.data())
def test_consistency_proof_altered_in_any_part_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(3, 70))
    old = data.draw(st.integers(2, size - 1))
    proof = consistency_proof(LEAVES[:size], old)
    first, last = root(LEAVES[:old]), root(LEAVES[:size])
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]

    assert not verify_consistency(old, size, first, last, flipped)
    assert not verify_consistency(old, size, first, last, proof[:-1])
    assert not verify_consistency(old, size, first, last, [*proof, proof[0]])
    assert not verify_consistency(old, size, first, last, [])
    assert not verify_consistency(old, size, LEAVES[0], last, proof)
    assert not verify_consistency(old, size, first, LEAVES[0], proof)
    assert not verify_consistency(0, size, first, last, proof)
    assert not verify_consistency(size, old, first, last, proof)
    assert not verify_consistency(size, size, last, last, proof)
    assert verify_consistency(size, size, last, last, [])


def test_proofs_of_what_is_not_in_the_tree_are_not_made() -> None:
    for index in (-1, 3):
        with pytest.raises(ValueError, match="not in a tree"):
            inclusion_proof(LEAVES[:3], index)
    for old in (0, 4):
        with pytest.raises(ValueError, match="is a prefix"):
            consistency_proof(LEAVES[:3], old)


def test_a_node_can_never_be_taken_for_a_leaf() -> None:
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])
