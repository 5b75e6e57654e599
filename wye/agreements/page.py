"""Say an agreement in plain English, from the file alone, as sections that text and HTML print alike.

INVARIANT: every key that an agreement can have is told: tests change each and look for the change.
"""

from collections.abc import Iterator

from schemas.catalogue import FIELDS
from wye.agreements.keeping import Retention
from wye.agreements.law_in_words import consent, law
from wye.agreements.model import Agreement, Item, Party
from wye.agreements.publishing_in_words import published
from wye.agreements.safe_address import guarded
from wye.agreements.section import Line, Section
from wye.vocabulary import Direction, Onward, Restriction, Transform

DONE = {
    Transform.AS_IS: "as it is held",
    Transform.MASK: "the last three characters only",
    Transform.YEAR_OF_BIRTH: "the year only",
    Transform.AGE_BAND: "a band of five years of age only",
    Transform.OUTWARD_POSTCODE: "the first half only",
    Transform.LOCALITY: "the place only, without house, street and postcode",
    Transform.INITIAL: "the first letter only",
    Transform.KEYED_PSEUDONYM: "another name in its place, which only the council can match",
    Transform.DATE_SHIFT: "moved by a span of days that only the council knows, the same for all days of one person",
    Transform.FLAG_ONLY: "only whether there is one",
    Transform.DROP: "NEVER: named to say so",
}
UNITS = {"Y": "years", "M": "months", "D": "days"}


def sections(agreement: Agreement) -> Iterator[Section]:
    """Give the sections in the order in which people ask: who, why, about whom, by which law, what, how long, until when."""
    yield Section(
        "Who",
        points=tuple(_party(party) for party in agreement.parties),
        after=(f"What they arranged: {agreement.arrangement}",) if agreement.arrangement else (),
    )
    yield _why(agreement)
    yield Section("About whom", (_subjects(agreement),))
    yield Section("Under which law", tuple(law(agreement)))
    yield Section(
        "Consent and objections", (*consent(agreement.consent), _restricted(agreement), *_kept_safe(agreement))
    )
    recipient = name_of(agreement, agreement.recipient)
    if agreement.aggregates is None:
        yield Section(f"What goes out to {recipient}", lines=_lines(agreement, Direction.OUT))
    else:
        yield from published(agreement, agreement.aggregates, _lines(agreement, Direction.COUNT), recipient)
    if agreement.inbound is not None:
        partner = name_of(agreement, agreement.inbound.partner)
        yield Section(f"What comes in from {partner}", lines=_lines(agreement, Direction.IN))
    yield Section("Who may look", tuple(_looking(agreement)))
    yield Section("How long, and what then", tuple(_keeping(agreement)))
    yield Section("When and how", tuple(_when(agreement)))
    yield Section("How it ends", tuple(_ending(agreement)))
    yield Section(
        "Who must sign",
        points=tuple(f"{each.role} of {name_of(agreement, each.party)}" for each in agreement.signatories),
    )
    listed = (
        "It stands in the public register" if agreement.publication.in_register else "It is not in the public register"
    )
    yield Section("In the public register", (f"{listed}: {agreement.publication.summary}",))


def heading(agreement: Agreement) -> tuple[str, str]:
    """Give the title, and a line on what it is and who drafted it."""
    after = f" It takes the place of version {agreement.supersedes}." if agreement.supersedes else ""
    return (
        f"{agreement.title} ({agreement.id}, version {agreement.version})",
        f"Kind: {agreement.template}. Drafted by {agreement.drafted_by}, who may not sign it.{after}",
    )


def name_of(agreement: Agreement, party: str) -> str:
    """Give a party's name, or its id if it is no party."""
    found = agreement.party(party)
    return found.name if found is not None else party


def _party(party: Party) -> str:
    part = f" of {party.controller}" if party.controller else ""
    works = f", works in {', '.join(party.works_in)}" if party.works_in else ""
    may = " and ".join(party.may)
    return f"{party.name} ({party.kind}, {party.legal_role.replace('-', ' ')}{part}{works}): may {may}"


def _why(agreement: Agreement) -> Section:
    purpose = agreement.purpose
    said = [f"{purpose.description} (purpose: {purpose.code})"]
    if purpose.compatible_with:
        said.append(f"Why that fits what it was collected for: {purpose.compatible_with}")
    if purpose.prescribed:
        said.append(f"The purpose prescribed for benefits information: {purpose.prescribed}")
    return Section("Why", (*said, "It must not be used for:"), purpose.prohibited)


def _subjects(agreement: Agreement) -> str:
    subjects = agreement.subjects
    has = subjects.has
    lasting = "that lasts now" if has.open else "at any time"
    ages = ""
    if subjects.minimum_age is not None:
        ages += f", aged {subjects.minimum_age} or over"
    if subjects.maximum_age is not None:
        ages += f", aged {subjects.maximum_age} or under"
    return (
        f"People with {'an' if has.entity[0] in 'aeiou' else 'a'} {has.entity.replace('_', ' ')} {lasting} whose {has.field} is {' or '.join(has.values)}, "
        f"according to {', '.join(has.sources)}{ages}."
    )


def _lines(agreement: Agreement, direction: Direction) -> tuple[Line, ...]:
    return tuple(_line(item) for item in agreement.items(direction))


def _line(item: Item) -> Line:
    facts = FIELDS.get((item.entity, item.field))
    out = item.direction is not Direction.IN
    return Line(
        entity=item.entity.replace("_", " "),
        about=f"{facts.description.rstrip('.') if facts is not None else f'{item.field}, not in the model'}{_rows(item)}",
        done=DONE[item.transform] if out or item.transform is not Transform.AS_IS else "",
        sources=", ".join(item.sources),
        roles=", ".join(item.roles),
        kept=f"Kept for {_period(item.retention)}." if item.retention is not None else "",
        why=" ".join(filter(None, (item.justification, _must_know(item)))),
    )


def _must_know(item: Item) -> str | None:
    return f"Told even of people whose address is kept safe: {item.must_know}" if item.must_know is not None else None


def _rows(item: Item) -> str:
    if item.rows is None:
        return ""
    named = item.rows.field is not None or item.rows.values
    which = f" whose {item.rows.field} is {' or '.join(item.rows.values)}" if named else ""
    return f" (only rows{which}{' that last now' if item.rows.open else ''})"


def _looking(agreement: Agreement) -> Iterator[str]:
    named = agreement.relationship
    if named is None and agreement.aggregates is not None:
        yield "Nobody looks at a person under it: what is published are numbers."
    elif named is None:
        yield "Nobody looks at a person under it: what is shared goes to a system, which answers for its own access."
    else:
        which = " or ".join(each.replace("-", " ") for each in named.any_of)
        yield f"Whoever looks at a person in a role beside the feed {which}. {named.why}"
        if named.trained_within is not None:
            yield f"Whoever looks was trained in information governance within the last {_length(named.trained_within)}."
    for_hours = "may look for some hours: each look is on the record, and another person reviews it"
    allowed = for_hours if agreement.break_glass.permitted else "may not look either"
    yield f"In an emergency somebody else {allowed}. {agreement.break_glass.why}"


def _restricted(agreement: Agreement) -> str:
    restricted = agreement.restricted_records
    if restricted.action is Restriction.REFER:
        return f"Restricted records: nothing is released; {restricted.refer_to or 'nobody'} is asked."
    named = f"; {restricted.refer_to} is not asked" if restricted.refer_to else ""
    return f"Restricted records: nothing is released{named}."


def _kept_safe(agreement: Agreement) -> Iterator[str]:
    """Say what is not told of people whose address is kept safe, or of their relations at the same address."""
    kept = [f"{item.entity} {item.field}".replace("_", " ") for item in guarded(agreement)]
    if kept:
        yield (
            f"People whose address is kept safe, and their relations at the same address: {', '.join(kept)} not told,"
            " since that would show the way to them."
        )


def _period(retention: Retention) -> str:
    return f"{_length(retention.period)} from {retention.start.replace('-', ' ')}"


def _length(period: str) -> str:
    number, unit = period[1:-1], UNITS[period[-1]]
    return f"{number} {unit if number != '1' else unit.rstrip('s')}"


def _keeping(agreement: Agreement) -> Iterator[str]:
    onward = agreement.onward
    if onward.permitted is Onward.ANYBODY:
        yield f"What is published may be kept and passed on by anybody. The council keeps its own for {_period(agreement.retention)}."
        yield f"Handling: {', '.join(code.replace('-', ' ') for code in onward.handling) or 'none'}.{''.join(f' Named: {each}.' for each in onward.to)}"
        return
    yield f"The recipient keeps it for {_period(agreement.retention)}, if an item does not say otherwise."
    to = ", ".join(name_of(agreement, party) for party in onward.to)
    nobody = f"may not be passed on{f', nor to {to}' if to else ''}"
    allowed = f"may be passed on to {to} only" if onward.permitted is Onward.NAMED else nobody
    yield f"It {allowed}. Handling: {', '.join(code.replace('-', ' ') for code in onward.handling) or 'none'}."


def _when(agreement: Agreement) -> Iterator[str]:
    route, inbound = agreement.route, agreement.inbound
    yield f"From {agreement.effective} to {agreement.expires}, both days included; reviewed by {agreement.review_date}."
    signed = ", each message signed" if agreement.sign_each_message else ""
    where = f"on {route.queue}" if route.queue is not None else f"to the stream {route.stream} of its system"
    by = f" by the connector {route.connector} {where}" if route.connector is not None else ", written to files"
    how = f"as {agreement.format.media_type}{by}"
    yield f"Sent {agreement.frequency.replace('-', ' ')}, {how}{signed}."
    if inbound is not None:
        yield f"What comes in is read by the connector {inbound.connector}, as its stream {inbound.stream}."


def _ending(agreement: Agreement) -> Iterator[str]:
    termination = agreement.termination
    yield f"Either may suspend it at once, and end it with {_length(termination.notice)}' notice."
    outcomes = " or ".join(each.replace("-", " ") for each in termination.on_end)
    if termination.certificate_within is None:
        yield f"What was published stays published; no more of it is.{outcomes}"
    else:
        yield f"What was received is then {outcomes}: certified within {_length(termination.certificate_within)}."
    if agreement.lapse is not None:
        yield f"Before it lapses, {agreement.lapse.refer_to} is told, and takes each case by hand if it has lapsed."
