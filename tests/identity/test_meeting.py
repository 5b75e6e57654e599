"""Who meets by a blocking key: found by hand and in columns alike, and as plain sets of everybody's keys say."""

from collections import defaultdict
from itertools import combinations
from uuid import UUID

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.identity import model
from wye.identity.meeting import KEYS, ByHand, InColumns

CROWD = 3
RECORDS = [str(UUID(int=n)) for n in range(9)]
keys_of = st.dictionaries(st.sampled_from(RECORDS), st.sets(st.integers(-4, 4)), max_size=9)


def kept(everybody: dict[str, set[int]], asked: dict[int, int]) -> str:
    """What the table gives: of each key that is asked for, at most one more than is wanted, in any order."""
    found = [(key, record) for key, most in asked.items() for record in _of(everybody, key)[: most + 1]]
    return "\n".join(f"{key},{record}" for key, record in found)


def _of(everybody: dict[str, set[int]], key: int) -> list[str]:
    return sorted((record for record, keys in everybody.items() if key in keys), reverse=True)


@pytest.fixture(scope="module", autouse=True)
def small_crowds():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "CROWD", CROWD)
        yield


@given(keys_of, keys_of)
def test_both_ways_find_what_sets_of_everybody_s_keys_say(
    was: dict[str, set[int]], changes: dict[str, set[int]]
) -> None:
    before = [(n, key, record) for n, record in enumerate(changes) for key in sorted(was.get(record, ()))]
    place = {record: 100 + n for n, record in enumerate(RECORDS[:8])}  # the ninth left its source
    after = [(place[record], key, record) for record, keys in changes.items() if record in place for key in keys]
    now = {**was, **{record: keys if record in place else set() for record, keys in changes.items()}}
    touched = {key for _, key, _ in (*before, *after)}
    sizes = {key: (len(_of(was, key)), len(_of(now, key))) for key in touched}
    crossed = {r for key, (a, b) in sizes.items() if (a <= CROWD) != (b <= CROWD) for r in _of(now, key)}
    met, pairs = set(), set()
    holders: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for n, key, record in (*before, *after):
        holders[key].append((n, record))
    for key in touched:
        if sizes[key][1] <= CROWD:
            met |= set(_of(now, key))
            for n, record in holders[key]:
                others = {place[each] for each in _of(now, key) if each in place and each != record}
                pairs |= {(min(n, other), max(n, other)) for other in others}

    for way in (ByHand(before, after), InColumns(_columns(before), _columns(after))):
        asked = dict(way.asked())
        assert set(asked) == touched
        assert way.met(kept(was, asked)) == sorted(met)
        ended, begun = (set(each) for each in way.swap())
        assert ended == {key[1:] for key in before} - {key[1:] for key in after}
        assert begun == {key[1:] for key in after} - {key[1:] for key in before}
        assert set(way.crossed()) == crossed
        found = way.pairs(place)
        assert sorted(found if isinstance(found, list) else found.rows()) == sorted(pairs)


def _columns(keys: list[tuple[int, int, str]]) -> pl.DataFrame:
    return pl.DataFrame(keys, schema=dict(KEYS), orient="row")


def test_one_key_brings_each_pair_once() -> None:
    keys = [(n, 7, record) for n, record in enumerate(RECORDS[:3])]
    lines = "\n".join(f"7,{record}" for record in RECORDS[:3])
    place = {record: n for n, record in enumerate(RECORDS[:3])}

    for way in (ByHand(keys, keys), InColumns(_columns(keys), _columns(keys))):
        way.met(lines)
        found = way.pairs(place)
        assert sorted(found if isinstance(found, list) else found.rows()) == list(combinations(range(3), 2))
