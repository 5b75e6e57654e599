"""What people owe by a day is one list: in `wye health`, in a round and as a red task, in counts and naming nobody."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from audit_log import AT
from county_hub import hub_on_database

from wye import bootstrap
from wye.errors import Overdue, consequence
from wye.road import runs
from wye.road.health.finding import Level
from wye.road.health.work import owing
from wye.road.hub import Hub
from wye.road.once import once
from wye.road.overdue import CLOCKS, owed
from wye.settings import Settings
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
ONE_OFF = (
    "INSERT INTO sharing.one_off VALUES (%(id)s, 'anna', %(since)s, true, '')",
    (
        "INSERT INTO sharing.one_off_decision VALUES (%(id)s, %(id)s, 'share', 'anna', %(since)s,"
        " %(since)s::timestamptz + interval '1 day', '')"
    ),
)
GLASS = (
    (
        "INSERT INTO sharing.break_glass VALUES (%(id)s, 'feed', '1.0', %(id)s, 'anna', %(since)s,"
        " %(since)s::timestamptz + interval '1 hour', %(since)s::timestamptz + interval '1 day', '')"
    ),
)
REFERRED = (
    (
        "INSERT INTO sharing.referred VALUES (%(id)s, %(id)s, 'feed', '1.0', 'partner', 'an office', %(since)s,"
        " %(since)s::timestamptz + interval '1 day')"
    ),
)
RECALL = (
    (
        "INSERT INTO exchange.recall VALUES (%(id)s, 'erasure', 'anna', %(since)s,"
        " %(since)s::timestamptz + interval '14 days', '')"
    ),
    "INSERT INTO exchange.recall_line VALUES (%(id)s, %(id)s, 'feed', 'partner', %(id)s, NULL)",
)
CORRECTION = (
    (
        "INSERT INTO identity.correction_draft VALUES (%(id)s, %(id)s, NULL, 'partner', ARRAY[%(id)s]::uuid[], '{}', 'words',"
        " %(since)s, 'draft')"
    ),
)
CERTIFICATE = (
    (
        "INSERT INTO sharing.agreement_certificate (agreement, version, party, asked_at, due_on)"
        " VALUES ('feed', '1.0', 'partner', %(since)s, (%(since)s::timestamptz)::date + 29)"
    ),
)
DONE: Mapping[str, str] = {
    "one-off reviews": "INSERT INTO sharing.one_off_review VALUES (%(id)s, %(id)s, 'anna', 'right', 'bert', %(since)s, '')",
    "break-glass reviews": "INSERT INTO sharing.break_glass_review VALUES (%(id)s, %(id)s, 'anna', 'right', 'bert', %(since)s, '')",
    "restricted records referred": (
        "INSERT INTO sharing.referred_answer (id, referred, word, answered_by, answered_at, ciphertext)"
        " VALUES (%(id)s, %(id)s, 'withheld', 'bert', %(since)s, '')"
    ),
    "recalls": (
        "INSERT INTO exchange.recall_answer (id, line, answer, answered_by, at, ciphertext)"
        " VALUES (%(id)s, %(id)s, 'cannot', 'bert', %(since)s, '')"
    ),
    "corrections to tell": (
        "UPDATE identity.correction_draft SET state = 'set-aside', decided_by = 'bert', reason = 'why', decided_at = %(since)s"
    ),
    "certificates": (
        "UPDATE sharing.agreement_certificate SET outcome = 'deleted', reference = 'letter', recorded_by = 'bert',"
        " recorded_at = %(since)s"
    ),
}
OWED: list[tuple[str, tuple[str, ...], timedelta, timedelta]] = [
    ("one-off reviews", ONE_OFF, DAY, 12 * HOUR),
    ("break-glass reviews", GLASS, DAY, 12 * HOUR),
    ("restricted records referred", REFERRED, DAY, 12 * HOUR),
    ("recalls", RECALL, 14 * DAY, timedelta()),
    ("corrections to tell", CORRECTION, 7 * DAY, 6 * DAY),
]
NAMES = [each[0] for each in OWED]


def put(conn: Connection, statements: tuple[str, ...]) -> dict[str, object]:
    words: dict[str, object] = {"id": uuid4(), "since": AT}
    for statement in statements:
        conn.execute(statement, words)  # type: ignore[arg-type]  # our own text
    return words


@pytest.mark.parametrize(("what", "statements", "within", "presses"), OWED, ids=NAMES)
def test_what_is_owed_presses_then_is_red_until_it_is_done(
    database_url: str, what: str, statements: tuple[str, ...], within: timedelta, presses: timedelta
) -> None:
    with connect(database_url) as conn:
        words = put(conn, statements)

        def level(age: timedelta) -> tuple[Level, str]:
            found = {each.name: each for each in owing(conn, AT + age)}
            assert set(found) == set(CLOCKS)
            assert {name for name, each in found.items() if each.said != "none"} <= {what}
            return found[what].level, found[what].said

        assert level(within - presses - SECOND)[0] is Level.OK
        assert level(within)[0] is (Level.WARN if presses else Level.OK)
        late, said = level(within + SECOND)
        conn.execute(DONE[what], words)  # type: ignore[arg-type]  # our own text
        done = level(within + 99 * DAY)

    assert late is Level.RED
    assert said.startswith(f"1 overdue of 1 {what} (clock: {CLOCKS[what].within}), the first was due ")
    assert CLOCKS[what].do in said
    assert str(words["id"]) not in said
    assert done == (Level.OK, "none")


def test_certificate_is_owed_until_the_end_of_its_day_in_england(database_url: str) -> None:
    with connect(database_url) as conn:
        put(conn, CERTIFICATE)

        (one,) = owed(conn, AT)

    assert (one.what, one.open, one.overdue) == ("certificates", 1, 0)
    assert one.due.utcoffset() is not None
    assert one.presses(one.due - 6 * DAY)
    assert not one.presses(one.due - 8 * DAY)


def test_every_clock_is_tried_here() -> None:
    assert {*NAMES, "certificates"} == set(CLOCKS)


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    with hub_on_database(database_url, tmp_path, AT + 30 * DAY) as one:
        for statements in (ONE_OFF, ONE_OFF, GLASS, REFERRED, RECALL):
            put(one.conn, statements)
        yield one


def test_a_round_and_a_task_say_the_same_list_and_name_nobody(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [each.words() for each in owed(hub.conn, hub.at())]
    assert [each.split(" (")[0] for each in listed] == [
        "2 overdue of 2 one-off reviews", "1 overdue of 1 break-glass reviews",
        "1 overdue of 1 restricted records referred", "1 overdue of 1 recalls",
    ]  # fmt: skip
    settings = hub.settings
    for name in ("home", "database_url", "amqp_url", "agreements", "allow_example_signers"):
        monkeypatch.setenv(f"WYE_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setattr("wye.road.account.clock", lambda: AT + 30 * DAY)

    with pytest.raises(Overdue) as red:
        bootstrap.run("check_overdue")

    assert str(red.value) == "; ".join(listed)
    assert red.value.__cause__ is None
    assert (consequence(red.value).exit_code, consequence(red.value).retry) == (1, False)
    assert {run.verb: run.fault for run in runs.noted(Settings())}["check_overdue"] == str(red.value)
    monkeypatch.setattr(Hub, "renew", lambda _: None)
    hub.source_names, hub.agreements = (), {}
    alarms = [str(each) for each in once(hub, lambda _: None, own_sources=False)["alarms"]]
    assert [each for each in alarms if "overdue" in each] == listed
    assert not any(account in "".join(listed) for account in ("anna", "partner", "an office"))


def test_task_is_green_while_nothing_is_overdue(database_url: str, tmp_path: Path) -> None:
    from wye.road.verbs import VERBS

    with hub_on_database(database_url, tmp_path, AT + HOUR) as one:
        put(one.conn, ONE_OFF)

        assert VERBS["check_overdue"](one, None) == {"one-off reviews": 1}
