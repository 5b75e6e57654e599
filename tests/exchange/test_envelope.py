"""Test the envelope against joserfc, and that what was altered, swapped or meant for another does not open."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.jwk import OctKey

from wye.errors import MessageRefused
from wye.exchange.envelope import MessageSealer, body_hash, open_inbound, seal_key
from wye.exchange.identities import Party, make_party
from wye.partner.attributes import Attributes, read_attributes, to_headers
from wye.partner.envelope_reader import decrypt_for, open_key_message, open_message, thumbprint, write_content
from wye.partner.receipt import Receipt, Refusal, read_receipt, sign_receipt
from wye.partner.send import seal_inbound
from wye.partner.signed import sign, verify
from wye.vocabulary import MessageKind, ReceiptOutcome

KEY = bytes(range(32))
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LEAF = b"\x05" * 32
PUT = Attributes(
    UUID("01935a6e-0000-7000-8000-000000000001"), "/council/care", MessageKind.PUT, "2026-11-02T09:00:00Z", "ab12",
    "care", "1.2.0", 7,
)  # fmt: skip
BODIES = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Party:
    return make_party(tmp_path_factory.mktemp("hub") / "keys", "council")


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Party:
    return make_party(tmp_path_factory.mktemp("partner") / "keys", "hospital")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Party:
    return make_party(tmp_path_factory.mktemp("stranger") / "keys", "hospital")


def _open(hub: Party, compact: bytes, attributes: Attributes = PUT, **changes):
    return open_message(
        compact, to_headers(attributes), {thumbprint(KEY): KEY}, agreement="care", hub_signing=hub.signing, **changes
    )


@given(BODIES, st.binary(min_size=32, max_size=32))
def test_seal_any_body_joserfc_opens_ours(body, key):
    compact = MessageSealer(key).seal(PUT, LEAF, "application/json", body.encode())

    opened = jwe.decrypt_compact(compact, OctKey.import_key(key), algorithms=["dir", "A256GCM"])

    assert opened.headers() == {"alg": "dir", "enc": "A256GCM", "kid": thumbprint(key)}
    content = json.loads(opened.plaintext or b"")
    assert content["body"] == body
    assert (content["id"], content["subject"], content["sequence"]) == (str(PUT.id), "ab12", 7)
    assert (content["kind"], content["leaf"]) == ("put", LEAF.hex())


@given(BODIES)
def test_open_joserfcs_own_message_gives_its_body(hub, body):
    protected = {"alg": "dir", "enc": "A256GCM", "kid": thumbprint(KEY)}
    content = write_content(PUT, LEAF.hex(), "application/json", body.encode())
    compact = jwe.encrypt_compact(protected, content, OctKey.import_key(KEY), algorithms=["dir", "A256GCM"])

    opened = _open(hub, compact.encode())

    assert (opened.body, opened.attributes, opened.signed) == (body.encode(), PUT, False)


@given(BODIES)
def test_seal_then_open_is_identity(hub, body):
    opened = _open(hub, MessageSealer(KEY, hub.signing).seal(PUT, LEAF, "x/y", body.encode()), signature_required=True)

    assert (opened.body, opened.leaf, opened.media_type, opened.signed) == (body.encode(), LEAF.hex(), "x/y", True)


def test_thumbprint_is_rfc_7638():
    assert thumbprint(KEY) == OctKey.import_key(KEY).thumbprint()


def test_seal_twice_never_repeats_a_nonce():
    sealer = MessageSealer(KEY)

    nonces = {sealer.seal(PUT, LEAF, "x/y", b"same").split(b".")[2] for _ in range(2000)}

    assert len(nonces) == 2000


def test_open_any_altered_character_is_refused(hub):
    compact = MessageSealer(KEY).seal(PUT, LEAF, "x/y", b"{}")

    for i, byte in enumerate(compact):
        for other in (b"A", b"B", b"-", b"=", b"."):
            if other[0] != byte:
                with pytest.raises(MessageRefused):
                    _open(hub, compact[:i] + other + compact[i + 1 :])


@pytest.mark.parametrize(
    "changes",
    [
        {"id": UUID("01935a6e-0000-7000-8000-000000000002")},
        {"subject": "cd34"},
        {"subject": ""},
        {"sequence": 8},
        {"kind": MessageKind.CORRECT},
        {"version": "1.2.1"},
        {"time": "2026-11-02T09:00:01Z"},
        {"source": "/council/other"},
        {"agreement": "other"},
    ],
)
def test_open_headers_of_another_message_are_refused(hub, changes):
    compact = MessageSealer(KEY).seal(PUT, LEAF, "x/y", b"{}")

    with pytest.raises(MessageRefused, match="headers were altered"):
        _open(hub, compact, replace(PUT, **changes))


def test_open_message_of_another_agreement_is_refused(hub):
    other = replace(PUT, agreement="other")
    compact = MessageSealer(KEY).seal(other, LEAF, "x/y", b"{}")

    with pytest.raises(MessageRefused, match="another agreement"):
        _open(hub, compact, other)


def test_open_unknown_session_key_is_refused(hub):
    compact = MessageSealer(bytes(32)).seal(PUT, LEAF, "x/y", b"{}")

    with pytest.raises(MessageRefused, match="not handed over"):
        _open(hub, compact)


def test_open_key_under_a_false_name_is_refused(hub):
    compact = MessageSealer(KEY).seal(PUT, LEAF, "x/y", b"{}")

    with pytest.raises(MessageRefused, match="does not open"):
        open_message(compact, to_headers(PUT), {thumbprint(KEY): bytes(32)}, agreement="care", hub_signing=hub.signing)


def test_open_unsigned_where_signature_is_required_is_refused(hub):
    compact = MessageSealer(KEY).seal(PUT, LEAF, "x/y", b"{}")

    with pytest.raises(MessageRefused, match="no signature"):
        _open(hub, compact, signature_required=True)


def test_open_signed_by_a_stranger_is_refused(hub, stranger):
    compact = MessageSealer(KEY, stranger.signing).seal(PUT, LEAF, "x/y", b"{}")

    with pytest.raises(MessageRefused, match="signature"):
        _open(hub, compact)


def test_open_message_of_kind_key_under_a_session_key_is_refused(hub):
    key = replace(PUT, kind=MessageKind.KEY)
    compact = MessageSealer(KEY).seal(key, LEAF, "x/y", b"{}")

    with pytest.raises(MessageRefused, match="own key"):
        _open(hub, compact, key)


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "agreement", "sequence", "kind"])
def test_read_attributes_missing_header_is_named(name):
    headers = to_headers(PUT)
    del headers[f"cloudEvents:{name}"]

    with pytest.raises(MessageRefused, match=name):
        read_attributes(headers)


def test_seal_body_that_is_not_text_is_refused_without_showing_it():
    with pytest.raises(MessageRefused, match="not UTF-8") as caught:
        MessageSealer(KEY).seal(PUT, LEAF, "x/y", b"secret\xff")

    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_key_message_opens_for_its_partner_only(hub, partner, stranger):
    attributes = replace(PUT, kind=MessageKind.KEY, subject="", sequence=0)
    compact = seal_key(KEY, "care", AT, hub, partner.public())

    def opening(who: Party, signer: Party = hub, agreement: str = "care", recipient: str = "hospital"):
        headers = to_headers(replace(attributes, agreement=agreement))
        return open_key_message(
            compact, headers, who.encryption, signer.signing, agreement=agreement, recipient=recipient
        )

    found = opening(partner)
    assert (found.key, found.kid, found.not_before) == (KEY, thumbprint(KEY), AT)
    for wrong in ({"who": stranger}, {"signer": stranger}, {"agreement": "other"}, {"recipient": "police"}):
        with pytest.raises(MessageRefused):
            opening(**{"who": partner, **wrong})


def test_key_message_whose_name_does_not_commit_to_the_key_is_refused(hub, partner, monkeypatch):
    monkeypatch.setattr("wye.exchange.envelope.thumbprint", lambda _key: thumbprint(bytes(32)))
    compact = seal_key(KEY, "care", AT, hub, partner.public())
    headers = to_headers(replace(PUT, kind=MessageKind.KEY, subject="", sequence=0))

    with pytest.raises(MessageRefused, match="commits"):
        open_key_message(compact, headers, partner.encryption, hub.signing, agreement="care", recipient="hospital")


def _inbound(hub: Party, partner: Party, recipient: str = "council", attributes: Attributes = PUT) -> bytes:
    return seal_inbound(
        attributes, "application/json", b'{"a":1}', recipient=recipient, signing=partner.signing,
        hub_encryption=hub.encryption,
    )  # fmt: skip


def test_inbound_opens_for_the_hub(hub, partner):
    message = open_inbound(_inbound(hub, partner), to_headers(PUT), hub, partner.public(), agreement="care")

    assert (message.id, message.partner, message.agreement, message.subject) == (PUT.id, "hospital", "care", "ab12")
    assert (message.body, message.media_type, message.time) == (b'{"a":1}', "application/json", AT)


def test_inbound_wrong_in_any_way_is_refused(hub, partner, stranger):
    good = _inbound(hub, partner)
    ways = [
        (_inbound(hub, stranger), PUT, hub, "care"),
        (good, PUT, stranger, "care"),
        (good, PUT, hub, "other"),
        (good, replace(PUT, id=UUID(int=1)), hub, "care"),
        (_inbound(hub, partner, recipient="another-council"), PUT, hub, "care"),
        (good[:-3] + b"AAA", PUT, hub, "care"),
        (b"", PUT, hub, "care"),
        (b"\xff\x00", PUT, hub, "care"),
    ]
    for compact, attributes, reader, agreement in ways:
        with pytest.raises(MessageRefused):
            open_inbound(compact, to_headers(attributes), reader, partner.public(), agreement=agreement)


def test_inbound_signature_made_for_a_receipt_is_refused(hub, partner):
    inner = verify(decrypt_for(_inbound(hub, partner), hub.encryption), "wye-inbound+jws", partner.signing)

    with pytest.raises(MessageRefused, match="another use"):
        verify(sign(inner, "wye-receipt+jws", partner.signing), "wye-inbound+jws", partner.signing)


@given(st.sampled_from(list(ReceiptOutcome)), st.integers(0, 2**60), st.sampled_from(list(Refusal)))
def test_receipt_sign_then_read_is_identity(partner, outcome, sequence, refusal):
    refused = outcome is ReceiptOutcome.REFUSED
    receipt = Receipt(PUT.id, body_hash(b"x"), outcome, AT, sequence, refusal if refused else None)

    assert read_receipt(sign_receipt(receipt, partner.signing), partner.public().signing) == receipt


def test_receipt_signed_by_a_stranger_or_altered_is_refused(partner, stranger):
    receipt = Receipt(PUT.id, body_hash(b"x"), ReceiptOutcome.APPLIED, AT, 7)
    head, payload, signature = sign_receipt(receipt, partner.signing).split(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=="))
    altered = base64.urlsafe_b64encode(json.dumps(content | {"outcome": "refused"}).encode()).decode().rstrip("=")

    for jws_text in (sign_receipt(receipt, stranger.signing), f"{head}.{altered}.{signature}", "x", ""):
        with pytest.raises(MessageRefused):
            read_receipt(jws_text, partner.public().signing)


def test_receipt_with_algorithm_none_is_refused(partner):
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"wye-receipt+jws"}').decode().rstrip("=")

    with pytest.raises(MessageRefused):
        read_receipt(f"{header}.e30.", partner.public().signing)


def test_receipt_is_a_jws_that_any_library_reads(partner):
    text = sign_receipt(Receipt(PUT.id, "00", ReceiptOutcome.APPLIED, AT, 7), partner.signing)

    found = jws.deserialize_compact(text, partner.public().signing, algorithms=["Ed25519"])

    assert json.loads(found.payload)["id"] == str(PUT.id)


def test_party_keys_are_private_files_and_never_overwritten(tmp_path: Path):
    from wye.errors import UsageError
    from wye.exchange.identities import hub_party, load_party, read_partner

    home = tmp_path / "hub"
    made = hub_party(home, "council")

    assert {path.name: path.stat().st_mode & 0o777 for path in home.glob("*.pem")} == {
        "signing.pem": 0o600,
        "encryption.pem": 0o600,
    }
    assert b"PRIVATE" not in (home / "partner.json").read_bytes()
    assert '"d"' not in (home / "partner.json").read_text()
    assert hub_party(home, "council").signing.thumbprint() == made.signing.thumbprint()
    for wrong in (
        lambda: make_party(home, "council"),
        lambda: hub_party(home, "another"),
        lambda: read_partner(home, "partner"),
        lambda: make_party(tmp_path / "x", "Not A Name"),
    ):
        with pytest.raises(UsageError):
            wrong()
    (home / "signing.pem").chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        load_party(home)
