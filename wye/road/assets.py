"""Make the information asset register: what the hub holds of each stream, who owns it, how sensitive, and who uses it."""

from dataclasses import asdict, dataclass, fields

from schemas.classification import Classification
from wye.quality.contract import StreamContract
from wye.road.hub import Hub


@dataclass(frozen=True, slots=True)
class Asset:
    """Be one information asset: a stream of a system."""

    asset: str
    system: str
    controller: str
    owner: str
    """The information asset owner: the contract's."""
    classes: str
    """The classes of personal data in it, the most sensitive last."""
    columns: int
    protects: str
    """Columns that may carry a protection of a person: what must never be lost."""
    used_under: str
    """Agreements in force that use the system."""
    checks: int
    """Rules that its rows and batches are held to."""


def assets(hub: Hub) -> list[Asset]:
    """List every stream of every contract."""
    found: list[Asset] = []
    for source in hub.source_names:
        contract = hub.contract(source)
        using = sorted(
            each.agreement.id
            for each in hub.agreements.values()
            if any(source in item.sources for item in each.agreement.data_items)
        )
        found += [
            Asset(
                asset=f"{source}.{name}",
                system=contract.name,
                controller=contract.controller,
                owner=contract.owner,
                classes=_classes(stream),
                columns=len(stream.columns),
                protects=", ".join(sorted(stream.protective)),
                used_under=", ".join(using),
                checks=len(stream.rules) + len(stream.table_rules),
            )
            for name, stream in sorted(contract.streams.items())
        ]
    return found


def columns() -> list[str]:
    """Name the columns of the register, in order."""
    return [field.name for field in fields(Asset)]


def cells(asset: Asset) -> list[str]:
    """Give an asset's cells, in the order of `columns`."""
    return [str(each) for each in asdict(asset).values()]


def _classes(stream: StreamContract) -> str:
    held = set(stream.classifications.values())
    return ", ".join(str(each) for each in Classification if each in held and each is not Classification.NONE)
