"""Entries: what the header commits to, and what it must not tell."""

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from audit_log import AT, OTHER, PERSON, an_event
from hypothesis import given
from hypothesis import strategies as st

from wye.audit.entry import FIELDS, Tokens, build
from wye.audit.event import Event, read_body, write_body
from wye.audit.verifier.entry import ciphertext_fits, read_header, tokens_fit, usual_header
from wye.errors import EvidenceBroken
from wye.keys.file import FileKeys
from wye.keys.sealing import Wrap, unseal
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

SALT = bytes(16)
MICROSECONDS = int(AT.timestamp()) * 1_000_000
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
EVENTS = st.builds(
    Event,
    kind=st.sampled_from(EventKind),
    at=st.datetimes(timezones=st.just(AT.tzinfo)),
    actor=TEXT,
    person=st.none() | st.uuids(),
    agreement=st.none() | TEXT,
    version=st.none() | TEXT,
    recipient=st.none() | TEXT,
    message=st.none() | st.uuids(),
    outcome=st.none() | TEXT,
    purpose=st.none() | TEXT,
    reasons=st.lists(TEXT, max_size=3).map(tuple),
    fields=st.lists(TEXT, max_size=3).map(tuple),
    counts=st.none() | st.dictionaries(TEXT, st.integers(0, 2**53), min_size=1, max_size=3),
    detail=st.dictionaries(TEXT, TEXT, max_size=3),
)


@given(EVENTS)
def test_event_read_back_is_the_event(event: Event) -> None:
    assert read_body(write_body(event)) == event


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"kind": "gossip", "at": "2026-11-21T00:00:00Z", "actor": "x"}'])
def test_body_that_is_no_event_is_refused_without_showing_it(body: bytes) -> None:
    with pytest.raises(EvidenceBroken, match="not an event") as refused:
        read_body(body)
    assert refused.value.__cause__ is None


def test_event_without_time_zone_or_with_a_malformed_nhs_number_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        an_event(at=AT.replace(tzinfo=None))
    for number in ("943 476 5919", "943476591", "94347659190", "94347659x9", ""):
        with pytest.raises(ValueError, match="10 digits") as refused:
            an_event(nhs_number=number)
        assert number == "" or number not in str(refused.value)


def test_header_commits_to_ciphertext_tokens_and_time(keys: FileKeys) -> None:
    entry = build(keys, Tokens(keys), uuid7(), an_event(), AT)

    header = read_header(entry.header)
    assert header.id == str(entry.id)
    assert header.key == entry.sealed.commitment.hex()
    assert entry.leaf == hashlib.sha256(b"\x00" + entry.header).digest()
    assert entry.header == orjson.dumps(orjson.loads(entry.header), option=orjson.OPT_SORT_KEYS)
    assert ciphertext_fits(header, entry.sealed.ciphertext)
    assert not ciphertext_fits(header, entry.sealed.ciphertext + b"\x00")
    assert tokens_fit(header, entry.salt, MICROSECONDS, entry.tokens)
    assert not tokens_fit(header, entry.salt, MICROSECONDS + 1, entry.tokens)
    assert not tokens_fit(header, entry.salt[::-1], MICROSECONDS, entry.tokens)
    assert not tokens_fit(header, entry.salt, MICROSECONDS, entry.tokens[1:])
    assert not tokens_fit(header, entry.salt, MICROSECONDS, [*entry.tokens, ("person", b"x" * 16)])
    assert not tokens_fit(header, entry.salt, MICROSECONDS, [("x" * 300, b""), ("person", b"x" * 300), *entry.tokens])


def test_first_token_hidden_in_the_salt_does_not_fit(keys: FileKeys) -> None:
    entry = build(keys, Tokens(keys), uuid7(), an_event(), AT)
    (field, token), *others = entry.tokens

    hidden = bytes((len(field),)) + field.encode() + bytes((len(token),)) + token
    salt = entry.salt + MICROSECONDS.to_bytes(8) + hidden[:-8]

    assert not tokens_fit(read_header(entry.header), salt, int.from_bytes(hidden[-8:], signed=True), others)


def test_usual_header_is_the_one_that_is_written_and_no_other(keys: FileKeys) -> None:
    one, other = (build(keys, Tokens(keys), uuid7(), an_event(), AT) for _ in range(2))
    (name, ciphertext, tokens), mixed = (
        (str(each.id), each.sealed.ciphertext, read_header(each.header).tokens) for each in (one, other)
    )

    assert usual_header(name, ciphertext, tokens) == one.header
    assert usual_header(mixed[0], ciphertext, tokens) != one.header
    assert usual_header(name, mixed[1], tokens) != one.header
    assert usual_header(name, ciphertext, mixed[2]) != one.header
    assert usual_header(name, ciphertext, "") is None
    assert read_header(usual_header(name, b"short", tokens) or b"").key == b"short".hex().ljust(64, "0")


def test_headers_of_one_person_share_nothing(keys: FileKeys) -> None:
    tokens = Tokens(keys)
    headers = [orjson.loads(build(keys, tokens, uuid7(), an_event(), AT).header) for _ in range(200)]

    for part in ("id", "body", "key", "tokens"):
        assert len({header[part] for header in headers}) == len(headers)
    assert {tuple(header) for header in headers} == {("body", "id", "key", "tokens", "v")}


def test_entry_is_held_by_its_person_or_by_itself(keys: FileKeys) -> None:
    about_person = build(keys, Tokens(keys), uuid7(), an_event(), AT)
    with_totals = build(keys, Tokens(keys), uuid7(), an_event(person=None, counts={"rows": 5}), AT)

    assert about_person.sealed.holder == PERSON
    assert with_totals.sealed.holder == with_totals.id


def test_nhs_number_is_findable_and_in_no_body(keys: FileKeys) -> None:
    entry = build(keys, Tokens(keys), uuid7(), an_event(nhs_number="9434765919"), AT)
    sealed = entry.sealed

    body = unseal(keys, entry.id, sealed.ciphertext, Wrap(sealed.holder, sealed.provider_key, sealed.wrapped))

    assert b"9434765919" not in body
    assert ("nhs-number", Tokens(keys).token("nhs-number", "9434765919")) in entry.tokens


def test_tokens_need_the_key_and_differ_by_field(keys: FileKeys) -> None:
    term = str(PERSON)

    assert Tokens(keys).token("person", term) != Tokens(keys).token("message", term)
    assert Tokens(keys).token("person", term) != Tokens(keys).token("person", str(OTHER))
    assert term.encode() not in Tokens(keys).token("person", term)
    assert Tokens(keys).token("person", term) != hashlib.sha256(term.encode()).digest()[:16]


@given(st.datetimes(timezones=st.just(AT.tzinfo)))
def test_verifier_reckons_any_time_as_the_writer_did(at: object) -> None:
    from datetime import UTC, datetime

    from wye.audit.entry import commit_to_tokens
    from wye.audit.verifier.entry import Header

    assert isinstance(at, datetime)
    if at.year < 1970:
        return
    commitment = commit_to_tokens(SALT, at, [("actor", SALT)]).hex()
    reckoned = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    assert tokens_fit(Header(str(UUID(int=0)), "", "", commitment), SALT, reckoned, [("actor", SALT)])


def test_token_is_the_hmac_of_its_term_under_the_key_of_its_field(keys: FileKeys) -> None:
    for field in FIELDS:
        for term in ("", "a", "9434765919", "x" * 55, "x" * 64, "x" * 200, str(PERSON)):
            plain = hmac.digest(keys.mac_key(f"audit-token/{field}"), term.encode(), "sha256")
            assert Tokens(keys).token(field, term) == plain[:16]


def test_header_is_sorted_json_without_spaces(keys: FileKeys) -> None:
    header = build(keys, Tokens(keys), uuid7(), an_event(), AT).header

    assert header == orjson.dumps(orjson.loads(header), option=orjson.OPT_SORT_KEYS)
