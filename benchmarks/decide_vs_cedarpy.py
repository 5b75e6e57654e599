"""Measure deciding against Cedar by cedarpy's batch call: the same people, the same questions, in turns in one process.

Twenty values of each person are held; nineteen leave, one is named to be dropped. Ours gives the whole decision: what
leaves, why each field leaves or not, the fingerprint, the next change. Cedar says whether anything may leave and which
row makes the person a subject, then allows or forbids each value; choosing, transforming and gathering, which it cannot,
are left out of its time. Its rules and entities are parsed outside the clock, as are our facts; beside it stands its
speed with the entities parsed inside, as somebody must who has new facts. Both are first shown to decide alike.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from cedarpy import Entities, is_authorized_batch

from benchmarks.ground import AGREEMENTS, ROOT
from benchmarks.measure import Measure, Watch
from wye.agreements.in_force import read_agreement
from wye.sharing.decision import Decision, Request
from wye.sharing.facts import Facts
from wye.sharing.policy import Policy, compile_policy
from wye.vocabulary import Action

sys.path.append(str(ROOT / "tests" / "support"))  # the peer's rules are the tests' own: independent of ours
import cedar_peer
import generated_facts
import naive_decide

NAME = "decide_vs_cedarpy"
AGREEMENT = "adult-care-acute"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
PEOPLE = 20
"""People in a batch of the peer's: from 1 to 100 it makes little difference to its speed."""
OURS = 20
"""How often we decide about everybody in a round, so that a round is about as long for each side."""
SHARE = 6
"""No service and no disk takes part, so a sixth of the time that other benches get is enough."""


def measure(seconds: float, say: Callable[[str], None]) -> Measure:
    """Measure ours and the peer for at least a sixth of `seconds` each, after a round that warms both up."""
    sides = _Sides()
    sides.agree()
    sides.round()
    sides.start()
    while min(sides.ours.seconds, sides.theirs.seconds) < seconds / SHARE:
        sides.round()
    say(
        f"{NAME}: {sides.ours.speed:.0f} people/s; cedarpy {sides.theirs.speed:.0f}/s, "
        f"{sides.parsing.speed:.0f}/s with parsing what is known of them"
    )
    peer = f"cedarpy {version('cedarpy')}, batches of {PEOPLE} people, {len(sides.values)} values in a batch"
    beside = {
        "peer_parsing": sides.parsing.speed,
        "processor_us": sides.busy / sides.ours.items * 1e6,
        "peer_processor_us": sides.their_busy / sides.theirs.items * 1e6,
    }
    return Measure(NAME, sides.ours.speed, "people/s", peer, sides.theirs.speed, beside)


class _Sides:
    """Hold the same people in the words of both."""

    def __init__(self) -> None:
        folder = AGREEMENTS / AGREEMENT
        plain = naive_decide.agreement_of(folder)
        self._policy: Policy = compile_policy(read_agreement(folder).agreement)
        self._request: Request = self._policy.request()
        request = {key: value for key, value in self._request._asdict().items() if value is not None}
        people = [person(number) for number in range(PEOPLE)]
        self._facts: list[Facts] = [generated_facts.engine_facts(one) for one in people]
        self._rules = cedar_peer.Rules(plain)
        self._asked = [cedar_peer.Asked(plain, request, one, AT, f"p{number}") for number, one in enumerate(people)]
        self._whole = [question for one in self._asked for question in one.whole]
        self.values = [question for one in self._asked for question in one.values]
        self._json = json.dumps([entity for one in self._asked for entity in one.entities])
        self._entities: Entities = self._rules.actions.with_added_json_str(self._json)
        self.start()

    def start(self) -> None:
        """Forget what was measured."""
        self.ours, self.theirs, self.parsing = Watch(), Watch(), Watch()
        self.busy, self.their_busy = 0.0, 0.0

    def agree(self) -> None:
        """Show that both decide alike about everybody; raises RuntimeError if not."""
        for facts, asked in zip(self._facts, self._asked, strict=True):
            decision, expected = self._policy.decide(self._request, facts, AT), cedar_peer.decide(self._rules, asked)
            released = {entity: list(rows) for entity, rows in decision.entities.items()}
            if (len(asked.values), _leaving(decision)) != (20, 19) or released != expected["entities"]:
                raise RuntimeError(f"the two do not decide alike about a person of {len(asked.values)} values")

    def round(self) -> None:
        """Let each side decide about everybody."""
        with self.ours.running():
            begun = time.process_time()
            for _ in range(OURS):
                for facts in self._facts:
                    self._policy.decide(self._request, facts, AT)
            self.busy += time.process_time() - begun
        self.ours.items += OURS * PEOPLE
        with self.theirs.running():
            begun = time.process_time()
            self._ask(self._entities)
            self.their_busy += time.process_time() - begun
        self.theirs.items += PEOPLE
        with self.parsing.running():
            self._ask(self._rules.actions.with_added_json_str(self._json))
        self.parsing.items += PEOPLE

    def _ask(self, entities: Entities) -> None:
        is_authorized_batch(self._whole, self._rules.whole, entities)
        is_authorized_batch(self.values, self._rules.items, entities)


def _leaving(decision: Decision) -> int:
    return sum(field.action is Action.RELEASE for field in decision.fields)


def person(number: int) -> dict[str, object]:
    """Give what is known of an invented person: six attributes and a row each of four entities."""
    own = {"source": "frameworki", "agreement": None}
    lasting = {"from_date": "2025-01-06", "to_date": None}

    def value(one: object) -> list[dict[str, object]]:
        return [{"value": one, "doubt": None, **own}]

    def row(**values: object) -> list[dict[str, object]]:
        return [{"values": values, **own}]

    return {
        "person": {
            "family_name": value(f"Test{number}"),
            "given_name": value("Ada"),
            "birth_date": value(f"19{50 + number % 40}-03-07"),
            "sex": value("F"),
            "nhs_number": value("9990000018"),
            "interpreter_needed": value(one=False),
        },
        "rows": {
            "address": row(kind="home", lines=f"{number} Mill Lane", town="Netherby", postcode="AR1 2BC", **lasting),
            "contact_point": row(kind="phone", value=f"+44163296{number:04d}"),
            "care_package": row(service="home-care", provider="Gale", weekly_cost_pence=9000 + number, **lasting),
            "involvement": row(service="adult-social-care", role="worker", worker="Fenn", team="East", **lasting),
        },
        "consents": [{"kind": "confidentiality", "scope": "share-with-health", "given": True, "upheld": []}],
        "restricted": False,
        "restricted_against": [],
        "sealed_identity": False,
        "safe_address": False,
        "unread": False,
        "opt_out": None,
        "onward": {},
    }
