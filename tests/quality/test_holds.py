"""What waits of a stream is looked at as a whole, on real PostgreSQL: held, mended, released, and nothing lost."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from listing import CHANGED, Listing, contract, person, table_rule, visit

from wye import bootstrap
from wye.errors import ContractBroken, SourceUnavailable, UsageError
from wye.quality.page import report_page
from wye.quality.tables.unique import Unique
from wye.road.holds import check_held, release, report
from wye.road.hub import Hub
from wye.road.ingest import Ingested, ingest
from wye.settings import Settings

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[2]
START = datetime(2026, 11, 2, 8, tzinfo=UTC)
KEYS = table_rule("key_unique")
GONE = table_rule("deletions", at_most_share=0.1, at_least=2)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def system(tmp_path: Path) -> Listing:
    return Listing(tmp_path, contract(), people=[person(n) for n in range(40)])


@pytest.fixture
def hub(tmp_path: Path, database_url: str, system: Listing, clock: Clock) -> Iterator[Hub]:
    settings = Settings(
        home=tmp_path,
        database_url=database_url,
        amqp_url="amqp://127.0.0.1:1/none",
        agreements=ROOT / "sharing_agreements",
        batch_rows=15,
    )
    with bootstrap.open_hub(settings) as one:
        yield replace(one, at=clock, make_connector=lambda _: system, source_names=("listing",), agreements={})


@pytest.fixture
def run(hub: Hub, system: Listing) -> Callable[..., Ingested]:
    """Ingest once, under the table rules given, as a run of its own would."""

    def _run(*people: Mapping[str, object], visits: tuple[Mapping[str, object], ...] = ()) -> Ingested:
        system.state(contract(people, visits))
        hub._contracts.clear()
        return ingest(hub, "listing")

    return _run


def known(hub: Hub) -> int:
    found = hub.conn.execute("SELECT count(*) FROM canonical.row WHERE superseded_at IS NULL").fetchone()
    return int(str(found[0])) if found else 0


def states(hub: Hub) -> list[str]:
    return [str(state) for (state,) in hub.conn.execute("SELECT state FROM intake.batch ORDER BY batch")]


def outcomes(hub: Hub) -> dict[str, str]:
    return {str(row["rule"]): str(row["outcome"]) for row in report(hub)["rules"]}


def test_first_read_is_mapped_and_its_figures_become_history(hub, run):
    done = run(KEYS, GONE, table_rule("row_count", at_most_share=1.5, margin=0))

    assert (done.held, done.warned, known(hub)) == ([], [], 40)
    assert outcomes(hub) == {"key_unique": "pass", "deletions": "pass", "row_count": "pass"}
    assert [row["said"] for row in report(hub)["rules"] if row["rule"] == "row_count"] == ["no history yet"]
    assert check_held(hub, "listing") == {"held": 0}


def test_key_that_comes_twice_holds_the_whole_read_and_the_next_good_read_ends_the_hold(hub, run, system):
    system.people.append(person(3, "Beacon"))

    done = run(KEYS)

    assert done.held == [
        "stream `people`: table rule `key_unique`: rows whose key came before in the same read: 1, expected at most 0"
    ]
    assert (known(hub), set(states(hub))) == (0, {"held"})
    with pytest.raises(ContractBroken, match=r"held, of `listing`: stream `people`: table rule `key_unique`"):
        check_held(hub, "listing")

    system.people.pop()
    done = run(KEYS)

    assert (done.held, known(hub), set(states(hub))) == ([], 40, {"mapped"})


def test_row_that_changed_while_it_was_read_may_come_twice(hub, run, system):
    system.people.append(person(3, "Beacon", changed=CHANGED + timedelta(minutes=1)))

    assert run(KEYS).held == []
    assert known(hub) == 40


def test_mass_deletion_is_held_and_nothing_is_removed_until_a_person_releases_it(hub, run, system):
    run(GONE)
    del system.people[20:]
    system.people[0] = person(0, "Chandler")

    done = run(GONE)

    assert done.deleted == 20
    assert done.held == ["stream `people`: table rule `deletions`: rows that are gone: 20, expected at most 4"]
    assert known(hub) == 40
    assert surnames(hub) == {"Ashdown", "Chandler"}, "what the source does show goes on"
    assert run(GONE).held, "a further run changes nothing"
    assert known(hub) == 40

    done = release(hub, "listing.people", "the service was closed")
    assert (done.stream, len(done.batches)) == ("people", 2)
    assert run(GONE).held == []
    assert (known(hub), set(states(hub))) == (20, {"mapped"})
    assert run(GONE).held == []


def test_deletions_that_were_none_after_all_are_forgotten_with_the_next_full_list(hub, run, system):
    run(GONE)
    whole = list(system.people)
    del system.people[20:]
    assert run(GONE).held

    system.people[:] = whole
    done = run(GONE)

    assert (done.held, known(hub), set(states(hub))) == ([], 40, {"mapped"})


def test_few_deletions_are_applied(hub, run, system):
    run(GONE)
    del system.people[37:]

    assert run(GONE).held == []
    assert known(hub) == 37


def test_released_growth_is_the_new_history(hub, run, system):
    grown = table_rule("row_count", at_most_share=1.5, margin=0)
    run(grown)
    system.people += [person(n) for n in range(100, 140)]

    assert run(grown).held == [
        "stream `people`: table rule `row_count`: rows that the system holds: 80, expected at most 60"
    ]
    assert known(hub) == 40
    assert [row["outcome"] for row in report(hub)["rules"]] == ["hold"]
    release(hub, "listing.people", "a service moved in")
    assert [row["released"] for row in report(hub)["rules"]] == [True]
    assert run(grown).held == []
    assert known(hub) == 80

    system.people += [person(n) for n in range(200, 230)]
    assert run(grown).held == []
    system.people += [person(n) for n in range(300, 400)]
    assert "210, expected at most 142" in run(grown).held[0]


def test_one_batch_can_be_released_alone(hub, run, system):
    system.people.append(person(3, "Beacon"))
    run(KEYS)
    held = report(hub)["held"]

    release(hub, str(held[0]["batch"]), "these are right")
    system.people.pop()
    system.people.append(person(4, "Beacon"))
    done = run(KEYS)

    assert done.held
    assert known(hub) == len(held[:1]) * 15 - 2, "keys 3 and 4 have newer versions, which are held"
    with pytest.raises(UsageError, match="is held by a table rule"):
        release(hub, str(held[0]["batch"]), "again")


def test_release_is_on_the_record_with_its_reason_kept_and_needs_something_held(hub, run, system):
    system.people.append(person(3, "Beacon"))
    run(KEYS)
    (before,) = hub.conn.execute("SELECT count(*) FROM audit.entry").fetchone() or (0,)

    released = release(hub, "listing.people", "checked with the service")

    (row,) = hub.conn.execute("SELECT release, reason, actor, whole FROM quality.release").fetchall()
    assert row == (released.release, "checked with the service", hub.actor, True)
    (count,) = hub.conn.execute("SELECT count(*) FROM audit.entry").fetchone() or (0,)
    assert count == before + 1
    with pytest.raises(UsageError, match=r"nothing of `listing\.people` is held"):
        release(hub, "listing.people", "again")
    for wrong in ("listing.nowhere", "nowhere.people", "people"):
        with pytest.raises(UsageError, match=r"source\.stream"):
            release(hub, wrong, "why")
    with pytest.raises(UsageError, match="needs a reason"):
        release(hub, "listing.people", " ")
    assert (count,) == hub.conn.execute("SELECT count(*) FROM audit.entry").fetchone()


def test_warning_lets_rows_pass_and_says_so(hub, run):
    done = run(table_rule("fresh", severity="warning", hours=12))

    assert done.warned == [
        "stream `people`: table rule `fresh`: hours since the newest row changed: 32, expected at most 12"
    ]
    assert (done.held, known(hub)) == ([], 40)


def test_silence_is_noticed_on_a_day_on_which_nothing_came(hub, run, system, clock):
    fresh = table_rule("fresh", hours=48)
    assert run(fresh).held == []
    clock.now += timedelta(hours=30)

    done = run(fresh)

    assert done.landed == 0
    assert done.held == [
        "stream `people`: table rule `fresh`: hours since the newest row changed: 62, expected at most 48"
    ]
    assert known(hub) == 40
    with pytest.raises(ContractBroken, match="fresh"):
        check_held(hub, "listing")
    release(hub, "listing.people", "the office is closed this week")
    assert check_held(hub, "listing") == {"held": 0}
    system.people.append(person(99, changed=clock.now))
    assert run(fresh).held == []


def test_code_that_everybody_suddenly_has_holds(hub, run, system):
    codes = table_rule("value_share", column="sex", values=["F", "M"], change=0.2, at_least=20)
    empty = table_rule("null_share", column="sex", change=0.2, at_least=20)
    system.people = [person(n, sex="F" if n % 2 else "M") for n in range(40)]
    assert run(codes, empty).held == []

    system.people = [person(n, "Beacon", sex="F") for n in range(40)]
    (reason,) = run(codes, empty).held
    assert "table rule `value_share`: share of the code of `sex` that moved most: 1, expected 0.3 to 0.7" in reason
    assert "null_share" not in reason

    system.people = [person(n, "Chandler", sex=None) for n in range(40)]
    (reason,) = run(codes, empty).held
    assert "table rule `null_share`: share of rows without `sex`: 1, expected 0 to 0.2" in reason
    assert surnames(hub) == {"Ashdown"}


def test_value_on_two_rows_is_found_across_batches(run, system):
    same = table_rule("unique", of=["surname"])
    system.people = [person(n, f"Ashdown{n}") for n in range(39)]
    assert run(same).held == []
    system.people = [person(n, f"Beacon{n % 38}") for n in range(39)]

    assert run(same).held == [
        "stream `people`: table rule `unique`: rows that repeat another's value: 1, expected at most 0"
    ]


def test_row_that_hangs_on_nothing_is_found_by_the_contract_s_relationship(run, system):
    tied = table_rule("tied", column="person", at_most_share=0.1)
    system.visits = [visit(n, n) for n in range(10)]
    assert run(visits=(tied,)).held == []

    system.visits = [visit(n + 100, n + 38) for n in range(10)]
    done = run(visits=(tied,))

    assert done.held == [
        "stream `visits`: table rule `tied`: rows whose `person` is no key that `people` holds: 8, expected at most 1"
    ]


def test_feed_whose_rows_mostly_fail_is_held_rather_than_quarantined_row_by_row(hub, run, system):
    bad = table_rule("quarantined", at_most_share=0.5, at_least=10)
    system.people = [person(n, "A" * (30 if n < 21 else 3)) for n in range(40)]

    done = run(bad)

    assert done.held == [
        "stream `people`: table rule `quarantined`: share of rows that fail a row rule: 0.525, expected at most 0.5"
    ]
    assert (done.quarantined, known(hub)) == (0, 0)


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_broken_check_holds_and_is_no_bad_data(hub, run, monkeypatch, severity):
    def explode(*_: object) -> None:
        raise ZeroDivisionError("Ashdown")

    monkeypatch.setattr(Unique, "count", explode)
    done = run(table_rule("unique", severity=severity, of=["surname"]), KEYS)

    assert done.held == ["stream `people`: table rule `unique` could not be checked: it raised ZeroDivisionError"]
    assert outcomes(hub) == {"unique": "broken", "key_unique": "pass"}
    assert (known(hub), set(states(hub))) == (0, {"held"})

    monkeypatch.undo()
    assert run(table_rule("unique", severity=severity, of=["id"]), KEYS).held == []
    assert known(hub) == 40


def test_read_that_did_not_end_says_nothing_of_what_is_missing(hub, run, system):
    count = table_rule("row_count", at_most_share=1.2, margin=0)
    system.breaks_after = 15
    with pytest.raises(SourceUnavailable):
        run(count, GONE)
    assert known(hub) == 15
    assert hub.conn.execute("SELECT accepted FROM quality.table_check").fetchall() == [(False,)]

    system.breaks_after = None
    assert run(count, GONE).held == []
    assert known(hub) == 40


def test_two_systems_rows_of_one_read_are_looked_at_again_after_a_kill_between_look_and_mapping(hub, run, monkeypatch):
    class Killed(BaseException):
        """As if the process ended."""

    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr("wye.road.ingest.map_batch", die)
    with pytest.raises(Killed):
        run(KEYS)
    assert known(hub) == 0
    monkeypatch.undo()

    assert run(KEYS).held == []
    assert (known(hub), set(states(hub))) == (40, {"mapped"})


def test_run_says_what_is_held_as_a_fault(hub, system):
    from wye.road.once import once

    system.people.append(person(3, "Beacon"))
    system.state(contract([KEYS]))
    hub._contracts.clear()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Hub, "renew", lambda _: None)  # no agreement is part of this
        patched.setattr("wye.road.once._steps", lambda *_, **__: iter([("ingest", "listing")]))
        done = once(replace(hub, refused={}), lambda _: None)

    (fault,) = done["faults"]
    assert str(fault).startswith("ingest listing: held: stream `people`: table rule `key_unique`: rows whose key came")


class Page(HTMLParser):
    """Read a page as a browser would: what it fetches, and its tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_report_page_holds_no_value_and_fetches_nothing(hub, run, system):
    codes = table_rule("value_share", column="sex", values=["F", "M"], change=0.2, at_least=20)
    system.people.append(person(3, "Beacon"))
    run(KEYS, codes, table_rule("unique", of=["surname"]))
    found = report(hub)

    text = report_page(found["rules"], found["held"], hub.at())

    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    assert not [
        name for name, _ in page.attributes if name in {"src", "href", "action", "style"} or name.startswith("on")
    ]
    assert "://" not in text
    assert "url(" not in text
    for value in ("Ashdown", "Beacon"):
        assert value not in text
        assert value not in json.dumps(found, default=str)
    assert page.tags.count("table") == page.tags.count("caption") == 2
    assert ("lang", "en-GB") in page.attributes
    assert {value for name, value in page.attributes if name == "scope"} == {"col", "row"}
    assert "held: rows wait" in text


def test_table_rules_are_refused_where_messages_come_one_by_one(hub, system):
    class Partner(Listing):
        def rows(self, stream: str, body: bytes, received_at: datetime) -> list[object]:
            del stream, body, received_at
            return []

    partner = Partner(system.folder, contract([KEYS]))
    with pytest.raises(
        ContractBroken, match="`people` comes message by message and takes no table rule, but has `key_unique`"
    ):
        replace(hub, make_connector=lambda _: partner, _contracts={}, _connectors={}).contract("listing")


def surnames(hub: Hub) -> set[str]:
    found = hub.conn.execute("SELECT DISTINCT body->>'family_name' FROM canonical.row WHERE superseded_at IS NULL")
    return {str(name) for (name,) in found}
