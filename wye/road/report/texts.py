"""Say what agreements say of a disclosure, in words: from verified texts only, and only from the version it was under."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.catalogue import FIELDS
from wye.agreements.in_force import Loaded, load_all
from wye.agreements.law import gateway_of, gateways
from wye.agreements.law_in_words import basis_in_words
from wye.agreements.model import Agreement, Party
from wye.agreements.page import DONE
from wye.road.report.draft_body import NOT_RECORDED, Line, OneOff
from wye.settings import Settings
from wye.vocabulary import Direction, PartyKind, Transform

NO_TEXT = "the text of this version of the agreement is no longer kept here; the data protection officer can tell"

NO_AGREEMENT = "none: a decision on this one disclosure"


@dataclass(frozen=True, slots=True)
class Words:
    """Hold one line in words for the person."""

    recipient: str
    purpose: str
    law: tuple[str, ...]
    data: tuple[str, ...]
    sources: tuple[str, ...]
    """Systems from which the agreement lets the data come: the trail does not say which one it was."""
    agreement: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Hold the verified agreements by id, and the party whose hub this is."""

    agreements: Mapping[str, Agreement]
    council: str

    def of(self, agreement: str | None, version: str | None) -> Agreement | None:
        """Find the text of just this version."""
        found = self.agreements.get(agreement or "")
        return found if found is not None and found.version == version else None

    def party(self, name: str) -> Party | None:
        """Find a party by its id, in any text."""
        return next((party for one in self.agreements.values() if (party := one.party(name)) is not None), None)

    @property
    def council_name(self) -> str:
        """Name the council."""
        found = self.party(self.council)
        return found.name if found is not None else self.council

    def kind(self, recipient: str) -> PartyKind | None:
        """Say what kind of body a recipient is; None if no text says."""
        found = self.party(recipient)
        return found.kind if found is not None else None

    def source_kinds(
        self, agreement: str | None, version: str | None, field: str
    ) -> frozenset[PartyKind | None] | None:
        """Say whose systems a field may have come from under an agreement; None if its text is not there."""
        text = self.of(agreement, version)
        if text is None:
            return None
        return self.kinds_of(_sources(text, [field]))

    def kinds_of(self, sources: Iterable[str]) -> frozenset[PartyKind | None]:
        """Say whose systems these are: the kinds of the partners that they speak to; None for our own."""
        return frozenset(self._kind_of_system(source) for source in sources)

    def words(self, line: Line) -> Words:
        """Say a line in words."""
        text = self.of(line.agreement, line.version)
        party = self.party(line.recipient)
        name = party.name if party is not None else line.recipient
        if line.one_off is not None:
            data = tuple(_field(field, None) for field in line.fields)
            purpose = line.purpose or "not recorded"
            return Words(name, purpose, _power(line.one_off), data, line.one_off.sources, NO_AGREEMENT)
        named = f"{line.agreement or '-'}, version {line.version or '-'}"
        if text is None:
            data = tuple(_field(field, None) for field in line.fields)
            return Words(name, line.purpose or "not recorded", (NO_TEXT,), data, (), named)
        return Words(
            recipient=name,
            purpose=text.purpose.description,
            law=self._law(text, line.recipient),
            data=tuple(_field(field, text) for field in line.fields),
            sources=_sources(text, line.fields),
            agreement=f"{text.title} ({named})",
        )

    def _law(self, text: Agreement, recipient: str) -> tuple[str, ...]:
        discloser = text.party(self.council) or next(party for party in text.parties if party.id != recipient)
        lines = [f"{discloser.name}: {'; '.join(basis_in_words(discloser.lawful_basis))}"]
        row = gateway_of(text.gateway)
        if row is not None:
            lines.append(f"by {row.name}, a {row.kind}: {row.purpose}")
        return tuple(lines)

    def _kind_of_system(self, source: str) -> PartyKind | None:
        for one in self.agreements.values():
            if one.inbound is not None and one.inbound.connector == source:
                party = one.party(one.inbound.partner)
                return party.kind if party is not None else None
        return None


def read_texts(settings: Settings) -> Texts:
    """Read every agreement whose signatures hold, in force or not: what expired is still what something went under."""
    found = load_all(settings.agreements, root=settings.agreements_root, allow_examples=settings.allow_example_signers)
    return Texts({one.agreement.id: one.agreement for one in found if isinstance(one, Loaded)}, settings.council)


def _field(field: str, text: Agreement | None) -> str:
    """Say a field by its description in the catalogue, and what the agreement does to it before it goes."""
    if field == NOT_RECORDED:
        return "which data is not recorded"
    entity, _, name = field.partition(".")
    facts = FIELDS.get((entity, name))
    about = facts.description.rstrip(".") if facts is not None else name.replace("_", " ")
    items = text.items(Direction.OUT) if text is not None else ()
    item = next((item for item in items if (item.entity, item.field) == (entity, name)), None)
    done = f", {DONE[item.transform]}" if item is not None and item.transform is not Transform.AS_IS else ""
    return f"{entity.replace('_', ' ')}: {about}{done}"


def _sources(text: Agreement, fields: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    wanted = set(fields)
    items = [item for item in text.items(Direction.OUT) if f"{item.entity}.{item.field}" in wanted]
    return tuple(sorted({source for item in items for source in item.sources}))


def _power(one_off: OneOff) -> tuple[str, ...]:
    row = next((row for row in gateways().values() if row.name == one_off.power), None)
    return (one_off.power,) if row is None else (f"{row.name}, a {row.kind}: {row.purpose}",)
