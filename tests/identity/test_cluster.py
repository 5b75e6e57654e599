"""Gathering: strongest tie first, no chain past an objection, the same whatever the order."""

from dataclasses import replace
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from wye.identity.cluster import Tie, Words, doubts, gather, unambiguous
from wye.identity.conflict import Traits, conflict

JOHN = Traits("frameworki", "JOHN", "JOHN", None, "ASHDOWN", "1950-03-07", None, sealed=False)


def tie(a: int, b: int, weight: float = 10.0, rank: int = 9) -> Tie:
    return Tie((min(a, b), max(a, b)), rank, weight, "auto", f"weighs {weight:.1f}", sure=weight >= 8)


def groups(clusters):
    return {frozenset(members) for members in clusters.members.values()}


traits = st.builds(
    Traits,
    source=st.sampled_from(["frameworki", "crm"]),
    given=st.sampled_from(["JOHN", "JON", "JOAN", "J", None]),
    known_as=st.sampled_from(["JOHN", "JOAN"]),
    middle=st.none(),
    family=st.sampled_from(["ASHDOWN", None]),
    birth_date=st.sampled_from(["1950-03-07", "1950-07-03", "1980-11-21", None]),
    nhs_number=st.sampled_from(["9990000018", "9990000026", None]),
    sealed=st.sampled_from([False, False, False, True]),
)
pairs = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 30), st.integers(1, 9)).filter(
        lambda p: p[0] != p[1]
    ),
    max_size=15,
    unique_by=lambda p: frozenset(p[:2]),
)


@given(st.lists(traits, min_size=7, max_size=7), pairs, st.randoms(use_true_random=False))
def test_gather_of_anything_never_joins_two_who_object_and_forgets_the_order(people, found, chance: Random):
    ties = [tie(a, b, weight, rank) for a, b, weight, rank in found]
    by_place = dict(enumerate(people))
    shuffled = list(ties)
    chance.shuffle(shuffled)

    clusters = gather(range(7), ties, by_place, Words())

    assert groups(clusters) == groups(gather(reversed(range(7)), shuffled, by_place, Words()))
    for members in clusters.members.values():
        assert not any(conflict(by_place[a], by_place[b]) for a, b in combinations(members, 2))
    assert sorted(place for members in clusters.members.values() for place in members) == list(range(7))


def test_chain_through_a_record_without_numbers_does_not_join_two_numbers():
    people = {0: replace(JOHN, nhs_number="9990000018"), 1: JOHN, 2: replace(JOHN, nhs_number="9990000026")}

    found = gather(range(3), [tie(0, 1, 20), tie(1, 2, 19)], people, Words())

    assert groups(found) == {frozenset({0, 1}), frozenset({2})}


def test_human_word_outweighs_every_objection_but_a_sealed_identity():
    other = replace(JOHN, given="ZAK", known_as="ZAK", birth_date="1990-01-02")
    same = Words(same=frozenset({(0, 1)}))

    assert len(gather(range(2), [tie(0, 1, rank=0)], {0: JOHN, 1: other}, same).members) == 1
    assert len(gather(range(2), [tie(0, 1, rank=0)], {0: JOHN, 1: replace(other, sealed=True)}, same).members) == 2


def test_pair_that_a_human_found_different_is_neither_joined_nor_asked_again():
    words = Words(different=frozenset({(0, 1)}))
    ties = [tie(0, 1, 30, rank=1)]

    found = gather(range(2), ties, {0: JOHN, 1: JOHN}, words)

    assert len(found.members) == 2
    assert doubts(found, ties, {0: JOHN, 1: JOHN}, words) == []


def test_doubts_name_the_strongest_pair_of_two_groups_once():
    people = {0: JOHN, 1: JOHN, 2: JOHN}
    ties = [tie(0, 1, 20), tie(1, 2, 4), tie(0, 2, 5)]
    found = gather(range(3), [ties[0]], people, Words())

    asked = doubts(found, ties, people, Words())

    assert [(doubt.pair, doubt.weight) for doubt in asked] == [((0, 2), 5)]


def test_initial_that_may_be_either_of_two_people_is_joined_to_neither():
    initial = replace(JOHN, source="civica_revenues", given="J", known_as="J", birth_date=None)
    jane = replace(JOHN, given="JANE", known_as="JANE")
    people = {0: initial, 1: JOHN, 2: jane}
    ties = [tie(0, 1, 9.0), tie(0, 2, 8.5)]

    assert unambiguous(ties, people, Words(), margin=4.0) == []
    assert unambiguous([ties[0], tie(0, 2, 2.0)], people, Words(), margin=4.0) == [ties[0]]
    assert unambiguous([ties[0]], people, Words(), margin=4.0) == [ties[0]]
