"""The public register says what is enforced, and no small number."""

from datetime import UTC, date, datetime

import orjson
import pytest
from example_agreements import AGREEMENTS

from wye.agreements.in_force import InForce, read_agreement
from wye.agreements.register import entry, in_register
from wye.agreements.register_page import page
from wye.small_numbers import LEAST, in_words, told

MONTHS = [date(2026, 9, 1), date(2026, 10, 1)]
AT = datetime(2026, 11, 21, tzinfo=UTC)


def example(name: str) -> InForce:
    loaded = read_agreement(AGREEMENTS / name)
    return InForce(loaded.agreement, loaded.digest, loaded.folder, loaded.cases.value)


def written(name: str, **counts: int) -> dict:
    months = dict(zip(("september", "october"), MONTHS, strict=True))
    made = entry(example(name), {months[month]: count for month, count in counts.items()}, MONTHS)
    return orjson.loads(orjson.dumps(made))


@pytest.mark.parametrize(("people", "published"), [
    (0, None), (1, None), (9, None), (10, 10), (12, 10), (13, 15), (1_001, 1_000), (1_003, 1_005),
])  # fmt: skip
def test_small_numbers_are_hidden_and_others_rounded(people, published):
    assert told(people) == published


def test_hidden_number_says_nothing_between_nobody_and_the_least():
    assert in_words(told(0)) == in_words(told(LEAST - 1)) == "fewer than 10"
    assert in_words(told(1_003)) == "about 1,005"


def test_entry_is_what_was_signed():
    made = written("adult-care-acute", october=1_234)
    agreement = example("adult-care-acute").agreement

    assert made["digest"] == example("adult-care-acute").digest.hex()
    assert made["purpose"]["description"] == agreement.purpose.description
    assert [(each["entity"], each["field"], each["direction"]) for each in made["data"]] == [
        (item.entity, item.field, item.direction) for item in agreement.data_items
    ]
    assert [party["name"] for party in made["parties"]] == [party.name for party in agreement.parties]
    assert all(party["lawful_basis"] for party in made["parties"])
    assert made["people_a_month"] == [{"month": "2026-09", "people": None}, {"month": "2026-10", "people": 1_235}]


def test_agreement_that_is_not_for_the_register_is_not_in_it():
    open_one, closed = example("adult-care-acute"), example("care-packages-finance")
    publication = closed.agreement.publication.model_copy(update={"in_register": False})
    hidden = InForce(
        closed.agreement.model_copy(update={"publication": publication}), closed.digest, closed.folder, closed.cases
    )

    assert in_register([hidden, open_one]) == [open_one]


def test_page_tells_each_agreement_and_no_exact_number():
    entries = [written("adult-care-acute", september=4, october=1_234), written("safeguarding-police")]

    shown = page(entries, "Arrowshire <Council>", "21 November 2026")

    assert "Arrowshire &lt;Council&gt;" in shown
    assert "about 1,235" in shown
    assert "1,234" not in shown
    assert "1234" not in shown
    for each in entries:
        assert f'href="#{each["id"]}"' in shown
        assert f'href="{each["page"]}"' in shown
    assert "Objections stop the sharing" in shown
    assert "<script" not in shown
    assert "http" not in shown
