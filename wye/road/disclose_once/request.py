"""Hold what one request asks, check that it may be decided on at all, and write it as the bytes that are sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from wye.agreements.law import Gateway, gateways
from wye.errors import UsageError
from wye.reason import says_nothing
from wye.sharing.one_off import Wanted, wanted_fields
from wye.vocabulary import LawStatus, PartyKind, PurposeCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Be one request. Most sensitive class: personal (that this body asks about this person, and why); stored sealed."""

    persons: tuple[UUID, ...]
    fields: tuple[tuple[str, ...], ...]
    """What is wanted of each person, in the order of persons: `entity` or `entity.field`."""
    recipient: str
    kind: PartyKind
    asked_by: str
    """Who asks: name, office and how it was made sure that it is them."""
    need: str
    act: str
    section: str
    purpose: PurposeCode
    prescribed: str | None = None
    """For benefits information: the purpose prescribed under the Welfare Reform Act 2012 section 131."""

    @property
    def power(self) -> Gateway:
        """Give the row of gateways.yaml that it stands on."""
        return gateways()[self.act, self.section]

    def wanted(self, place: int) -> list[Wanted]:
        """Give the fields that are wanted of the person at a place, from 0, each once."""
        found: dict[str, Wanted] = {}
        for named in self.fields[place]:
            for one in wanted_fields(named):
                if one.chosen or one.name not in found:
                    found[one.name] = one
        return list(found.values())


def check(request: Request, day: date) -> None:
    """Check that a request may be decided on, on a day in London; raises UsageError with everything that is wrong."""
    wrong = [
        f"`{option}` says nothing: {what}"
        for option, text, what in (
            ("--asked-by", request.asked_by, "who asks, and how you made sure that it is them"),
            ("--need", request.need, "what it is needed for, and why now"),
            ("--to", request.recipient, "the body that is to be told"),
        )
        if says_nothing(text)
    ]
    if not request.persons:
        wrong.append("nobody is named whom it is about")
    if len(set(request.persons)) != len(request.persons):
        wrong.append("a person is named twice")
    wrong += [
        f"`--field {named}`: the model has no such entity or field; `wye disclose fields` lists them"
        for named in dict.fromkeys(name for names in request.fields for name in names)
        if not wanted_fields(named)
    ]
    if any(not names for names in request.fields):
        wrong.append("of each person at least one `--field` is named: no more than is needed, and not nothing")
    wrong += check_power(request.power, request, day)
    if wrong:
        raise UsageError("; ".join(wrong))


def check_power(power: Gateway, request: Request, day: date) -> list[str]:
    """Say why a power does not carry a request: not in force, not ours to use, not for that body or purpose."""
    found = []
    begins = power.in_force_from
    if begins is None or (begins != "already" and begins > day):
        found.append(f"{power.name} is not in force{'' if begins is None else f' before {begins}'}")
    if not {PartyKind.COUNCIL, PartyKind.COUNCIL_SERVICE} & set(power.discloser):
        found.append(f"{power.name} lets no council disclose")
    if request.kind not in power.recipient:
        found.append(f"{power.name} is for disclosing to: {', '.join(power.recipient)}; not to: {request.kind}")
    if request.purpose not in power.purposes:
        found.append(f"{power.name} is for: {', '.join(power.purposes)}; not for: {request.purpose}")
    return found


def find_power(text: str) -> Gateway:
    """Find a power by its act and section as people write them; raises UsageError naming those that are near."""
    wanted = " ".join(text.split()).casefold()
    named = {row.name.casefold(): row for row in gateways().values()}
    if wanted in named:
        return named[wanted]
    near = [row.name for name, row in named.items() if wanted and all(word in name for word in wanted.split())]
    if len(near) == 1:
        return named[near[0].casefold()]
    told = f"; did you mean: {', '.join(near[:5])}" if near else ""
    raise UsageError(f"`{text}` is no power of wye/agreements/gateways.yaml{told}; `wye disclose powers` lists them")


def caution(power: Gateway) -> str | None:
    """Say that a power's row was not read in its own text, or none if it was."""
    if power.status is LawStatus.READ:
        return None
    how = {
        LawStatus.READ_SECOND_HAND: "was only read in somebody's summary",
        LawStatus.UNCONFIRMED: "is UNCONFIRMED: nobody has read its text, and no agreement may stand on it",
    }[power.status]
    return f"{power.name} {how}; the review has to look at it"


def fields_of(named: Sequence[str], persons: int) -> tuple[tuple[str, ...], ...]:
    """Read `[N:]entity[.field]`: of the person at place N, from 1; of each, without a place. Raises UsageError."""
    found: list[list[str]] = [[] for _ in range(persons)]
    for one in named:
        place, colon, name = one.rpartition(":")
        if not colon:
            for each in found:
                each.append(name)
        elif place.isascii() and place.isdecimal() and 1 <= int(place) <= persons:
            found[int(place) - 1].append(name)
        else:
            raise UsageError(f"`--field {one}`: `{place}` is no place of a person; the first that is named has 1")
    return tuple(tuple(dict.fromkeys(each)) for each in found)


def write(request: Request) -> bytes:
    """Write a request as the bytes that are sealed."""
    content = {
        "persons": request.persons,
        "fields": request.fields,
        "recipient": request.recipient,
        "kind": request.kind.value,
        "asked_by": request.asked_by,
        "need": request.need,
        "act": request.act,
        "section": request.section,
        "purpose": request.purpose.value,
        "prescribed": request.prescribed,
    }
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def read(body: bytes) -> Request:
    """Read a request back from its opened bytes."""
    held: dict[str, Any] = orjson.loads(body)
    return Request(
        persons=tuple(UUID(each) for each in held["persons"]),
        fields=tuple(tuple(each) for each in held["fields"]),
        recipient=held["recipient"],
        kind=PartyKind(held["kind"]),
        asked_by=held["asked_by"],
        need=held["need"],
        act=held["act"],
        section=held["section"],
        purpose=PurposeCode(held["purpose"]),
        prescribed=held["prescribed"],
    )
