"""Read the tables of law: statutory gateways and prohibitions. Law is data; a row not confirmed is switched off."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from wye.agreements.bases import GatewayReference
from wye.agreements.loading import load, read
from wye.agreements.part import Name, Part, Text
from wye.agreements.words import GatewayKind
from wye.vocabulary import GatewayException, LawStatus, PartyKind, PurposeCode

HERE = Path(__file__).parent


class Gateway(Part):
    """Be one statutory gateway: who may disclose to whom, for what, with which exceptions of its own."""

    act: Text
    section: str
    kind: GatewayKind
    discloser: tuple[PartyKind, ...]
    recipient: tuple[PartyKind, ...]
    purposes: tuple[PurposeCode, ...]
    purpose: Text
    data_limit: Text
    exceptions: tuple[GatewayException, ...]
    overrides_confidence: bool
    in_force_from: date | Literal["already"] | None
    source: Text
    status: LawStatus

    @property
    def name(self) -> str:
        """Give the act and section as people write them."""
        return f"{self.act} {self.section}"

    def open_on(self, day: date) -> bool:
        """Say whether the row may be stood on: confirmed, and in force on that day."""
        if self.status is LawStatus.UNCONFIRMED or self.in_force_from is None:
            return False
        return self.in_force_from == "already" or self.in_force_from <= day


class Prohibition(Part):
    """Be one statutory prohibition, and what in the hub sets it off."""

    id: Name
    law: Text
    bans: Text
    exceptions: Text
    trigger: Literal["sealed-identity", "source", "open-data", "none"]
    sources: tuple[Name, ...] = ()
    unless_gateway: GatewayReference | None = None
    source: Text
    status: LawStatus


class GatewayTable(Part):
    """Hold the rows of gateways.yaml."""

    gateways: Annotated[tuple[Gateway, ...], Field(min_length=1)]


class ProhibitionTable(Part):
    """Hold the rows of prohibitions.yaml."""

    prohibitions: Annotated[tuple[Prohibition, ...], Field(min_length=1)]


@cache
def gateways() -> dict[tuple[str, str], Gateway]:
    """Give the table of gateways by act and section."""
    rows = load(GatewayTable, read(HERE / "gateways.yaml"), "gateways.yaml").value.gateways
    table = {(row.act, row.section): row for row in rows}
    if len(table) != len(rows):
        raise TypeError("gateways.yaml: a section stands twice")
    return table


@cache
def prohibitions() -> tuple[Prohibition, ...]:
    """Give the table of statutory prohibitions."""
    return load(ProhibitionTable, read(HERE / "prohibitions.yaml"), "prohibitions.yaml").value.prohibitions


def gateway_of(reference: GatewayReference | None) -> Gateway | None:
    """Find the row that an agreement names."""
    return None if reference is None else gateways().get((reference.act, reference.section))
