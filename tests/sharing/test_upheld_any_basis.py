"""An objection that was upheld stops its agreement also once no party stands on a point that Article 21 reaches."""

from pathlib import Path
from random import Random

import cedar_peer
import generated_facts
import naive_decide
import pytest

from wye.agreements.in_force import read_agreement
from wye.sharing.policy import compile_policy
from wye.vocabulary import Article6

FOLDER = Path(__file__).parents[2] / "sharing_agreements" / "care-packages-finance"
PLAIN = naive_decide.agreement_of(FOLDER)
LOADED = read_agreement(FOLDER).agreement
DUTY = tuple(each.model_copy(update={"point": Article6("c")}) for each in LOADED.parties[0].lawful_basis.article6[:1])
for _party in PLAIN["parties"]:
    _party["lawful_basis"]["article6"] = [{"point": "c", "law": "another basis"}]
PARTIES = tuple(
    each.model_copy(update={"lawful_basis": each.lawful_basis.model_copy(update={"article6": DUTY})})
    for each in LOADED.parties
)
POLICY = compile_policy(LOADED.model_copy(update={"parties": PARTIES}))


@pytest.mark.parametrize("upheld", [True, False, None])
def test_upheld_objection_withholds_whatever_the_points_and_others_do_not(upheld: bool | None) -> None:  # noqa: FBT001  a case
    """The compiled policy, the reference and Cedar say the same; none: nobody looked what they objected to."""
    random, counted, rules = Random(7), 0, cedar_peer.Rules(PLAIN)  # noqa: S311  cases, not secrets
    while counted < 20:
        at = generated_facts.an_instant(random)
        request = generated_facts.a_request(random, PLAIN)
        facts = generated_facts.facts(random, at)
        objected = {"kind": "objection", "scope": "share-inside-council", "given": True, "upheld": []}
        facts["consents"] = [objected]
        if naive_decide.decide(PLAIN, request, facts, at)["outcome"] != "release":
            continue
        counted += 1
        facts["consents"] = None if upheld is None else [{**objected, "upheld": [PLAIN["id"]] if upheld else []}]

        decision = POLICY.decide(generated_facts.engine_request(request), generated_facts.engine_facts(facts), at)

        assert (decision.outcome.value, decision.clause) == (
            ("withhold", "objection") if upheld else ("release", "items")
        )
        assert naive_decide.decide(PLAIN, request, facts, at)["clause"] == decision.clause
        told = cedar_peer.decide(rules, cedar_peer.Asked(PLAIN, request, facts, at))
        assert (told["outcome"], set(told["stops"])) == (decision.outcome.value, {"objection"} if upheld else set())
