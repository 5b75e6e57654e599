"""Decode Dataverse's JSON: whatever text comes, what leaves can be stored."""

import json
import math

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.crm.edge import decode, mended

TEXT = st.text(st.characters())  # lone surrogates included
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)


@settings(deadline=None)  # the first example loads libraries
@given(value=VALUES)
def test_any_json_is_decoded_and_can_be_stored(value):
    found = decode(json.dumps(value).encode())

    assert orjson.loads(orjson.dumps(found)) == found
    assert mended(found) == found


@settings(deadline=None)  # the first example loads libraries
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_whole_text_comes_through_unchanged(text):
    assert decode(json.dumps(text).encode()) == text
    assert decode(json.dumps(text, ensure_ascii=False).encode()) == text


def test_pair_of_surrogates_is_one_character_and_half_a_pair_is_marked():
    assert decode(rb'"\ud83d\ude00 \ud83d x \ude00"') == "\U0001f600 \ufffd x \ufffd"


def test_bytes_that_are_no_utf8_are_marked():
    assert decode(b'"a\xffb"') == "a\ufffdb"


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**40])
def test_number_too_large_for_json_readers_becomes_text(number):
    assert decode(str(number).encode()) == str(number)


def test_number_beyond_all_floats_does_not_become_null():
    found = decode(b"1e999")

    assert isinstance(found, str)
    assert math.isinf(float(found))


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"-Infinity", b"[" * 200_000, b"\xff\xfe"])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(ValueError, match=r"."):
        decode(body)
