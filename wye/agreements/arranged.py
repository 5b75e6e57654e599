"""Check the arrangement itself: template and roles, what each party may do, who may look, how it lapses and ends.

A key whose promise this release of Wye cannot keep is refused here rather than believed.
"""

from collections.abc import Iterator

from wye.agreements.model import Agreement
from wye.agreements.words import Frequency, PartyAct
from wye.vocabulary import Direction, LegalRole, PurposeCode, Role, Template

Complaint = tuple[tuple[str | int, ...], str]


def check_arrangement(agreement: Agreement) -> Iterator[Complaint]:
    """Complain of every part of the arrangement that does not fit the others."""
    for check in (_template, _acts, _looking, _lapse, _promises):
        yield from check(agreement)


def _template(agreement: Agreement) -> Iterator[Complaint]:
    template, comes_back = agreement.template, bool(agreement.items(Direction.IN))
    roles = [party.legal_role for party in agreement.parties]
    if template is Template.RECIPROCAL and not comes_back:
        yield ("template",), "`reciprocal` has items of both directions; for one direction there is `one-way`"
    if template is Template.ONE_WAY and comes_back:
        yield ("template",), "`one-way` has no items of direction `in`; for both there is `reciprocal`"
    if (template is Template.JOINT_CONTROLLERS) != (LegalRole.JOINT_CONTROLLER in roles):
        yield ("parties",), "joint controllers, and only those, share under the template `joint-controllers`"
    elif template is Template.JOINT_CONTROLLERS and set(roles) != {LegalRole.JOINT_CONTROLLER}:
        yield ("parties",), "under the template `joint-controllers` each party is a joint-controller (Article 26)"
    if (template is Template.PROCESSOR) != (LegalRole.PROCESSOR in roles):
        yield ("parties",), "a processor, and only with one, is the template `processor` (Article 28)"
    elif template is Template.PROCESSOR and LegalRole.CONTROLLER not in roles:
        yield ("parties",), "a processor needs the controller on whose instructions it works (Article 28)"
    needed = template in {Template.JOINT_CONTROLLERS, Template.PROCESSOR}
    if needed != (agreement.arrangement is not None):
        yield (
            ("arrangement",),
            "joint controllers and processors, and only they, name their `arrangement` (Articles 26 and 28(3))",
        )


def _acts(agreement: Agreement) -> Iterator[Complaint]:
    """What parties may do is what the items need: no less, and nothing that no item asks for."""
    needed: dict[str, set[PartyAct]] = {party.id: set() for party in agreement.parties}
    ways = [(agreement.decided, agreement.route.partner, PartyAct.RECEIVE, PartyAct.DISCLOSE)]
    if agreement.inbound is not None:
        ways.append((agreement.items(Direction.IN), agreement.inbound.partner, PartyAct.DISCLOSE, PartyAct.RECEIVE))
    for items, partner, theirs, ours in ways:
        for name in needed if items else ():
            needed[name].add(theirs if name == partner else ours)
    for name in agreement.onward.to:
        needed.get(name, set()).add(PartyAct.RECEIVE)
    for index, party in enumerate(agreement.parties):
        if set(party.may) != needed[party.id] or len(party.may) != len(set(party.may)):
            wanted = ", ".join(sorted(needed[party.id])) or "none"
            yield ("parties", index, "may"), f"`{party.id}` by the items and the route may: {wanted}"


def _looking(agreement: Agreement) -> Iterator[Complaint]:
    looks = any(role is not Role.FEED for item in agreement.decided for role in item.roles)
    if looks != (agreement.relationship is not None):
        yield (
            ("relationship",),
            "where an item names a role beside `feed`, and only there, `relationship` says what entitles a person to look",
        )
    if agreement.break_glass.permitted and agreement.relationship is None:
        yield (
            ("break_glass",),
            "nobody looks under it, so there is nothing to look at without a relationship: `permitted` must be false",
        )


def _lapse(agreement: Agreement) -> Iterator[Complaint]:
    if agreement.lapse is None and agreement.purpose.code is PurposeCode.SAFEGUARDING:
        yield ("lapse",), "a safeguarding agreement names who is told before it lapses: `lapse` with `refer_to`"


def _promises(agreement: Agreement) -> Iterator[Complaint]:
    if agreement.frequency is not Frequency.AS_IT_CHANGES and agreement.template is not Template.OPEN_DATA:
        yield ("frequency",), "this release of Wye sends as things change: `as-it-changes` is all it keeps"
    if len(set(agreement.termination.on_end)) != len(agreement.termination.on_end):
        yield ("termination", "on_end"), "an outcome stands twice"
