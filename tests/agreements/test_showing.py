"""The page answers the questions that a signatory asks, from the file alone, as text and as HTML; no key goes untold."""

from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import example_agreements as examples
import pytest

from wye.agreements.in_force import read_agreement
from wye.agreements.keys import leaves
from wye.agreements.model import Agreement
from wye.agreements.schema import vocabulary_in
from wye.agreements.showing import show, show_html


class Read(HTMLParser):
    """Reads a page as a person does: its words, and the elements that hold them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.depth: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))
        if tag != "meta":
            self.depth.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.depth.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.depth and self.depth[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def agreement(name: str) -> Agreement:
    return read_agreement(examples.folder(name)).agreement


def page(name: str) -> str:
    return " ".join(show(agreement(name)).split())


@pytest.mark.parametrize(
    ("question", "name", "answer"),
    [
        ("who", "adult-care-acute", "Arrowshire Hospitals NHS Trust (nhs-body, controller): may disclose and receive"),
        ("who drafted it", "adult-care-acute", "Drafted by information-governance-officer.arrowshire-council@example"),
        ("why", "adult-care-acute", "plan a safe discharge together"),
        ("what not", "safeguarding-police", "- immigration enforcement"),
        ("about whom", "adult-care-acute", "whose service is adult-social-care, according to frameworki, aged 18 or over"),
        ("under which law", "adult-care-acute", "Health and Social Care Act 2012 s251B, a duty"),
        ("on what basis", "safeguarding-police", "Article 9(2)(g) with Schedule 1 paragraph 18"),
        ("with which policy document", "safeguarding-police", "(policy document: Arrowshire Council, appropriate policy"),
        ("on what basis the police", "safeguarding-police", "Part 3, section-35-2-b and Schedule 8 paragraph 4"),
        ("what of confidence", "safeguarding-police", "Confidentiality: public interest."),
        ("who weighed it", "safeguarding-police", "Reference: Recorded weighing IG-2026-014"),
        ("can I object", "adult-care-acute", "Objections stop the sharing. The duty in section 251B falls away"),
        ("am I asked", "safeguarding-police", "Consent (confidentiality, share-with-police) is not asked for."),
        ("what if I change my mind", "adult-care-acute", "the recipient is asked to delete what it holds"),
        ("does my opt-out count", "adult-care-acute", "National data opt-out: does not apply. Individual care only"),
        ("which field and why", "adult-care-acute", "NHS number: ten digits, no spaces, as it is held. From frameworki. For feed, discharge-coordinator. Why: Health"),
        ("how changed", "care-packages-finance", "First given name, the first letter only."),
        ("what never", "adult-care-acute", "Agreed cost of a week, in pence (only rows that last now), NEVER"),
        ("what comes back", "adult-care-acute", "WHAT COMES IN FROM Arrowshire Hospitals NHS Trust".upper()),
        ("who may look", "adult-care-acute", "in a role beside the feed cares for the person or duty worker"),
        ("who may look at nobody", "corrections-revenues", "Nobody looks at a person under it"),
        ("in an emergency", "safeguarding-police", "somebody else may not look either. Urgent danger is a telephone call"),
        ("how long", "adult-care-acute", "keeps it for 8 years from end of care"),
        ("how long this one item", "safeguarding-police", "Kept for 7 years from case closed."),
        ("passed on", "safeguarding-police", "may not be passed on. Handling: official sensitive"),
        ("restricted", "safeguarding-police", "nothing is released; head of safeguarding, Arrowshire Council is asked"),
        ("until when", "adult-care-acute", "to 2028-03-31, both days included"),
        ("how sent", "safeguarding-police", "as pole-json by the connector police on feed.safeguarding-police, each message signed."),
        ("written where", "corrections-revenues", "by the connector civica_revenues to the stream proposals of its system"),
        ("read by what", "adult-care-acute", "read by the connector nhs_fhir, as its stream admissions"),
        ("why compatible", "care-packages-finance", "Why that fits what it was collected for: Collected to arrange"),
        ("how it ends", "adult-care-acute", "end it with 3 months' notice"),
        ("what then", "safeguarding-police", "deleted or kept under own duty: certified within 30 days"),
        ("who is told before it lapses", "safeguarding-police", "Before it lapses, head of safeguarding, Arrowshire Council"),
        ("who signs", "safeguarding-police", "- assistant-chief-constable of Marches Police"),
        ("is it public", "adult-care-acute", "It stands in the public register: Adults who get care"),
    ],
)  # fmt: skip
def test_show_answers(question: str, name: str, answer: str) -> None:
    assert answer in page(name), question


@pytest.mark.parametrize("name", examples.ALL_IDS)
def test_show_names_every_item_with_its_justification(name: str) -> None:
    shown, html = page(name), Read(show_html(agreement(name))).text

    for item in agreement(name).data_items:
        assert " ".join(item.justification.split()) in shown
        assert " ".join(item.justification.split()) in html


@pytest.mark.parametrize("name", examples.ALL_IDS)
def test_html_is_one_whole_page_that_fetches_nothing_and_can_be_heard(name: str) -> None:
    read = Read(show_html(agreement(name)))
    tags = [tag for tag, _ in read.opened]

    assert read.depth == []
    assert tags.count("h1") == 1
    assert not {"script", "link", "img", "iframe", "a"} & set(tags)
    assert not [attrs for _, attrs in read.opened if {"src", "href", "style", "onclick"} & set(attrs)]
    assert ("html", {"lang": "en-GB"}) in read.opened
    assert tags.count("caption") == tags.count("table") >= 1
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in read.opened if tag == "th")


def test_html_shows_what_looks_like_markup_as_words() -> None:
    hostile = agreement("adult-care-acute").model_copy(update={"title": "<script>alert(1)</script>"})

    read = Read(show_html(hostile))

    assert "script" not in [tag for tag, _ in read.opened]
    assert "<script>alert(1)</script>" in read.text


def other(annotation: Any, value: Any) -> Any:
    """Another value that may stand there."""
    vocabulary = vocabulary_in(annotation)
    new: Any = "another"
    if vocabulary is not None:
        words = list(vocabulary)
        new = words[(words.index((*value, words[0])[0] if isinstance(value, tuple) else value) + 1) % len(words)]
    elif isinstance(value, bool):
        new = not value
    elif isinstance(value, int):
        new = value + 1
    elif isinstance(value, date):
        new = value + timedelta(days=1)
    elif isinstance(value, str) and value.startswith("P") and value[1:-1].isdecimal():
        new = "P77D"
    return [new] if isinstance(value, tuple) else new


def places(content: Any, path: list[str]) -> list[tuple[Any, str]]:
    """Each place at which a key stands: the mapping that holds it, and its name there."""
    name, rest = path[0], path[1:]
    inner = content.get(name.removesuffix("[]"))
    if not rest:
        return [(content, name)] if inner is not None else []
    parts = inner if name.endswith("[]") else [inner]
    return [found for part in parts or () if part is not None for found in places(part, rest)]


ONE_WORD = {"consent.on_refusal", "consent.on_withdrawal"}
"""Checks allow one word only."""
SHAPED = {
    "version": "9.9",
    "supersedes": "9.9",
    "drafted_by": "somebody@else",
    "route.queue": "feed.another",
    "aggregates.tables[].by": ["person.sex"],
}


@pytest.mark.parametrize("name", examples.ALL_IDS)
def test_no_key_can_change_unseen(name: str) -> None:
    said = agreement(name).model_dump(by_alias=True)
    annotations = dict(leaves())
    before = show(agreement(name)), show_html(agreement(name))
    changed = 0

    for path in annotations.keys() - ONE_WORD:
        for number in range(len(places(said, path.split(".")))):
            content = agreement(name).model_dump(by_alias=True)
            holder, key = places(content, path.split("."))[number]
            holder[key] = SHAPED.get(path) or other(annotations[path], holder[key])
            after = Agreement.model_validate(content, strict=False)
            assert show(after) != before[0], path
            assert show_html(after) != before[1], path
            changed += 1
    assert changed > 80
