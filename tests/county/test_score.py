"""The score: precision and recall by pairs, equal to counting every pair one by one."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wye.county import score
from wye.county.truth import RecordKey, Score, compare

RECORDS: list[RecordKey] = [("system", "stream", str(number)) for number in range(14)]
PARTITIONS = st.dictionaries(st.sampled_from(RECORDS), st.integers(0, 5))


def counted_pair_by_pair(
    predicted: dict[RecordKey, int], truth: dict[RecordKey, int]
) -> tuple[int, float, float, float, int]:
    both = [key for key in RECORDS if key in predicted and key in truth]
    pairs = [(predicted[a] == predicted[b], truth[a] == truth[b]) for a, b in combinations(both, 2)]
    right = sum(said and real for said, real in pairs)
    said_pairs, real_pairs = sum(said for said, _ in pairs), sum(real for _, real in pairs)
    precision = right / said_pairs if said_pairs else 1.0
    recall = right / real_pairs if real_pairs else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    clusters = {predicted[key] for key in both}
    false = sum(len({truth[key] for key in both if predicted[key] == cluster}) > 1 for cluster in clusters)
    return real_pairs, precision, recall, f1, false


@given(predicted=PARTITIONS, truth=PARTITIONS)
def test_compare_agrees_with_counting_pair_by_pair(predicted: dict[RecordKey, int], truth: dict[RecordKey, int]):
    found = compare(predicted, truth)

    assert (found.pairs, found.precision, found.recall, found.f1, found.false_merges) == pytest.approx(
        counted_pair_by_pair(predicted, truth)
    )
    assert found.missing == len(truth.keys() - predicted.keys())
    assert found.unknown == len(predicted.keys() - truth.keys())


def test_score_of_the_truth_itself_is_perfect(tmp_path: Path):
    (tmp_path / "people.csv").write_text(
        "system,stream,key,person\ncrm,contacts,a,R1\ncrm,contacts,b,R1\ncrm,contacts,c,R2\n"
    )

    found = score({("crm", "contacts", "a"): 1, ("crm", "contacts", "b"): 1, ("crm", "contacts", "c"): 2}, tmp_path)

    assert found == Score(pairs=1, precision=1.0, recall=1.0, f1=1.0, false_merges=0, missing=0, unknown=0)


def test_score_of_everybody_joined_counts_a_false_merge(tmp_path: Path):
    (tmp_path / "people.csv").write_text(
        "system,stream,key,person\ncrm,contacts,a,R1\ncrm,contacts,b,R1\ncrm,contacts,c,R2\n"
    )

    found = score({("crm", "contacts", key): 1 for key in "abc"}, tmp_path)

    assert (found.precision, found.recall, found.false_merges) == (pytest.approx(1 / 3), 1.0, 1)


def test_compare_of_a_hundred_thousand_records_in_one_heap_does_not_count_pairs_one_by_one():
    records = [("s", "t", str(number)) for number in range(100_000)]

    found = compare(dict.fromkeys(records, 1), dict.fromkeys(records, 2))

    assert found.pairs == 100_000 * 99_999 // 2
