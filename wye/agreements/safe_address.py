"""Check what an agreement says of people whose address is kept safe: before anybody signs it. Pure."""

from collections.abc import Iterator

from schemas.locating import locates
from wye.agreements.cases import Case, Cases
from wye.agreements.loading import Place
from wye.agreements.model import Agreement, Item
from wye.vocabulary import Direction, Outcome, Transform


def guarded(agreement: Agreement) -> Iterator[Item]:
    """Give what goes out and is kept back of people whose address is kept safe."""
    for item in agreement.decided:
        if item.must_know is None and item.transform is not Transform.DROP and locates(item.entity, item.field):
            yield item


def check_must_know(agreement: Agreement) -> Iterator[tuple[Place, str]]:
    """Refuse `must_know` where it would mean nothing: its reader would believe that something is kept back."""
    for index, item in enumerate(agreement.data_items):
        if item.must_know is None:
            continue
        name, place = f"{item.entity}.{item.field}", ("data_items", index, "must_know")
        if item.direction is not Direction.OUT:
            yield place, f"`{name}` comes in: only of what goes out is anything kept back"
        elif item.transform is Transform.DROP:
            yield place, f"`{name}` is dropped, whoever must know it"
        elif locates(item.entity, item.field) is None:
            yield place, f"`{name}` tells nobody where somebody can be found: it is not kept back anyway"


def check_shown(agreement: Agreement, cases: Cases) -> Iterator[tuple[Place, str]]:
    """Ask for a case in which each item that must be known leaves although the address is kept safe."""
    shown = {name for case in cases.cases if _kept_safe(cases, case) for name in case.expect.released}
    for item in agreement.items(Direction.OUT):
        name = f"{item.entity}.{item.field}"
        if item.must_know is not None and name not in shown:
            yield ("cases",), f"no case with `safe_address: true` shows `{name}` released, which must be known"


def _kept_safe(cases: Cases, case: Case) -> bool:
    held = cases.base.safe_address if case.change.safe_address is None else case.change.safe_address
    return held and "safe_address" not in case.change.unknown and case.expect.outcome is Outcome.RELEASE
