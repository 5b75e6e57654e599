"""Run an agreement's signed examples: a release of Wye under which a signed case fails refuses that agreement."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid5

from wye.agreements.cases import Case, CaseFacts, CaseRow, Cases, CaseValue, Change
from wye.agreements.in_force import InForce, Standing
from wye.errors import AgreementRefused
from wye.sharing.decision import Decision, Request
from wye.sharing.facts import Facts
from wye.sharing.policy import Policy, compile_policy
from wye.sharing.transforms import key_label
from wye.store.consents import HeldConsent
from wye.store.known import Candidate, KnownRow, PersonKnown
from wye.store.opt_outs import OptOutAnswer
from wye.vocabulary import Action, ConsentKind, Outcome

_NAMESPACE = UUID("5d0e2a3f-6d0f-5f5c-8a5e-0d8a6d7c1b42")
_SEEN = datetime(2026, 1, 1, tzinfo=UTC)


CASE_KEY = hashlib.sha256(b"the key of the examples in every cases.yaml: no secret").digest()
"""The key under which examples run, so that they may say what a keyed transform gives and hold on every hub."""


def admit(standing: InForce, key: bytes) -> Policy:
    """Run the cases of an agreement in force, and compile it with its own key; raises AgreementRefused naming each that fails."""
    if failures := tuple(failing(compile_policy(standing.agreement, CASE_KEY), standing.cases)):
        raise AgreementRefused("\n".join(failures))
    return compile_policy(standing.agreement, key)


def admit_all(standing: Standing, key_of: Callable[[str], bytes]) -> tuple[Mapping[str, Policy], Mapping[str, str]]:
    """Give the policies of the agreements in force whose cases hold, and, of all others, why not; `key_of` a label."""
    policies: dict[str, Policy] = {}
    refused = dict(standing.refused)
    for name, one in standing.in_force.items():
        try:
            policies[name] = admit(one, key_of(key_label(name)))
        except AgreementRefused as error:
            refused[name] = str(error)
    return policies, refused


def failing(policy: Policy, cases: Cases) -> Iterator[str]:
    """Say of each case that fails how it does, naming fields and clauses and no values."""
    for case in cases.cases:
        decision = policy.decide(request_of(policy, case.change), facts_of_case(cases.base, case.change), case.at)
        for fault in _faults(case, decision):
            yield f"{policy.agreement.id}/cases.yaml: case `{case.name}`: {fault}"


def _faults(case: Case, decision: Decision) -> Iterator[str]:
    expect = case.expect
    if decision.outcome is not expect.outcome:
        yield f"expected {expect.outcome}, decided {decision.outcome} by clause `{decision.clause}`"
        return
    if expect.outcome is Outcome.WITHHOLD and not expect.withheld and decision.clause != case.shows[0]:
        yield f"expected clause `{case.shows[0]}` to decide, but `{decision.clause}` did"
    released = {f"{one.entity}.{one.field}" for one in decision.fields if one.action is Action.RELEASE}
    clauses = {(f"{one.entity}.{one.field}", one.clause) for one in decision.fields if one.action is Action.WITHHOLD}
    for name in expect.released:
        if name not in released:
            yield f"`{name}` is not released"
    for name, clause in expect.withheld.items():
        if (name, clause) not in clauses:
            yield f"`{name}` is not withheld by clause `{clause}`"
    for name, value in expect.values.items():
        entity, _, field = name.partition(".")
        if value not in [row.get(field) for row in decision.entities.get(entity, ())]:
            yield f"`{name}` does not leave with the expected value"
    if decision.alarms:
        yield "an alarm was raised"


def request_of(policy: Policy, change: Change) -> Request:
    """Give the agreement's own request, as far as the case does not ask another."""
    own = policy.request()
    return Request(
        own.agreement,
        change.recipient or own.recipient,
        change.purpose or own.purpose,
        change.role or own.role,
        change.relationship,
        change.trained_on,
    )


def facts_of_case(base: CaseFacts, change: Change) -> Facts:
    """Build facts from the base and what one case changes."""
    person = {**base.person, **change.person}
    rows = {**base.rows, **change.rows}
    held = base.consents if change.consents is None else change.consents
    answers = tuple(
        HeldConsent(one.kind.value, one.scope.value, one.given, one.recorded_on, _record("consent", number), "case")
        for number, one in enumerate(held)
    )
    onward = {
        name: frozenset(parties) for name, parties in (base.onward if change.onward is None else change.onward).items()
    }
    unknown = change.unknown
    return Facts(
        known=PersonKnown(
            _record("person", 0),
            {name: tuple(_candidate(value, name) for value in values) for name, values in person.items()},
            {
                entity: tuple(_row(row, entity, number) for number, row in enumerate(listed))
                for entity, listed in rows.items()
            },
        ),
        consents=None if "consents" in unknown else tuple(one for one in answers if one.kind != ConsentKind.OBJECTION),
        objections=None
        if "consents" in unknown
        else tuple(one for one in answers if one.kind == ConsentKind.OBJECTION),
        restricted=_fact("restricted", base.restricted, change.restricted, unknown),
        restricted_against=frozenset(),
        sealed_identity=_fact("sealed_identity", base.sealed_identity, change.sealed_identity, unknown),
        safe_address=_fact("safe_address", base.safe_address, change.safe_address, unknown),
        onward=None if "onward" in unknown else onward,
        unread=(),
        opt_out=_opt_out(base, change),
        break_glass=datetime.max.replace(tzinfo=UTC) if change.break_glass else None,
    )


def _opt_out(base: CaseFacts, change: Change) -> OptOutAnswer | None:
    """Say what an answer that is never too old says, or that nothing was answered."""
    named = _fact("opt_out", base.no_opt_out, change.no_opt_out, change.unknown)
    return None if named is None else OptOutAnswer(datetime.max.replace(tzinfo=UTC), named)


def _fact(name: str, base: bool, changed: bool | None, unknown: tuple[str, ...]) -> bool | None:  # noqa: FBT001
    if name in unknown:
        return None
    return base if changed is None else changed


def _candidate(value: CaseValue, name: str) -> Candidate:
    return Candidate(value.value, value.source, _record(name, 0), "case", _SEEN, value.agreement)


def _row(row: CaseRow, entity: str, number: int) -> KnownRow:
    return KnownRow(row.values, row.source, _record(entity, number), "case", _SEEN, row.agreement)


def _record(name: str, number: int) -> UUID:
    return uuid5(_NAMESPACE, f"{name} {number}")
