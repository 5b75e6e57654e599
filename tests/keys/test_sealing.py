"""Sealing: what is sealed opens for its value and holder, under its key, unaltered; anything else is refused."""

from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wye.errors import EvidenceBroken
from wye.keys.file import FileKeys
from wye.keys.sealing import Sealed, Wrap, commit, seal, seal_many, unseal

VALUE, HOLDER, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
PLAIN = b"an invented person's row"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> FileKeys:
    return FileKeys.open(tmp_path_factory.mktemp("home") / "keys")


def wrap_of(sealed: Sealed) -> Wrap:
    return Wrap(sealed.holder, sealed.provider_key, sealed.wrapped)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=st.uuids(), holder=st.uuids(), plaintext=st.binary(max_size=2000))
def test_sealed_value_opens_to_what_was_sealed(keys: FileKeys, value: UUID, holder: UUID, plaintext: bytes) -> None:
    sealed = seal(keys, value, holder, plaintext)

    assert unseal(keys, value, sealed.ciphertext, wrap_of(sealed)) == plaintext
    assert sealed.ciphertext.startswith(sealed.commitment)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_sealed_value_with_any_bit_changed_is_refused(keys: FileKeys, data: st.DataObject) -> None:
    sealed = seal(keys, VALUE, HOLDER, PLAIN)
    part = data.draw(st.sampled_from(["ciphertext", "wrapped"]))
    altered = bytearray(getattr(sealed, part))
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    forged = replace(sealed, **{part: bytes(altered)})

    with pytest.raises(EvidenceBroken):
        unseal(keys, VALUE, forged.ciphertext, wrap_of(forged))


@pytest.mark.parametrize("length", [0, 1, 31, 32, 43, 44, 59, 60])
def test_sealed_value_cut_short_is_refused(keys: FileKeys, length: int) -> None:
    sealed = seal(keys, VALUE, HOLDER, PLAIN)

    with pytest.raises(EvidenceBroken):
        unseal(keys, VALUE, sealed.ciphertext[:length], wrap_of(sealed))


def test_sealed_value_in_the_place_of_another_is_refused(keys: FileKeys) -> None:
    sealed = seal(keys, VALUE, HOLDER, PLAIN)

    with pytest.raises(EvidenceBroken):
        unseal(keys, OTHER, sealed.ciphertext, wrap_of(sealed))


def test_wrap_given_to_another_holder_is_refused(keys: FileKeys) -> None:
    sealed = seal(keys, VALUE, HOLDER, PLAIN)

    with pytest.raises(EvidenceBroken):
        unseal(keys, VALUE, sealed.ciphertext, replace(wrap_of(sealed), holder=OTHER))


def test_value_whose_key_was_exchanged_is_refused_by_the_commitment(keys: FileKeys) -> None:
    # A wrap that is genuine, of a key under which GCM would open the rest: only the commitment tells.
    sealed = seal(keys, VALUE, HOLDER, PLAIN)
    key, nonce = bytes(32), bytes(12)
    wrap = Wrap(HOLDER, *keys.wrap(key, VALUE.bytes + HOLDER.bytes))
    forged = sealed.commitment + nonce + AESGCM(key).encrypt(nonce, b"another text", VALUE.bytes)

    with pytest.raises(EvidenceBroken, match="not sealed under its key"):
        unseal(keys, VALUE, forged, wrap)
    assert unseal(keys, VALUE, commit(key) + forged[32:], wrap) == b"another text"


def test_nothing_repeats_between_two_seals_of_one_text(keys: FileKeys) -> None:
    first, second = seal_many(keys, [(VALUE, HOLDER, PLAIN), (VALUE, HOLDER, PLAIN)])

    for part in ("commitment", "wrapped"):
        assert getattr(first, part) != getattr(second, part)
    assert first.ciphertext[32:44] != second.ciphertext[32:44]
    assert first.ciphertext[44:] != second.ciphertext[44:]
