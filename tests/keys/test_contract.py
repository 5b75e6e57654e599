"""What every key provider does, on each of them: the file, and a PKCS#11 token."""

import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from soft_token import MODULE, PIN, SoftTokens

from wye.errors import EvidenceBroken
from wye.keys.file import FileKeys
from wye.keys.provider import KeyProvider
from wye.keys.sealing import Wrap, commit, seal, unseal
from wye.keys.token import TokenKeys

KEY = bytes(range(32))
CONTEXT = b"value and holder"
Open = Callable[[], KeyProvider]


def test_keys_opened_again_are_the_same(provider: KeyProvider, open_provider: Open) -> None:
    name, wrapped = provider.wrap(KEY, CONTEXT)

    again = open_provider()

    assert (again.current, again.wrapping_keys) == (provider.current, provider.wrapping_keys) == (name, (name,))
    assert again.unwrap(name, wrapped, CONTEXT) == KEY
    assert again.mac_key("audit-token/person") == provider.mac_key("audit-token/person")
    assert again.signing_key().public_key() == provider.signing_key().public_key()
    assert again.place == provider.place


def test_wrap_opens_with_its_key_and_context_only(provider: KeyProvider) -> None:
    name, wrapped = provider.wrap(KEY, CONTEXT)

    assert provider.unwrap(name, wrapped, CONTEXT) == KEY
    assert KEY not in wrapped
    for key_id, altered, context in (
        (name, wrapped, b"another"),
        (name, wrapped, b""),
        (name, wrapped[:-1] + bytes([wrapped[-1] ^ 1]), CONTEXT),
        (name, bytes([wrapped[0] ^ 1]) + wrapped[1:], CONTEXT),
        (name, wrapped[:5], CONTEXT),
        (name, wrapped + b"\0", CONTEXT),
        (name, b"", CONTEXT),
        (f"{name}0", wrapped, CONTEXT),
        ("", wrapped, CONTEXT),
    ):
        with pytest.raises(EvidenceBroken):
            provider.unwrap(key_id, altered, context)
    assert provider.unwrap(name, wrapped, CONTEXT) == KEY


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(key=st.binary(min_size=32, max_size=32), context=st.binary(max_size=64), bit=st.integers(0, 60 * 8 - 1))
def test_wrap_with_any_bit_changed_does_not_open(provider: KeyProvider, key: bytes, context: bytes, bit: int) -> None:
    name, wrapped = provider.wrap(key, context)
    altered = bytearray(wrapped)
    altered[bit // 8] ^= 1 << bit % 8

    assert provider.unwrap(name, wrapped, context) == key
    with pytest.raises(EvidenceBroken):
        provider.unwrap(name, bytes(altered), context)


def test_two_wraps_of_one_key_share_nothing(provider: KeyProvider) -> None:
    (_, first), (_, second) = provider.wrap(KEY, CONTEXT), provider.wrap(KEY, CONTEXT)

    assert first[:12] != second[:12]
    assert first[12:] != second[12:]


def test_wrap_of_another_set_of_keys_does_not_open(
    provider: KeyProvider, tmp_path: Path, soft_tokens: SoftTokens
) -> None:
    name, wrapped = provider.wrap(KEY, CONTEXT)

    others: tuple[KeyProvider, ...] = (
        FileKeys.open(tmp_path / "others"),
        TokenKeys.open(MODULE, soft_tokens.fresh(), PIN, create_under=tmp_path / "lock"),
    )
    for other in others:
        for key_id in (name, other.current):
            with pytest.raises(EvidenceBroken):
                other.unwrap(key_id, wrapped, CONTEXT)


def test_value_sealed_under_another_key_is_refused_by_its_commitment(provider: KeyProvider) -> None:
    # Two keys under which one GCM ciphertext opens can be made: whoever could wrap the second is told apart by this.
    value, holder = UUID(int=1), UUID(int=2)
    sealed = seal(provider, value, holder, b"an invented person's row")

    name, wrapped = provider.wrap(bytes(32), value.bytes + holder.bytes)

    assert sealed.ciphertext[:32] == sealed.commitment != commit(bytes(32))
    with pytest.raises(EvidenceBroken, match="not sealed under its key"):
        unseal(provider, value, sealed.ciphertext, Wrap(holder, name, wrapped))


def test_mac_keys_differ_by_label(provider: KeyProvider) -> None:
    labels = ["audit-token/person", "audit-token/actor", "pseudonym/arrowshire-hospitals", "content/crm", ""]

    assert len({provider.mac_key(label) for label in labels}) == len(labels)
    assert {len(provider.mac_key(label)) for label in labels} == {32}


def test_signature_is_ed25519_over_what_was_signed(provider: KeyProvider) -> None:
    key = provider.signing_key()

    signature = key.sign(b"a checkpoint")

    assert len(signature) == 64
    key.public_key().verify(signature, b"a checkpoint")
    with pytest.raises(InvalidSignature):
        key.public_key().verify(signature, b"another checkpoint")


def test_rotation_makes_a_new_current_key_and_the_old_one_still_opens(
    provider: KeyProvider, open_provider: Open
) -> None:
    first = provider.current
    _, wrapped = provider.wrap(KEY, CONTEXT)
    mac, public = provider.mac_key("x"), provider.signing_key().public_key()

    second = provider.rotate()
    third = provider.rotate()

    assert len({first, second, third}) == 3
    assert provider.current == third == provider.wrap(KEY, CONTEXT)[0]
    assert set(provider.wrapping_keys) == {first, second, third}
    assert provider.unwrap(first, wrapped, CONTEXT) == KEY
    again = open_provider()
    assert (again.current, again.wrapping_keys) == (third, provider.wrapping_keys)
    assert (again.mac_key("x"), again.signing_key().public_key()) == (mac, public)


def test_rotation_by_another_is_noticed_when_needed(provider: KeyProvider, open_provider: Open) -> None:
    other = open_provider()
    first = provider.current
    second = other.rotate()

    name, wrapped = other.wrap(KEY, CONTEXT)

    assert provider.current == first
    assert name == second
    assert provider.unwrap(second, wrapped, CONTEXT) == KEY
    assert provider.current == second


def test_renewal_notices_a_rotation_and_a_destruction(provider: KeyProvider, open_provider: Open) -> None:
    other = open_provider()
    first, second = provider.current, other.rotate()
    provider.renew()
    assert (provider.current, set(provider.wrapping_keys)) == (second, {first, second})

    other.destroy(first)
    provider.renew()

    assert provider.wrapping_keys == (second,)


def test_destroyed_key_opens_nothing_any_more(provider: KeyProvider, open_provider: Open) -> None:
    first, wrapped = provider.wrap(KEY, CONTEXT)
    provider.rotate()

    assert provider.destroy(first) is True
    assert provider.destroy(first) is False

    for each in (provider, open_provider()):
        assert first not in each.wrapping_keys
        with pytest.raises(EvidenceBroken, match="no wrapping key"):
            each.unwrap(first, wrapped, CONTEXT)


def test_current_key_is_never_destroyed(provider: KeyProvider) -> None:
    name, wrapped = provider.wrap(KEY, CONTEXT)

    with pytest.raises(ValueError, match="current"):
        provider.destroy(name)

    assert provider.unwrap(name, wrapped, CONTEXT) == KEY


def test_wraps_of_many_threads_during_rotations_all_open_under_the_key_they_name(provider: KeyProvider) -> None:
    made: list[tuple[bytes, str, bytes]] = []
    done = threading.Event()

    def work(number: int) -> None:
        count = 0
        while not done.is_set() or count < 40:
            key = number.to_bytes(1) * 28 + count.to_bytes(4)
            made.append((key, *provider.wrap(key, CONTEXT)))
            count += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        provider.rotate()
    done.set()
    for thread in threads:
        thread.join()

    assert len(made) >= 160
    assert {name for _, name, _ in made} <= set(provider.wrapping_keys)
    for key, name, wrapped in made:
        assert provider.unwrap(name, wrapped, CONTEXT) == key


def test_no_key_shows_in_what_is_printed(provider: KeyProvider) -> None:
    mac = provider.mac_key("audit-token/person")

    shown = repr(provider) + provider.place + str(provider)

    assert provider.current in shown
    for secret in (mac, PIN.encode()):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
