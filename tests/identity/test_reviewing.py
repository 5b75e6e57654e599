"""The queue: explained weights, paging, blind second looks, disputes, and how well reviewers agree."""

from collections.abc import Iterator
from itertools import product
from math import isclose
from uuid import UUID

import pytest
from canonical_people import AT, later, link_state, person, store
from hypothesis import given
from hypothesis import strategies as st

from wye.errors import UsageError
from wye.identity import queue
from wye.identity.deciding import Decided, decide
from wye.identity.explaining import Explained, Part, explain
from wye.identity.identify import identify
from wye.identity.merge import undo
from wye.identity.objections import objections
from wye.identity.review import person_of
from wye.identity.second_look import agreement, drawn
from wye.identity.second_look_rows import counts
from wye.identity.short_id import bounds
from wye.identity.side_by_side import side_by_side
from wye.identity.wording import differences, explanation, nickname
from wye.identity.words import ordered
from wye.ports import record_id
from wye.store.database import Connection, connect

LIZ = {"family_name": "Ashdown", "birth_date": "1950-03-07", "sex": "F", "postcode": "AR1 1AA", "lines": "10 Mill Lane"}
NUMBERS = [
    "9990000018",
    "9990000026",
    "9990000034",
    "9990000042",
    "9990000050",
    "9990000069",
    "9990000077",
    "9990000085",
]
"""Of the range that is kept for tests, with their check digits."""
FAMILIES = ["Ashdown", "Beech", "Cole", "Dunn"]
CARE, CONTACT = record_id("frameworki", "persons", "1"), record_id("nhs_fhir", "admissions", "1")


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as opened:
        yield opened


def doubtful(conn: Connection, pairs: int = 1) -> None:
    """Pairs that are alike but for two NHS numbers; each further pair a little less."""
    for number in range(pairs):
        key, born = str(number + 1), f"19{50 + number}-03-07"
        known = LIZ | {
            "birth_date": born,
            "family_name": FAMILIES[number],
            "lines": f"{number} Mill Lane",
            "postcode": f"AR{number + 1} 1AA",
            "phone": f"0770090012{number}",
        }
        one, two = NUMBERS[2 * number : 2 * number + 2]
        email = {} if number % 2 else {"email": f"liz{number}@example.org"}
        store(conn, person("frameworki", key, given_name="Liz", nhs_number=one, **known, **email))
        store(conn, person("nhs_fhir", key, given_name="Elizabeth", title="Mrs", nhs_number=two, **known, **email))
    identify(conn, AT)


def only(conn: Connection, actor: str) -> queue.Waiting:
    (waiting,) = queue.page(conn, actor, 10)
    return waiting


def say(conn: Connection, actor: str, said: str, hour: int, *, drawn: bool = True) -> Decided:
    return decide(conn, only(conn, actor), said, f"{actor} says", actor, later(hour), drawn=drawn)  # type: ignore[arg-type]


@pytest.mark.services
def test_parts_and_prior_add_up_to_the_weight_of_linking(conn):
    doubtful(conn, 4)
    found = queue.page(conn, "sam", 10)

    explained = explain(conn, [each.pair for each in found])

    assert len(found) == 4
    for waiting in found:
        told = explained[waiting.pair]
        assert isclose(told.weight, told.prior + sum(part.weight for part in told.parts))
        assert isclose(told.weight, waiting.weight, abs_tol=1e-6)
        assert any(part.rarity != 0 for part in told.parts)


def test_explanation_says_every_part_and_the_sum_that_is_shown():
    told = Explained(
        -17.5,
        (
            Part("given_name", "same", 8.25, 2.0),
            Part("birth_date", "otherwise", -3.0, 0.0),
            Part("phone", "missing", 0.0, 0.0),
        ),
    )

    lines = explanation(told)

    assert lines[0].startswith("-17.5 ")
    assert "+8.2 given name: same (+2.0 of it because the name is rare)" in lines
    assert "-3.0 birth date: different" in lines
    assert lines[-1].startswith("-12.2 in all: less than 0.1 %")
    assert not any("telephone" in line for line in lines)


def test_nickname_is_told_with_both_names_only_when_values_may_be():
    part = Part("given_name", "same by nickname", 5.0, 0.0)

    assert nickname(part, {"given_name": "Liz"}, {"given_name": "Elizabeth Ann"}) == "Liz is short for Elizabeth"
    assert differences(Explained(0.0, (part,))) == ["given name: same by nickname"]


@pytest.mark.services
def test_queue_is_paged_likeliest_first_and_what_was_put_aside_comes_last_for_that_account(conn):
    doubtful(conn, 4)
    order = [each.id for each in queue.page(conn, "sam", 10)]
    weights = [each.weight for each in queue.page(conn, "sam", 10)]
    assert weights == sorted(weights, reverse=True)
    assert [each.id for number in (1, 2) for each in queue.page(conn, "sam", 2, number)] == order

    queue.skip(conn, queue.page(conn, "sam", 1)[0].pair, "sam", later(1))

    assert [each.id for each in queue.page(conn, "sam", 10)] == [*order[1:], order[0]]
    assert [each.id for each in queue.page(conn, "kim", 10)] == order
    assert queue.length(conn, "sam") == queue.Length(waiting=4, put_aside=1, elsewhere=0)


@pytest.mark.services
def test_pair_is_found_by_the_beginning_of_its_id_and_nobody_elses(conn):
    doubtful(conn)
    waiting = only(conn, "sam")

    assert queue.find(conn, "sam", waiting.id.hex[:8]) == waiting
    for wrong in ("000000", "xyzxyz", "12"):
        with pytest.raises(UsageError):
            queue.find(conn, "sam", wrong)
    assert bounds(str(waiting.id)) == (waiting.id, waiting.id)


@pytest.mark.services
def test_sides_show_values_and_objections_say_why_they_were_not_joined(conn):
    doubtful(conn)
    waiting = only(conn, "sam")

    sides = side_by_side(conn, waiting.pair)

    lines = {line.field: {line.left, line.right} for line in sides.lines}
    assert lines["given name"] == {"Liz", "Elizabeth"}
    assert lines["NHS number"] == {"9990000018", "9990000026"}
    assert lines["telephone"] == {"07700900120"}
    assert lines["title"] == {None, "Mrs"}
    assert objections(conn, waiting.pair) == ["two different NHS numbers"]


@pytest.mark.services
def test_first_answer_joins_or_keeps_apart_and_the_queue_is_empty(conn):
    doubtful(conn)

    spoken = say(conn, "sam", "same", 1, drawn=False).spoken

    assert spoken is not None
    assert person_of(conn, CARE) == person_of(conn, CONTACT)
    assert queue.page(conn, "sam", 10) == queue.page(conn, "kim", 10) == []


@pytest.mark.services
@pytest.mark.parametrize(("first", "second"), list(product(("same", "different"), repeat=2)))
def test_second_look_is_blind_to_the_first_answer(conn, first, second):
    doubtful(conn)
    fresh = only(conn, "kim")
    shown = objections(conn, fresh.pair), side_by_side(conn, fresh.pair), explain(conn, [fresh.pair])

    say(conn, "sam", first, 1)

    assert queue.page(conn, "sam", 10) == []
    assert only(conn, "kim") == fresh
    look = conn.execute("SELECT objections FROM identity.second_look").fetchall()
    assert (look[0][0], side_by_side(conn, fresh.pair), explain(conn, [fresh.pair])) == shown
    answer = say(conn, "kim", second, 2)
    assert answer.agreed is (first == second)
    assert counts(conn) == {"agreed" if first == second else "disputed": 1}


@pytest.mark.services
def test_two_who_agree_leave_the_link_as_it_is(conn):
    doubtful(conn)
    say(conn, "sam", "same", 1)
    links = link_state(conn)

    say(conn, "kim", "same", 2)

    assert link_state(conn) == links
    assert queue.length(conn, "lee").waiting == 0


@pytest.mark.services
@pytest.mark.parametrize(("first", "second"), [("same", "different"), ("different", "same")])
@pytest.mark.parametrize("third", ["same", "different"])
def test_two_who_disagree_fall_back_to_not_joined_until_a_third_word(conn, first, second, third):
    doubtful(conn)
    apart = link_state(conn)
    say(conn, "sam", first, 1)

    say(conn, "kim", second, 2)

    assert link_state(conn) == apart
    known = LIZ | {"family_name": "Ashdown", "lines": "0 Mill Lane", "given_name": "Liz"} | {"nhs_number": None}
    store(conn, person("frameworki", "1", **known), later(3))
    store(conn, person("nhs_fhir", "1", **known), later(3))
    identify(conn, later(3))  # by now linking would join them by rule
    assert link_state(conn) == apart
    assert queue.page(conn, "sam", 10) == queue.page(conn, "kim", 10) == []

    say(conn, "lee", third, 4)

    assert (person_of(conn, CARE) == person_of(conn, CONTACT)) is (third == "same")
    assert counts(conn) == {"settled": 1}
    assert queue.page(conn, "max", 10) == []
    identify(conn, later(5))
    assert (person_of(conn, CARE) == person_of(conn, CONTACT)) is (third == "same")


@pytest.mark.services
def test_first_word_that_is_taken_back_needs_no_second_look(conn):
    doubtful(conn)
    spoken = say(conn, "sam", "same", 1).spoken
    assert spoken is not None

    undo(conn, spoken.event, "too soon", "sam", later(2))

    assert counts(conn) == {"dropped": 1}
    assert only(conn, "sam").pair == only(conn, "kim").pair == ordered(CARE, CONTACT)
    say(conn, "sam", "different", 3)
    assert counts(conn) == {"dropped": 1, "waiting": 1}


def test_draw_takes_the_share_and_only_the_key_tells_which():
    pairs = [ordered(UUID(int=2 * n), UUID(int=2 * n + 1)) for n in range(4000)]

    one, two = ([drawn(pair, key) for pair in pairs] for key in (b"a" * 32, b"b" * 32))

    assert 320 < sum(one) < 480
    assert sum(a and b for a, b in zip(one, two, strict=True)) < 80


answers = st.lists(
    st.tuples(st.sampled_from(["same", "different"]), st.sampled_from(["same", "different"])), max_size=40
)


@given(answers)
def test_kappa_is_cohens(found):
    told = agreement(found)

    assert told.twice == len(found)
    if found:
        n = len(found)
        a, b, c, d = (
            sum(pair == (x, y) for pair in found)
            for x, y in (("same", "same"), ("same", "different"), ("different", "same"), ("different", "different"))
        )
        assert told.rate == (a + d) / n
        bottom = (a + b) * (b + d) + (a + c) * (c + d)  # the form for two by two
        if bottom == 0:
            assert told.kappa is None
        else:
            assert told.kappa is not None
            assert isclose(told.kappa, 2 * (a * d - b * c) / bottom, abs_tol=1e-12)
