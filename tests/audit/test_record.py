"""The closed vocabulary and who writes it; sign-ins and exports, without whose entry nothing is done."""

import re
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from audit_log import AT, OTHER, PERSON, a_log, an_event
from county_hub import hub_on_database
from logins import logins_of

from wye.audit.append import append
from wye.audit.search import search
from wye.keys.file import FileKeys
from wye.local.cluster import Cluster
from wye.road import sign_in as signing
from wye.road.export import export_on_record
from wye.road.receive import note_refused
from wye.road.sign_in import sign_in
from wye.settings import Settings
from wye.store.database import Connection, connect
from wye.vocabulary import EventKind

ROOT = Path(__file__).parents[2]
NOBODY = "nobody yet"


def written_by() -> dict[str, str]:
    """Read the table of events in docs/audit.md: who writes each kind."""
    text = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    table = text.split("\n## Events\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `([a-z-]+)` \|.*\| ([^|]+) \|$", table, re.MULTILINE))


def test_every_event_is_told_with_who_writes_it_and_what_nobody_writes_is_said() -> None:
    told = written_by()

    assert sorted(told) == sorted(kind.value for kind in EventKind)
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "wye").rglob("*.py")}
    for kind in EventKind:
        modules = re.findall(r"`(wye/[\w/]+\.py)`", told[kind])
        for module in modules:
            assert f"EventKind.{kind.name}" in sources[ROOT / module], f"{module} does not write {kind}"
        if told[kind].startswith(NOBODY):
            assert not any(f"kind=EventKind.{kind.name}" in text for text in sources.values()), kind
        else:
            assert modules, kind


@pytest.mark.services
def test_first_command_of_a_session_is_a_sign_in_and_the_second_none(
    conn: Connection, keys: FileKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "home")

    done = [sign_in(conn, keys, settings, "pat.steward", AT) for _ in range(2)]
    done.append(sign_in(conn, keys, settings, "sam.auditor", AT))
    monkeypatch.setattr(signing, "_session", lambda: ("00000000", "another terminal"))
    done.append(sign_in(conn, keys, settings, "pat.steward", AT + timedelta(hours=1)))

    assert done == [True, False, True, True]
    found = search(conn, keys, actor="pat.steward", searcher="test", purpose="test", at=AT)
    assert [(each.event.kind, each.event.outcome) for each in found if each.event] == [
        (EventKind.SIGN_IN, "signed-in")
    ] * 2
    assert len(list((tmp_path / "home" / "sign-ins").iterdir())) == 1, "sessions of before the start are forgotten"


@pytest.mark.services
def test_sign_in_and_export_that_cannot_be_put_on_the_record_are_refused(
    cluster: Cluster, database_url: str, keys: FileKeys, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home")
    with connect(database_url) as conn:
        a_log(conn, keys, 3)

    with connect(logins_of(cluster, database_url).sequencer) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sign_in(conn, keys, settings, "pat.steward", AT)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            export_on_record(conn, keys, tmp_path / "out", public=True, actor="pat", purpose="test", at=AT)

    assert not (tmp_path / "home").exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.services
def test_export_is_an_entry_that_says_what_went_along(conn: Connection, keys: FileKeys, tmp_path: Path) -> None:
    a_log(conn, keys, 3)

    for name, public in (("open", True), ("whole", False)):
        export_on_record(conn, keys, tmp_path / name, public=public, actor="pat", purpose="regulator-9", at=AT)

    found = search(conn, keys, actor="pat", searcher="test", purpose="test", at=AT)
    assert [(each.event.kind, each.event.outcome, each.event.purpose) for each in found if each.event] == [
        (EventKind.EXPORT, "public", "regulator-9"),
        (EventKind.EXPORT, "with ciphertexts and tokens", "regulator-9"),
    ]


@pytest.mark.services
def test_message_that_does_not_open_is_a_refusal_that_names_no_sender(database_url: str, tmp_path: Path) -> None:
    with hub_on_database(database_url, tmp_path) as hub:
        note_refused(hub, "safeguarding-police", "police.notices", {OTHER: "the message is not signed"})

        (found,) = search(hub.conn, hub.keys, message=OTHER, searcher="test", purpose="test", at=AT)

    event = found.event
    assert event is not None
    assert (event.kind, event.outcome, event.agreement) == (EventKind.REFUSAL, "not-opened", "safeguarding-police")
    assert (event.person, event.recipient, event.detail) == (
        None,
        "arrowshire-council",
        {"why": "the message is not signed"},
    )


@pytest.mark.services
def test_entry_is_found_by_each_flow_that_it_names_and_by_its_agreement(conn: Connection, keys: FileKeys) -> None:
    one = append(conn, keys, [an_event(kind=EventKind.ALTERATION, agreement=None, flows=("a", "b"))], AT)
    two = append(conn, keys, [an_event(person=OTHER, agreement="b", flows=("b",)), an_event(person=PERSON)], AT)

    def under(agreement: str) -> list[object]:
        found = search(conn, keys, agreement=agreement, searcher="test", purpose="test", at=AT)
        return [each.id for each in found if each.event and each.event.kind is not EventKind.CONSULTATION]

    assert under("a") == [one[0].id]
    assert under("b") == [one[0].id, two[0].id]
