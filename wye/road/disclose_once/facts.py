"""Gather what the weighing of a one-off disclosure may look at, and make its terms."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wye.agreements.identifiers import WORK, barred, works_in
from wye.agreements.in_force import Loaded, load_all
from wye.agreements.law import prohibitions
from wye.agreements.model import Party
from wye.errors import UsageError
from wye.identity.link_rows import records_of
from wye.road.disclose_once.request import Request
from wye.road.gather import gather
from wye.road.hub import Hub
from wye.settings import Settings
from wye.sharing.facts import Facts
from wye.sharing.one_off import Terms
from wye.vocabulary import PartyKind


def facts_about(hub: Hub, persons: Sequence[UUID], at: datetime) -> dict[UUID, Facts]:
    """Gather the facts of persons; raises UsageError if nothing is known of one: a typing error must not pass."""
    for person in persons:
        if not records_of(hub.conn, person):
            raise UsageError(f"nobody is known as `{person}`; `wye people find` tells a person's id")
    return {facts.known.person: facts for facts in gather(hub, persons, at)}


def terms_of(hub: Hub, request: Request) -> Terms:
    """Make the terms of a request: what its recipient may not use, and what its power is."""
    party = known_party(hub.settings, request.recipient)
    work = works_in(party) if party is not None else WORK.get(request.kind, frozenset())
    return Terms(
        recipient=request.recipient,
        kind=request.kind,
        barred=barred(work),
        gateway=request.power,
        prescribed=bool((request.prescribed or "").strip()),
        prohibitions=prohibitions(),
    )


def known_party(settings: Settings, name: str) -> Party | None:
    """Find a body among the parties of every agreement whose signatures hold, in force or not."""
    found = load_all(settings.agreements, root=settings.agreements_root, allow_examples=settings.allow_example_signers)
    texts = (one.agreement for one in found if isinstance(one, Loaded))
    return next((party for text in texts if (party := text.party(name)) is not None), None)


def kind_of(hub: Hub, recipient: str, said: PartyKind | None) -> PartyKind:
    """Say what kind of body a recipient is: as the agreements say, else as was said. Raises UsageError."""
    party = known_party(hub.settings, recipient)
    if party is None and said is None:
        kinds = ", ".join(PartyKind)
        raise UsageError(f"no agreement knows `{recipient}`: say what kind of body it is by `--kind`, one of: {kinds}")
    if party is not None and said is not None and said is not party.kind:
        raise UsageError(f"`{recipient}` is of kind {party.kind} by its agreements, and not {said}")
    return party.kind if party is not None else said  # type: ignore[return-value]  # one of the two is there
