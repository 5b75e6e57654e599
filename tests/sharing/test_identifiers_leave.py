"""What is decided holds an identifier only for those who may use it, whatever the facts; no signature can change that."""

from collections import Counter
from pathlib import Path
from random import Random

import example_agreements as examples
import generated_facts
import pytest

from wye.agreements.identifiers import barred, works_in
from wye.agreements.in_force import Refused, load_all, read_agreement
from wye.sharing.policy import compile_policy

FOLDERS = sorted(path.parent for path in examples.AGREEMENTS.glob("*/agreement.yaml"))
IDENTIFIERS = {"nhs_number": "9990000018", "nino": "AB123456C", "upn": "H801200001001"}
USED = {"adult-care-acute": {"nhs_number"}, "corrections-adult-care": {"nhs_number"}}
"""Which identifiers an example agreement does let its recipient have."""
CASES = 300


def told(folder: Path) -> tuple[Counter[str], int]:
    """Decide about many people of whom every source tells every identifier; gives what was released, and how often."""
    agreement = read_agreement(folder).agreement
    policy, plain = compile_policy(agreement), examples.plain(folder.name)
    random = Random(folder.name)  # noqa: S311  cases, not secrets
    found: Counter[str] = Counter()
    for _ in range(CASES):
        at = generated_facts.an_instant(random)
        facts = generated_facts.facts(random, at)
        for field, value in IDENTIFIERS.items():
            facts["person"][field] = [
                {"value": value, "source": source, "agreement": None, "doubt": None}
                for source in sorted({*generated_facts.SOURCES, "steward", "agresso"})
            ]
        request = generated_facts.a_request(random, plain)
        decision = policy.decide(generated_facts.engine_request(request), generated_facts.engine_facts(facts), at)
        for entity, rows in decision.entities.items():
            found.update(f"{entity}.{field}" for row in rows for field in row)
            found["a value of an identifier elsewhere"] += sum(
                str(value) in IDENTIFIERS.values()
                for row in rows
                for field, value in row.items()
                if field not in IDENTIFIERS
            )
    return found, sum(found.values())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_identifier_is_released_only_to_who_may_use_it_and_was_agreed_to_have_it(folder: Path) -> None:
    agreement = read_agreement(folder).agreement
    recipient = agreement.party(agreement.recipient)
    assert recipient is not None
    found, released = told(folder)

    assert released > CASES // 2, "too little leaves for this to say anything"
    assert not {f"{entity}.{field}" for entity, field in barred(works_in(recipient))} & found.keys()
    assert {field for field in IDENTIFIERS if found[f"person.{field}"]} == USED.get(folder.name, set())
    assert found["a value of an identifier elsewhere"] == 0


@pytest.mark.parametrize("name", sorted({folder.name for folder in FOLDERS} - USED.keys()))
def test_agreement_that_everybody_signed_is_not_in_force_if_it_gives_a_number_to_who_may_not_use_it(
    name: str, tmp_path: Path
) -> None:
    folder = examples.copied(tmp_path)
    content = examples.plain(name)
    number = {
        "entity": "person", "field": "nhs_number", "direction": "out", "transform": "as-is", "sources": ["frameworki"],
        "roles": [content["data_items"][0]["roles"][0]], "justification": "Somebody thought that it would be handy.",
    }  # fmt: skip
    content["data_items"].append(number)
    (folder / name / "agreement.yaml").write_bytes(examples.dumped(content))
    examples.sign_all(folder)

    refused = {one.id: one.why for one in load_all(folder, allow_examples=True) if isinstance(one, Refused)}

    assert "`person.nhs_number` may be used for adult-care, health only" in refused[name]
    assert "signature" not in refused[name]
