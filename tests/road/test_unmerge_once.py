"""Whoever was told once of two people as if they were one is told so: a draft that a human sends, or sets aside with a reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crm_rows import guid
from known_people import put_row
from shredding import MARKED, MARKER, NEIGHBOUR, known, record_of
from signed_in_commands import Wye, hub_of_environment, typed

from wye.audit.search import search
from wye.identity.review import person_of
from wye.road.account import clock as real
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.vocabulary import EventKind

pytestmark = pytest.mark.services
BODY = "marches-police"
ASKED = (
    "--to", BODY, "--asked-by", "Sergeant Fenn, called back", "--need", "a child is missing since noon",
    "--power", "Children Act 1989 s47(1)", "--reason", "the child may be at that address tonight",
)  # fmt: skip
NAMES = ("--field", "person.family_name", "--field", "address.postcode", "--field", "contact_point.value")


@pytest.fixture
def hub(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_of_environment(database_url, tmp_path / "home", monkeypatch) as one:
        yield one


@pytest.fixture
def wye(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wye:
    return typed(capsys, monkeypatch)


@pytest.fixture
def mixed(hub: Hub, wye: Wye) -> tuple[UUID, UUID, str]:
    """Two people whom somebody took for one: (who stayed, the other, the event)."""
    known(hub)
    home = {"kind": "home", "lines": "2 Tannery Yard", "town": "Overton", "postcode": "AR4 7QP"}
    put_row(hub.conn, record_of(NEIGHBOUR), "address", "frameworki", home, hub.at())
    pair = person_of(hub.conn, record_of(MARKED)), person_of(hub.conn, record_of(NEIGHBOUR))
    code, told, said = wye("anna", "people", "merge", *map(str, pair), "--reason", "same passport")
    assert code == 0, said
    kept, other = UUID(told["kept"]), UUID(told["other"])
    return kept, other, told["event"]


def disclose(wye: Wye, *persons: UUID, fields: tuple[str, ...] = NAMES) -> str:
    code, told, said = wye("anna", "disclose", "now", *map(str, persons), *ASKED, *fields)
    assert code == 0, said
    return str(told["request"])


def unmerge(wye: Wye, event: str) -> dict[str, Any]:
    code, told, said = wye("bert", "people", "unmerge", event, "--reason", "two passports")
    assert code == 0, said
    found: dict[str, Any] = told
    return found


def waiting(wye: Wye) -> list[dict[str, Any]]:
    code, found, _ = wye("carl", "people", "corrections", "list")
    assert code == 0
    return list(found)


def test_unmerge_drafts_what_the_one_told_once_is_told_by_the_names_on_what_they_hold(
    wye: Wye, hub: Hub, mixed: tuple[UUID, UUID, str]
) -> None:
    kept, other, event = mixed
    request = disclose(wye, kept)

    done = unmerge(wye, event)

    (draft,) = waiting(wye)
    assert done["corrections"] == [draft["id"]]
    assert [(each["message"], each["recipient"], each["agreement"]) for each in done["disclosures"]] == [
        (request, BODY, None)
    ]
    assert (draft["recipient"], draft["agreement"], set(draft["persons"])) == (BODY, None, {str(kept), str(other)})
    words = draft["words"]
    assert f"reference {request}" in words
    first, second = words.split("Of another of them are:")
    assert "person 1 in it is not one person" in first
    marked, neighbour = "address: postcode (crm, 2018-05-04)", "address: postcode (frameworki, 2018-05-04)"
    stayed = person_of(hub.conn, record_of(MARKED)) == kept
    assert (marked in first, neighbour in second) == (stayed, stayed)
    assert (marked in second, neighbour in first) == (not stayed, not stayed)
    assert words.count("person: family name") == 1
    assert "tell those to whom you passed it on" in words
    assert str(kept) not in words
    assert str(other) not in words
    assert not MARKER.search(words.encode())


def test_what_is_all_of_one_says_that_it_may_be_the_wrong_one(wye: Wye, mixed: tuple[UUID, UUID, str]) -> None:
    kept, _, event = mixed
    disclose(wye, kept, fields=("--field", "person.family_name"))

    unmerge(wye, event)

    (draft,) = waiting(wye)
    assert "All of this is of the same one of them, and we do not know whether" in draft["words"]
    assert "  person: family name (crm, 2018-05-04)" in draft["words"]


def test_human_sends_it_and_that_is_on_the_record_of_both(wye: Wye, hub: Hub, mixed: tuple[UUID, UUID, str]) -> None:
    kept, other, event = mixed
    disclose(wye, kept)
    (number,) = unmerge(wye, event)["corrections"]

    assert wye("carl", "people", "corrections", "approve", number, "--reason", "sent to their control room")[0] == 0

    assert waiting(wye) == []
    code, _, said = wye("carl", "people", "corrections", "set-aside", number, "--reason", "nobody asked")
    assert (code, "was decided before" in said) == (2, True)
    for person in (kept, other):
        found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
        (told,) = [
            each.event for each in found if each.event is not None and each.event.detail.get("correction") == number
        ]
        assert (told.kind, told.actor, told.recipient, told.purpose) == (
            EventKind.ALTERATION, "carl", BODY, "people corrections approve",
        )  # fmt: skip


def test_human_sets_it_aside_only_with_a_reason_which_is_kept(wye: Wye, mixed: tuple[UUID, UUID, str]) -> None:
    kept, _, event = mixed
    disclose(wye, kept)
    (number,) = unmerge(wye, event)["corrections"]

    assert wye("carl", "people", "corrections", "set-aside", number, "--reason", " - ")[0] == 2
    assert [each["id"] for each in waiting(wye)] == [number]
    reason = "they destroyed it the same night, by their letter of today"
    assert wye("carl", "people", "corrections", "set-aside", number, "--reason", reason)[0] == 0

    assert waiting(wye) == []
    _, (kept_draft,), _ = wye("carl", "people", "corrections", "list", "--all")
    assert (kept_draft["state"], kept_draft["decided_by"], kept_draft["reason"]) == ("set-aside", "carl", reason)


def test_each_request_has_a_draft_and_what_was_told_before_or_withheld_has_none(wye: Wye, hub: Hub) -> None:
    known(hub)
    kept, other = person_of(hub.conn, record_of(MARKED)), person_of(hub.conn, record_of(NEIGHBOUR))
    before = disclose(wye, kept)
    _, merged, _ = wye("anna", "people", "merge", str(kept), str(other), "--reason", "same passport")
    sent = {disclose(wye, UUID(merged["kept"])), disclose(wye, UUID(merged["kept"]))}
    _, asked, _ = wye("anna", "disclose", "ask", merged["kept"], *ASKED[:-2], *NAMES)
    assert wye("bert", "disclose", "decide", asked["request"], "withhold", "--reason", "not needed")[0] == 0

    unmerge(wye, merged["event"])

    told = [each["words"] for each in waiting(wye)]
    assert len(told) == 2
    assert all(any(number in words for words in told) for number in sent)
    assert not any(before in words or asked["request"] in words for words in told)


def test_both_hold_what_was_written_of_them_and_the_other_is_called_back_for_too(
    wye: Wye, hub: Hub, mixed: tuple[UUID, UUID, str]
) -> None:
    kept, other, event = mixed
    request = disclose(wye, kept)
    unmerge(wye, event)

    holders = hub.conn.execute(
        "SELECT array_agg(w.holder ORDER BY w.holder) FROM sharing.one_off_given AS g JOIN keys.wrap AS w ON w.value = g.id"
    ).fetchone()
    recalled, told, _ = wye(
        "dora", "feeds", "recall", "send", "--person", str(other), "--ground", "erasure", "--asked-by", "the person",
        "--reason", "request 2026-18",
    )  # fmt: skip

    assert holders == (sorted((kept, other)),)
    assert (recalled, told["by_hand"]) == (0, 1)
    _, (line,), _ = wye("dora", "feeds", "recall", "list")
    assert (line["recipient"], line["person"], line["agreement"]) == (BODY, str(other), None)
    assert wye("dora", "disclose", "show", request)[0] == 0


def test_record_that_is_sealed_is_told_of_without_saying_what_was_its(
    wye: Wye, hub: Hub, mixed: tuple[UUID, UUID, str]
) -> None:
    kept, _, _ = mixed
    request = disclose(wye, kept)
    gone = record_of(NEIGHBOUR) if person_of(hub.conn, record_of(MARKED)) == kept else record_of(MARKED)
    hub.at = real
    put_row(hub.conn, gone, "flag", "crm", {"kind": "former-identity-sealed"}, hub.at())
    hub.conn.execute(
        "INSERT INTO canonical.changed (subject, changed_at) VALUES (%s, %s) ON CONFLICT DO NOTHING", (gone, hub.at())
    )
    identify(hub)

    (draft,) = waiting(wye)

    assert draft["persons"] == [str(kept)]
    assert f"reference {request}" in draft["words"]
    assert "Not all that it says of a person is theirs." in draft["words"]
    assert "family name" not in draft["words"]
    assert guid(MARKED) not in draft["words"]
