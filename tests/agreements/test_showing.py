"""The page answers the questions that a signatory asks, from the file alone."""

import example_agreements as examples
import pytest

from wye.agreements.in_force import read_agreement
from wye.agreements.showing import show


def page(name: str) -> str:
    return " ".join(show(read_agreement(examples.AGREEMENTS / name).agreement).split())


@pytest.mark.parametrize(
    ("question", "name", "answer"),
    [
        ("who", "adult-care-acute", "Arrowshire Hospitals NHS Trust (nhs-body, controller)"),
        ("who drafted it", "adult-care-acute", "Drafted by information-governance-officer.arrowshire-council@example"),
        ("why", "adult-care-acute", "plan a safe discharge together"),
        ("what not", "safeguarding-police", "- immigration enforcement"),
        ("about whom", "adult-care-acute", "whose service is adult-social-care, according to frameworki, aged 18 or over"),
        ("under which law", "adult-care-acute", "Health and Social Care Act 2012 s251B, a duty"),
        ("on what basis", "safeguarding-police", "Article 9(2)(g) with Schedule 1 paragraph 18"),
        ("on what basis the police", "safeguarding-police", "Part 3, section-35-2-b and Schedule 8 paragraph 4"),
        ("what of confidence", "safeguarding-police", "Confidentiality: public interest."),
        ("can I object", "adult-care-acute", "Objections stop the sharing. The duty in section 251B falls away"),
        ("am I asked", "safeguarding-police", "Consent (confidentiality, share-with-police) is not asked for."),
        ("which field and why", "adult-care-acute", "NHS number: ten digits, no spaces, as it is held. From frameworki. Why: Health"),
        ("how changed", "care-packages-finance", "First given name, the first letter only."),
        ("what never", "adult-care-acute", "Agreed cost of a week, in pence (only rows that last now), NEVER"),
        ("what comes back", "adult-care-acute", "WHAT COMES IN FROM Arrowshire Hospitals NHS Trust"),
        ("how long", "adult-care-acute", "keeps it for 8 years from end of care"),
        ("passed on", "safeguarding-police", "may not be passed on. Handling: official sensitive"),
        ("restricted", "safeguarding-police", "nothing is released; head of safeguarding, Arrowshire Council is asked"),
        ("until when", "adult-care-acute", "to 2028-03-31, both days included"),
        ("why compatible", "care-packages-finance", "Why that fits what it was collected for: Collected to arrange"),
        ("who signs", "safeguarding-police", "- assistant-chief-constable of Marches Police"),
    ],
)  # fmt: skip
def test_show_answers(question: str, name: str, answer: str) -> None:
    assert answer in page(name), question


@pytest.mark.parametrize("name", examples.IDS)
def test_show_names_every_item_with_its_justification(name: str) -> None:
    shown = page(name)

    for item in read_agreement(examples.AGREEMENTS / name).agreement.data_items:
        assert " ".join(item.justification.split()) in shown
