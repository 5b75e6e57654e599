"""Open data: its parts stand there and nowhere else; nothing finer is counted by than may be published."""

from typing import Any

import pytest
from agreement_findings import FINANCE, Edit, findings
from example_agreements import MORE

from schemas.catalogue import FIELDS
from schemas.classification import Classification
from wye.agreements.counting import COUNTABLE
from wye.agreements.diff import Effect, compare
from wye.agreements.fitting import FITS
from wye.agreements.in_force import read_agreement
from wye.agreements.showing import show, show_html
from wye.small_numbers import LEAST, STEP

OPEN = "open-data-care"


def put(path: str, value: object) -> Edit:
    """Set a key by its dotted path; None takes it out."""

    def edit(plain: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        here: Any = plain
        for part in parents:
            here = here[int(part)] if part.isdigit() else here[part]
        if value is None:
            del here[last]
        else:
            here[last] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (put("aggregates", None), "open data, and only that, names its `aggregates`"),
        (put("data_items.0.transform", "year-of-birth"), "`person.birth_date` is counted as `age-band`; nothing finer"),
        (put("data_items.2.field", "lines"), "people are not counted by `address.lines`; allowed: person.birth_date"),
        (put("data_items.0.field", "ethnicity"), "people are not counted by `person.ethnicity`"),
        (put("data_items.0.direction", "out"), "of open data items have the direction `count`"),
        (put("data_items.0.roles", ["feed", "payments-officer"]), "its only role is `feed`"),
        (put("aggregates.tables.0.by", ["person.sex"]), "`person.sex` is no item of direction `count`; there are: address"),
        (put("aggregates.tables.0.by", ["person.birth_date", "person.birth_date"]), "dimensions stand twice"),
        (put("aggregates.tables.1.by", ["person.birth_date", "care_package.service"]), "dimensions stand twice"),
        (put("aggregates.tables.1.id", "service-by-age"), "table `service-by-age` stands twice"),
        (put("aggregates.tables.1.by", ["care_package.service"]), "no table counts by `address.town`"),
        (put("purpose.code", "research"), "of open data the purpose is `open-statistics`"),
        (put("gateway", {"act": "Care Act 2014", "section": "s6"}), "of open data there is no gateway"),
        (put("format.media_type", "canonical-json"), "of open data the format is `csv-and-json`"),
        (put("frequency", "as-it-changes"), "of open data it is published `monthly` or `quarterly`"),
        (put("frequency", "daily"), "of open data it is published `monthly` or `quarterly`"),
        (put("onward.permitted", "none"), "of open data what is published may go to `anybody`"),
        (put("route.connector", "crm"), "it is written to files: no connector, queue or stream"),
        (put("route.queue", "feed.open-data-care"), "open data is written to files: neither a queue nor a stream"),
        (put("termination.on_end", ["deleted"]), "nothing comes back on ending"),
        (put("parties.1.kind", "charity"), "one party of kind `public` receives"),
        (put("parties.0.lawful_basis.article9", None), "special category data: `arrowshire-council` needs article9"),
        (put("data_items.2.sources", ["civica_revenues"]), "source `civica_revenues` is barred"),
    ],
)  # fmt: skip
def test_check_of_open_data_says_what_would_be_right(edit: Edit, said: str) -> None:
    found = findings(OPEN, edit)

    assert any(said in finding for finding in found), found
    assert all(finding.startswith(("agreement.yaml:", "cases.yaml:")) for finding in found)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (put("template", "open-data"), "open data, and only that, names its `aggregates`"),
        (put("data_items.3.direction", "count"), "direction `count` is for open data only"),
        (put("format.media_type", "csv-and-json"), "`csv-and-json` is for open data only"),
        (put("onward.permitted", "anybody"), "`anybody` is for open data only"),
        (put("route.connector", None), "names the connector that shapes what is sent"),
        (put("termination.on_end", None), "says what happens on ending"),
        (put("termination.certificate_within", None), "says what happens on ending"),
        (put("parties.1.kind", "public"), "the public is a party of open data only"),
        (put("frequency", "quarterly"), "`as-it-changes` is all it keeps"),
    ],
)
def test_check_elsewhere_refuses_the_parts_of_open_data(edit: Edit, said: str) -> None:
    found = findings(FINANCE, edit)

    assert any(said in finding for finding in found), found


@pytest.mark.parametrize(("path", "value"), [("aggregates.minimum", LEAST - 1), ("aggregates.round_to", STEP - 1)])
def test_no_agreement_hides_less_than_the_hub_does(path: str, value: int) -> None:
    with pytest.raises(
        Exception, match=rf"agreement.yaml:\d+: `{value}` is not right for `{path}`; allowed: greater than"
    ):
        findings(OPEN, put(path, value))


def test_people_are_counted_by_nothing_that_names_locates_or_brands_them() -> None:
    never = {
        Classification.IDENTIFIER, Classification.ETHNICITY, Classification.BELIEF, Classification.SEX_LIFE,
        Classification.CRIMINAL, Classification.FREE_TEXT,
    }  # fmt: skip
    for place, transform in COUNTABLE.items():
        facts = FIELDS[place]
        assert facts.classification not in never
        assert FITS[transform].holds(facts)
        assert facts.classification is not Classification.SAFE_ADDRESS or transform != "as-is"


def test_page_tells_what_is_counted_hidden_and_left_out() -> None:
    agreement = read_agreement(MORE / OPEN).agreement
    for page in (" ".join(show(agreement).split()), " ".join(show_html(agreement).split())):
        assert "Nothing about any one person is published: only how many." in page
        assert "service-by-age: by care package, service and person, birth date." in page
        assert "Fewer than 10 people, none included, are hidden" in page
        assert "are in no number at all" in page
        assert (
            "For: Everybody. Each with its totals, quarterly, once a period, under this licence: Open Government Licence v3.0."
            in page
        )


def test_diff_says_that_a_smaller_minimum_and_another_table_share_more() -> None:
    said = read_agreement(MORE / OPEN).agreement.model_dump(by_alias=True)
    tables = said["aggregates"]["tables"]
    stricter = {**said, "aggregates": {**said["aggregates"], "minimum": 20, "tables": tables[:1]}}

    forth, back = compare(stricter, said), compare(said, stricter)

    assert {(each.place, each.effect) for each in forth} == {
        ("aggregates.minimum", Effect.MORE), ("aggregates.tables.service-by-town", Effect.MORE),
    }  # fmt: skip
    assert {each.effect for each in back} == {Effect.LESS}
