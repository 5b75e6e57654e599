"""Score every source of today: compare records with each other, then count who fails what. Nightly, and after a run."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from wye.intake.map import MAP_RULE
from wye.quality.promises import Promise, load_promises
from wye.quality.score import Measured
from wye.road import score_rows as rows
from wye.road.hub import Hub
from wye.vocabulary import Dimension, Severity

LONDON = ZoneInfo("Europe/London")
ONCE = "a person stands in one row"
AGREES = "agrees with the best known value"
ONE_PERSONS = "is one person's"
SOON = "row comes as soon as promised"
FRESH = "stream brings rows as often as promised"
COMPARED = ("birth_date", "family_name", "nhs_number", "sex")
"""Attributes of a person that cannot differ between systems that are all right (a family name until it changes)."""

Named = tuple[str, str, Promise]


@dataclass(slots=True)
class Scored:
    """Tell how many rules and dimensions got a score."""

    rules: int = 0
    dimensions: int = 0


def score(hub: Hub) -> Scored:
    """Write today's scores of all sources, in one transaction; the same day again replaces them."""
    at = hub.at()
    promised = [
        (source, stream, promise)
        for source in hub.source_names
        for stream, promise in load_promises(hub.connector(source).contract, source).items()
    ]
    once = [(source, stream) for source, stream, promise in promised if promise.one_row_per_person]
    soon = _within(promised, "latency")
    fresh = _within(promised, "frequency")
    hub.conn.execute(rows.SEEN)
    with hub.conn.transaction():
        conn = hub.conn
        rows.compare(conn, rows.TWICE, ONCE, "*", Dimension.UNIQUENESS, at, rows.streams_of(once))
        rows.compare(conn, rows.LATE, SOON, "*", Dimension.TIMELINESS, at, rows.within_of(soon))
        rows.compare(conn, rows.SHARED, ONE_PERSONS, "nhs_number", Dimension.ACCURACY, at, {})
        for attribute in COMPARED:
            rows.compare(conn, rows.DISAGREES, AGREES, attribute, Dimension.CONSISTENCY, at, {})
        done = rows.score(
            conn, [*_by_rows(hub), *_compared(promised)], fresh, (MAP_RULE, FRESH), at.astimezone(LONDON).date(), at
        )
    return Scored(*done)


def _by_rows(hub: Hub) -> list[Measured]:
    """List the row rules of every contract, and that a row can be mapped at all."""
    found: list[Measured] = []
    for source in hub.source_names:
        for name, stream in hub.contract(source).streams.items():
            found.append(Measured(source, name, MAP_RULE, "*", Dimension.VALIDITY, Severity.ERROR))
            found += [
                Measured(source, name, rule.name, rule.column, rule.dimension, rule.severity) for rule in stream.rules
            ]
    return list({(each.source, each.stream, each.rule, each.column): each for each in found}.values())


def _compared(promised: list[Named]) -> list[Measured]:
    """List what is found by comparing records; a stream without people never fails it, and is not scored on it."""
    found: list[Measured] = []
    for source, stream, promise in promised:
        if promise.one_row_per_person:
            found.append(Measured(source, stream, ONCE, "*", Dimension.UNIQUENESS, Severity.INFO))
        if promise.latency is not None:
            found.append(Measured(source, stream, SOON, "*", Dimension.TIMELINESS, Severity.INFO))
        if promise.people:
            found.append(Measured(source, stream, ONE_PERSONS, "nhs_number", Dimension.ACCURACY, Severity.INFO))
            found += [
                Measured(source, stream, AGREES, attribute, Dimension.CONSISTENCY, Severity.INFO)
                for attribute in COMPARED
            ]
    return found


def _within(promised: list[Named], word: str) -> list[tuple[str, str, timedelta]]:
    return [
        (source, stream, within)
        for source, stream, promise in promised
        if (within := getattr(promise, word)) is not None
    ]
