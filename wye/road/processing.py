"""Make the record of processing activities (UK GDPR Article 30(1)) from the agreements in force and the contracts.

Nothing is typed twice: what is signed and what is checked says what is done. The lines on Schedule 1 are those that the
Data Protection Act 2018 Schedule 1 paragraph 41 asks for. What Wye cannot know is asked for by its setting, in `lacking`.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from schemas.catalogue import FIELDS
from schemas.classification import Classification
from wye.agreements.in_force import InForce
from wye.agreements.law_in_words import basis_in_words
from wye.agreements.model import Agreement, Item, Party
from wye.agreements.page import sections
from wye.agreements.words import PartyAct
from wye.quality.contract import Contract
from wye.road.hub import Hub
from wye.vocabulary import LegalRole, Transform

SECURITY = (
    "Least rights by database role; each value of a person in the audit trail and in messages sealed under a key of its "
    "own; every field decided by the signed agreement; a tamper-evident log of each look and disclosure (Article 32)."
)
TRANSFERS = "None: no recipient outside the United Kingdom is a party."
LACKING = "NOT SAID: set "


@dataclass(frozen=True, slots=True)
class Activity:
    """Be one line of the record; each field answers a letter of Article 30(1), or Schedule 1 paragraph 41."""

    activity: str
    controller: str
    """(a) with contact details."""
    joint_controllers: str
    data_protection_officer: str
    purposes: str
    """(b)"""
    people: str
    """(c) categories of data subjects."""
    data: str
    """(c) categories of personal data."""
    recipients: str
    """(d)"""
    transfers: str
    """(e)"""
    kept: str
    """(f)"""
    security: str
    """(g)"""
    lawful_basis: str
    """The condition relied on, how Article 6 is satisfied, and the policy document (Schedule 1 paragraph 41)."""
    owner: str
    source: str
    """What it was made from: an agreement with version and digest, or a contract."""


def processing(hub: Hub) -> list[Activity]:
    """Make the record: what each agreement in force has the council do, then what it holds of each system."""
    council = hub.settings.council
    ours = [each for each in hub.agreements.values() if _own(each.agreement, council)]
    contracts = [hub.contract(name) for name in hub.source_names]
    return [
        *(_sharing(hub, each) for each in sorted(ours, key=lambda each: each.agreement.id)),
        *(_holding(hub, each, ours) for each in contracts if each.controller == council),
    ]


def lacking(hub: Hub) -> list[str]:
    """Name the settings without which the record is not whole."""
    return [
        f"WYE_{name.upper()}"
        for name in ("council_contact", "data_protection_officer")
        if not getattr(hub.settings, name)
    ]


def columns() -> list[str]:
    """Name the columns of the record, in order."""
    return [field.name for field in fields(Activity)]


def cells(activity: Activity) -> list[str]:
    """Give a line's cells, in the order of `columns`."""
    return list(asdict(activity).values())


def _sharing(hub: Hub, found: InForce) -> Activity:
    agreement, council = found.agreement, hub.settings.council
    joint = [
        party.name
        for party in agreement.parties
        if party.id != council and party.legal_role is LegalRole.JOINT_CONTROLLER
    ]
    keeping = next(each.sentences for each in sections(agreement) if each.title == "How long, and what then")
    return Activity(
        activity=agreement.title,
        controller=_contact(hub, council),
        joint_controllers=", ".join(joint) or "none",
        data_protection_officer=_officer(hub),
        purposes=agreement.purpose.description,
        people=next(each.sentences[0] for each in sections(agreement) if each.title == "About whom"),
        data=_categories((each.entity, each.field) for each in agreement.data_items if _goes(each)),
        recipients=", ".join(
            party.name for party in agreement.parties if party.id != council and PartyAct.RECEIVE in party.may
        ),
        transfers=TRANSFERS,
        kept=" ".join(keeping),
        security=SECURITY,
        lawful_basis=" | ".join("; ".join(basis_in_words(each.lawful_basis)) for each in _own(agreement, council)),
        owner=agreement.drafted_by,
        source=f"agreement {agreement.id} {agreement.version}, {found.digest.hex()}",
    )


def _holding(hub: Hub, contract: Contract, ours: Iterable[InForce]) -> Activity:
    using = sorted(each.agreement.id for each in ours if _uses(each.agreement, contract.source))
    classes = {each for stream in contract.streams.values() for each in stream.classifications.values()}
    return Activity(
        activity=f"Hold and match what comes from {contract.name}",
        controller=_contact(hub, contract.controller),
        joint_controllers="none",
        data_protection_officer=_officer(hub),
        purposes=contract.purpose,
        people=f"People whom {contract.name} knows: {', '.join(sorted(contract.streams))}",
        data=_classes(classes),
        recipients=f"under agreements: {', '.join(using)}" if using else "nobody",
        transfers=TRANSFERS,
        kept=f"{hub.settings.retention_years} years after the last of it, then destroyed by `wye keys shred`",
        security=SECURITY,
        lawful_basis="as the agreements say under which it is used" if using else "NOT SAID: no agreement uses it",
        owner=contract.owner,
        source=f"contract {contract.source}",
    )


def _own(agreement: Agreement, council: str) -> list[Party]:
    """Give the parties that are the council, or parts of it."""
    return [party for party in agreement.parties if council in (party.id, party.controller)]


def _goes(item: Item) -> bool:
    return item.transform is not Transform.DROP


def _uses(agreement: Agreement, source: str) -> bool:
    return any(source in item.sources for item in agreement.data_items if _goes(item))


def _categories(named: Iterable[tuple[str, str]]) -> str:
    """Say entities, and the most sensitive classes among their fields."""
    known = [FIELDS[key] for key in named if key in FIELDS]
    entities = sorted({each.entity.replace("_", " ") for each in known})
    return f"{', '.join(entities)}; {_classes({each.classification for each in known})}"


def _classes(found: set[Classification]) -> str:
    return (
        ", ".join(str(each) for each in Classification if each in found and each is not Classification.NONE) or "none"
    )


def _contact(hub: Hub, controller: str) -> str:
    named = (each.agreement.party(controller) for each in hub.agreements.values())
    name = next((party.name for party in named if party is not None), controller)
    return f"{name}, {hub.settings.council_contact or f'{LACKING}WYE_COUNCIL_CONTACT'}"


def _officer(hub: Hub) -> str:
    return hub.settings.data_protection_officer or f"{LACKING}WYE_DATA_PROTECTION_OFFICER"
