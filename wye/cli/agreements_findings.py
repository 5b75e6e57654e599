"""Find what is wrong with an agreement's text before anybody signs it: its keys, its law, and its cases."""

from collections.abc import Iterator
from pathlib import Path

from wye.agreements.checking import check
from wye.agreements.in_force import Loaded, read_agreement
from wye.bootstrap import sources
from wye.errors import AgreementRefused
from wye.identity.accepted import STEWARD
from wye.sharing.cases import CASE_KEY, failing
from wye.sharing.policy import compile_policy


def findings(home: Path) -> list[str]:
    """Give every finding about the agreement in a folder, a line each; none means that it may be signed."""
    try:
        loaded = read_agreement(home)
    except AgreementRefused as error:
        return str(error).splitlines()
    found = [str(finding) for finding in check(loaded.document, loaded.cases)]
    found += unknown_systems(loaded, {*sources(), STEWARD})
    return found or list(failing(compile_policy(loaded.agreement, CASE_KEY), loaded.cases.value))


def unknown_systems(loaded: Loaded, known: set[str]) -> Iterator[str]:
    """Find systems that no connector here reads or writes: an item from such a source would never be released."""
    agreement = loaded.agreement
    named: list[tuple[tuple[str | int, ...], str]] = []
    if agreement.route.connector is not None:
        named.append((("route", "connector"), agreement.route.connector))
    if agreement.inbound is not None:
        named.append((("inbound", "connector"), agreement.inbound.connector))
    named += [(("subjects", "has", "sources"), source) for source in agreement.subjects.has.sources]
    named += [
        (("data_items", index, "sources"), source)
        for index, item in enumerate(agreement.data_items)
        for source in item.sources
    ]
    for place, name in named:
        if name not in known:
            yield f"{loaded.document.where(place)}: no system `{name}` here; there are: {', '.join(sorted(known))}"
