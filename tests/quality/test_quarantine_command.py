"""A steward works quarantine off with the command line alone; each look and decision is on the record."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from connectors.frameworki.counterpart.load import load
from wye import bootstrap
from wye.audit.search import search
from wye.cli.main import run
from wye.county import make
from wye.errors import UsageError
from wye.keys.rows import delete_wraps_of_holder
from wye.ports import record_id
from wye.road.hub import Hub
from wye.road.ingest import ingest
from wye.road.quarantine import accept
from wye.road.restrictions import restrict
from wye.settings import Settings
from wye.store.ids import uuid7

ROOT = Path(__file__).parents[2]
Wye = Callable[..., tuple[int, Any, str]]
WHY = ("--reason", "seen the passport")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    make(folder, 100, 5)
    return folder


@pytest.fixture
def hub(tmp_path: Path, county: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that has read Mosaic, whose people are each a person of their own."""
    load(county / "frameworki", database_url)
    settings = {
        "home": str(tmp_path),
        "database_url": database_url,
        "amqp_url": "amqp://wye:wye@127.0.0.1:1/wye",
        "agreements": str(ROOT / "sharing_agreements"),
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"WYE_{name.upper()}", value)
    monkeypatch.setenv("WYE_SOURCES__FRAMEWORKI__URL", database_url)
    with bootstrap.open_hub(Settings(**settings, sources={"frameworki": {"url": database_url}})) as one:
        read(one)
        yield one


@pytest.fixture
def wye(capsys: pytest.CaptureFixture[str]) -> Wye:
    """Run `wye quality quarantine`; gives the exit code, the parsed result, and what was told on stderr."""

    def call(*words: str) -> tuple[int, Any, str]:
        capsys.readouterr()
        code = run(["quality", "quarantine", *words, "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return call


def read(hub: Hub) -> None:
    """Read Mosaic, and make every new record of a person a person."""
    ingest(hub, "frameworki")
    new = [
        record
        for (record,) in hub.conn.execute(
            "SELECT record FROM canonical.row r WHERE entity = 'person' AND superseded_at IS NULL"
            " AND NOT EXISTS (SELECT FROM identity.person_link l WHERE l.record = r.record)"
        ).fetchall()
    ]
    for record in new:
        person = uuid7()
        hub.conn.execute("INSERT INTO identity.person VALUES (%s, now())", (person,))
        hub.conn.execute(
            "INSERT INTO identity.person_link (record, person, kind, reason, recorded_at)"
            " VALUES (%s, %s, 'auto', 'test', now())",
            (record, person),
        )


def spoil(hub: Hub, what: str, key: int | None = None) -> int:
    """Change a person in Mosaic and read it; gives the key."""
    if key is None:
        found = hub.conn.execute(
            "SELECT p.person_id FROM mosaic.dm_persons p WHERE restricted = 'N' AND nhs_id IS NOT NULL"
            " AND date_of_death IS NULL AND date_of_birth < '1980-01-01' ORDER BY 1"
        ).fetchall()
        key = next(int(str(one)) for (one,) in found if current(hub, int(str(one))))
    hub.conn.execute(f"UPDATE mosaic.dm_persons SET {what}, last_updated = now() WHERE person_id = {key}")  # type: ignore[call-overload]  # noqa: S608
    read(hub)
    return key


def current(hub: Hub, key: int) -> dict[str, object] | None:
    """Give what is in use of a person's record."""
    found = hub.conn.execute(
        "SELECT body FROM canonical.row WHERE record = %s AND entity = 'person' AND superseded_at IS NULL",
        (record_id("frameworki", "persons", str(key)),),
    ).fetchone()
    return None if found is None else found[0]  # type: ignore[return-value]


def open_of(hub: Hub, key: int) -> list[str]:
    """List the ids of what is open about a person's record."""
    found = hub.conn.execute(
        "SELECT id FROM intake.quarantine WHERE record = %s AND cleared_at IS NULL ORDER BY id",
        (record_id("frameworki", "persons", str(key)),),
    )
    return [str(one) for (one,) in found]


def trail(hub: Hub, key: int) -> list[tuple[str, str | None, str | None]]:
    """Tell the events of a person's record: kind, purpose and reason."""
    found = hub.conn.execute(
        "SELECT person FROM identity.person_link WHERE record = %s", (record_id("frameworki", "persons", str(key)),)
    ).fetchone()
    assert found is not None
    entries = search(hub.conn, hub.keys, person=found[0], searcher="auditor", purpose="test", at=hub.at())  # type: ignore[arg-type]
    return [
        (entry.event.kind.value, entry.event.purpose, entry.event.detail.get("why"))
        for entry in entries
        if entry.event is not None and entry.event.actor == hub.actor
    ]


def test_steward_clears_the_quarantine_of_a_county_with_the_command_line_alone(hub: Hub, wye: Wye) -> None:
    hub.conn.execute("UPDATE mosaic.dm_persons SET nhs_id = 1234567890, last_updated = now() WHERE person_id % 7 = 0")
    read(hub)
    assert wye("list")[1]["open"] > 5
    accepted = discarded = 0

    while (page := wye("list", "--limit", "3")[1])["rows"]:
        entry = page["rows"][0]["id"]
        code, shown, _ = wye("show", entry, "--reason", "working off")
        assert code == 0
        assert [column for column in shown["columns"] if column["fails"]] or shown["failures"][0]["column"] == "*"
        if wye("accept", entry, *WHY)[0] == 0:
            accepted += 1
        else:
            assert wye("discard", entry, *WHY)[0] == 0
            discarded += 1

    assert accepted
    assert wye("list")[1] | {"held": []} == {
        "open": 0, "rows": [], "groups": [], "held": [], "next": None, "people_waiting": 0, "unplaced_protections": [],
    }  # fmt: skip
    decided = hub.conn.execute("SELECT decision, count(*) FROM intake.quarantine_decision GROUP BY decision").fetchall()
    assert dict(decided) == {  # type: ignore[arg-type]
        name: count for name, count in (("accept", accepted), ("discard", discarded)) if count
    }
    found = search(hub.conn, hub.keys, actor=hub.actor, searcher="auditor", purpose="test", at=hub.at())
    told = {entry.event.detail["decision"] for entry in found if entry.event and "decision" in entry.event.detail}
    assert told == {str(one) for (one,) in hub.conn.execute("SELECT id FROM intake.quarantine_decision")}


def test_account_against_which_the_record_is_restricted_neither_sees_nor_decides_a_row_of_it(
    hub: Hub, wye: Wye
) -> None:
    key = spoil(hub, "nhs_id = 1234567890")
    (entry,) = open_of(hub, key)
    found = hub.conn.execute(
        "SELECT person FROM identity.person_link WHERE record = %s", (record_id("frameworki", "persons", str(key)),)
    ).fetchone()
    assert found is not None
    restrict(replace(hub, actor="bea"), found[0], "account", hub.actor, (), "his sister")  # type: ignore[arg-type]

    refused = [wye(word, entry, *WHY) for word in ("show", "accept", "discard", "ask")]

    assert [(code, told) for code, told, _ in refused] == [(2, None)] * 4
    assert all("the record is restricted against" in why for _, _, why in refused)
    assert open_of(hub, key) == [entry]
    assert [each for each in trail(hub, key) if each[0] != "collection"][-4:] == [
        ("refusal", f"quality quarantine {word}", None) for word in ("show", "accept", "discard", "ask")
    ]


def test_list_is_complete_and_paged_and_holds_no_value(hub: Hub, wye: Wye) -> None:
    hub.conn.execute(
        "UPDATE mosaic.dm_persons SET last_name = 'Zz\ufffdmarker', last_updated = now() WHERE person_id % 5 = 0"
    )
    read(hub)
    listed: list[str] = []
    after: list[str] = []
    while True:
        _, page, _ = wye("list", "--rule", "LAST_NAME is clean text", "--limit", "4", *after)
        listed += [row["id"] for row in page["rows"]]
        assert "marker" not in json.dumps(page)
        if page["next"] is None:
            break
        after = ["--after", page["next"]]

    assert len(listed) == len(set(listed)) == page["open"] > 8
    (group,) = page["groups"]
    assert (group["rule"], group["owner"], group["dimension"]) == (
        "LAST_NAME is clean text", "head-of-social-care-systems", "validity",
    )  # fmt: skip
    row = page["rows"][0]
    assert row["right"]
    assert (row["source"], row["stream"], row["column"]) == ("frameworki", "persons", "LAST_NAME")
    assert wye("list", "--owner", "nobody")[1]["rows"] == wye("list", "--rule", "none")[1]["rows"] == []
    assert wye("list", "--source", "frameworki")[1]["open"] >= len(listed)
    assert wye("list", "--source", "nowhere")[0] == 2


def test_list_in_words_names_owner_and_what_would_be_right(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    key = spoil(hub, "nhs_id = 1234567890")
    capsys.readouterr()

    assert run(["quality", "quarantine", "list"]) == 0

    told = capsys.readouterr().out
    assert "NHS_ID has a right check digit" in told
    assert "for head-of-social-care-systems. Right: " in told
    assert f"{open_of(hub, key)[0]} frameworki.persons NHS_ID since" in told
    assert "an earlier good version is in use" in told


def test_show_opens_the_row_and_marks_what_fails_and_is_on_the_record(hub: Hub, wye: Wye) -> None:
    key = spoil(hub, "nhs_id = 1234567890")
    (entry,) = open_of(hub, key)

    _, shown, _ = wye("show", entry, "--reason", "the surgery rang")

    assert [(each["column"], each["value"]) for each in shown["columns"] if each["fails"]] == [("NHS_ID", "1234567890")]
    assert list(shown["right"]) == ["NHS_ID has a right check digit"]
    assert ("consultation", "quality quarantine show", "the surgery rang") in trail(hub, key)


def test_accept_uses_this_version_as_it_stands_and_checks_the_next_anew(hub: Hub, wye: Wye) -> None:
    key = spoil(hub, "date_of_birth = '1890-01-01', last_name = 'Zzaccepted'")
    assert (current(hub, key) or {})["family_name"] != "Zzaccepted"
    entry = open_of(hub, key)[0]

    code, told, _ = wye("accept", entry, *WHY)

    assert (code, told["rules"]) == (0, ["DATE_OF_BIRTH is not too long ago"])
    assert (current(hub, key) or {})["family_name"] == "Zzaccepted"
    assert open_of(hub, key) == []
    assert ("alteration", "quality quarantine accept", "seen the passport") in trail(hub, key)
    changed = hub.conn.execute(
        "SELECT EXISTS (SELECT FROM canonical.changed WHERE subject = %s)",
        (record_id("frameworki", "persons", str(key)),),
    ).fetchone()
    assert changed == (True,)

    read(hub)
    assert (current(hub, key) or {})["family_name"] == "Zzaccepted", "reading the same row again changes nothing"
    spoil(hub, "first_name = 'Una'", key)
    assert len(open_of(hub, key)) == 1, "a newer version is checked anew"
    assert (current(hub, key) or {})["given_name"] != "Una"


def test_discard_keeps_the_last_good_version_and_end_ends_it(hub: Hub, wye: Wye) -> None:
    key = spoil(hub, "nhs_id = 1234567890, last_name = 'Zzdiscarded'")
    before = current(hub, key)

    assert wye("discard", open_of(hub, key)[0], *WHY)[0] == 0
    assert (open_of(hub, key), current(hub, key)) == ([], before)

    spoil(hub, "nhs_id = 1234567891", key)
    assert wye("discard", open_of(hub, key)[0], "--end", *WHY)[0] == 0
    assert (open_of(hub, key), current(hub, key)) == ([], None)

    spoil(hub, "nhs_id = NULL", key)
    assert current(hub, key) is not None, "the next good version comes in"


def test_undo_brings_back_what_was_before_until_a_newer_version_comes(hub: Hub, wye: Wye) -> None:
    key = spoil(hub, "nhs_id = 1234567890, restricted = 'Y'")
    before, entries = current(hub, key), open_of(hub, key)

    for words in (("accept",), ("discard",), ("discard", "--end")):
        assert wye(words[0], entries[0], *words[1:], *WHY)[0] == 0
        assert open_of(hub, key) == []
        assert wye("undo", entries[0], "--reason", "the wrong one")[0] == 0
        assert (current(hub, key), open_of(hub, key)) == (before, entries)
        (row,) = [row for row in wye("list")[1]["rows"] if row["id"] == entries[0]]
        assert row["protection"] == "stated"

    wye("accept", entries[0], *WHY)
    spoil(hub, "nhs_id = NULL", key)
    code, _, told = wye("undo", entries[0], *WHY)
    assert (code, "a newer version" in told) == (2, True)


def test_ask_notes_the_day_and_leaves_the_row_waiting(hub: Hub, wye: Wye) -> None:
    key = spoil(hub, "nhs_id = 1234567890")

    assert wye("ask", open_of(hub, key)[0], "--reason", "mended in Mosaic, please")[0] == 0

    (row,) = [row for row in wye("list")[1]["rows"] if row["id"] in open_of(hub, key)]
    assert row["asked_at"][:10] == hub.at().date().isoformat()
    assert ("consultation", "quality quarantine ask", "mended in Mosaic, please") in trail(hub, key)


def test_next_good_version_clears_and_leaves_nothing_to_decide(hub: Hub, wye: Wye) -> None:
    key = spoil(hub, "nhs_id = 1234567890")
    (entry,) = open_of(hub, key)

    spoil(hub, "nhs_id = NULL", key)

    assert open_of(hub, key) == []
    code, _, told = wye("accept", entry, *WHY)
    assert (code, "cleared by a newer version" in told) == (2, True)


@pytest.mark.parametrize(
    ("what", "why"),
    [("last_name = NULL", "cannot be mapped"), ("restricted = '?'", "column `RESTRICTED` holds a code")],
)
def test_accept_of_what_cannot_be_mapped_is_refused_and_says_so(hub: Hub, wye: Wye, what: str, why: str) -> None:
    key = spoil(hub, what)
    entries = open_of(hub, key)

    code, _, told = wye("accept", entries[0], *WHY)

    assert (code, why in told) == (2, True)
    assert open_of(hub, key) == entries


@pytest.mark.parametrize("words", [("accept", "x"), ("discard", str(UUID(int=0))), ("list", "--after", "x")])
def test_id_that_is_not_in_quarantine_exits_2_and_says_where_ids_are(
    hub: Hub, wye: Wye, words: tuple[str, ...]
) -> None:
    code, _, told = wye(*words, *(WHY if words[0] != "list" else ()))

    assert (code, "`wye quality quarantine list`" in told) == (2, True)
    assert hub.conn.execute("SELECT count(*) FROM intake.quarantine_decision").fetchone() == (0,)


def test_decision_without_a_reason_is_refused(hub: Hub, wye: Wye) -> None:
    key = spoil(hub, "nhs_id = 1234567890")

    for word in ("accept", "discard", "ask", "undo"):
        code, _, told = wye(word, open_of(hub, key)[0], "--reason", " ")
        assert (code, "a reason is needed" in told) == (2, True), word


def test_row_whose_key_was_destroyed_says_so_and_can_be_closed(hub: Hub, wye: Wye) -> None:
    key = spoil(hub, "nhs_id = 1234567890")
    delete_wraps_of_holder(hub.conn, record_id("frameworki", "persons", str(key)))
    (entry,) = open_of(hub, key)

    _, shown, _ = wye("show", entry, *WHY)

    assert (shown["held"], shown["columns"]) == (False, [])
    assert wye("accept", entry, *WHY)[0] == 2
    assert wye("discard", entry, *WHY)[0] == 0


def test_two_stewards_at_once_decide_once(hub: Hub) -> None:
    key = spoil(hub, "nhs_id = 1234567890")
    (entry,) = open_of(hub, key)
    said: list[str] = []
    start = threading.Barrier(2)

    def decide(mine: Hub) -> None:
        start.wait()
        try:
            said.append(accept(mine, UUID(entry), "seen the passport").decision)
        except UsageError as error:
            said.append(str(error))

    with bootstrap.open_hub(hub.settings) as first, bootstrap.open_hub(hub.settings) as second:
        both = [threading.Thread(target=decide, args=(mine,)) for mine in (first, second)]
        for one in both:
            one.start()
        for one in both:
            one.join(60)

    assert sorted(said) == sorted(["accept", f"`{entry}` waits no longer: cleared by accepted by a steward"])
    assert hub.conn.execute("SELECT count(*) FROM intake.quarantine_decision").fetchone() == (1,)


def test_protection_for_someone_nobody_can_tell_stands_first_and_alarms(
    hub: Hub, wye: Wye, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.conn.execute(
        "INSERT INTO mosaic.dm_service_user_groups SELECT (jsonb_populate_record(g, %s::jsonb)).*"
        " FROM mosaic.dm_service_user_groups g LIMIT 1",
        (
            json.dumps(
                {"service_user_group_id": 987654, "full_group_type": "SAFE-ADRESS", "last_updated": str(hub.at())}
            ),
        ),
    )
    read(hub)

    code, found, told = wye("list")

    assert code == 1
    assert [each["record"] for each in found["unplaced_protections"]] == [
        str(record_id("frameworki", "groups", "987654"))
    ]
    assert "alarm: a protection waits for someone nobody can tell" in told
    capsys.readouterr()
    run(["quality", "quarantine", "list"])
    assert capsys.readouterr().out.startswith("PROTECTION FOR SOMEONE NOBODY CAN TELL: frameworki.groups")
    (row,) = [row for row in found["rows"] if row["stream"] == "groups"]
    wye("discard", row["id"], *WHY)
    assert wye("list")[0] == 0
