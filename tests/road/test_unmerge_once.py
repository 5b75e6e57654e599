"""Whoever was told once of two people as if they were one is told so: a draft that a human sends, or sets aside with a reason."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from county_hub import bring_in
from crm_people import EMPTY
from crm_rows import contact, guid
from known_people import put_row
from shredding import MARKED, MARKER, NEIGHBOUR, known, record_of
from signed_in_commands import Wye, hub_of_environment, typed

from wye.audit.search import search
from wye.identity.review import person_of
from wye.ports import SourceRow
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


def seal(hub: Hub, record: UUID) -> None:
    """Have the source seal a record, and identify part it."""
    hub.at = real
    put_row(hub.conn, record, "flag", "crm", {"kind": "former-identity-sealed"}, hub.at())
    hub.conn.execute(
        "INSERT INTO canonical.changed (subject, changed_at) VALUES (%s, %s) ON CONFLICT DO NOTHING", (record, hub.at())
    )
    identify(hub)


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

    for decision in ("set-aside", "approve"):
        code, _, said = wye("carl", "people", "corrections", decision, number, "--reason", " - ")
        assert (code, "say by `--reason`" in said) == (2, True)
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
    seal(hub, gone)

    (draft,) = waiting(wye)

    assert draft["persons"] == [str(kept)]
    assert f"reference {request}" in draft["words"]
    assert "Not all that it says of a person is theirs." in draft["words"]
    assert "family name" not in draft["words"]
    assert guid(MARKED) not in draft["words"]


@pytest.mark.parametrize("ended", [False, True])
def test_steward_who_parts_two_later_does_not_tell_what_a_seal_had_parted(
    wye: Wye, hub: Hub, mixed: tuple[UUID, UUID, str], *, ended: bool
) -> None:
    kept, _, event = mixed
    third = contact(3, lastname="Quillfeather", address1_line1="9 Quillfeather Row", address1_postalcode="ZZ9 9ZZ")
    bring_in(hub, {("crm", "contacts"): [SourceRow(guid(3), dict.fromkeys(EMPTY) | third, hub.at())]})
    identify(hub)
    hub.conn.execute("UPDATE identity.person_link SET superseded_at = now() WHERE record = %s", (record_of(3),))
    hub.conn.execute(  # as linking would leave it that takes it for theirs
        "INSERT INTO identity.person_link (record, person, kind, reason, recorded_at) VALUES (%s, %s, 'auto', 'test', now())",
        (record_of(3), kept),
    )
    request = disclose(wye, kept)
    seal(hub, record_of(3))
    (by_seal,) = waiting(wye)
    if ended:
        hub.conn.execute("UPDATE canonical.row SET superseded_at = now() WHERE entity = 'flag'")
        hub.conn.execute("UPDATE identity.sealing SET ended_at = now()")

    unmerge(wye, event)

    (draft,) = [each for each in waiting(wye) if each["id"] != by_seal["id"]]
    assert f"reference {request}" in draft["words"]
    assert "Not all that it says of a person is theirs." in draft["words"]
    assert "of them" not in draft["words"]
    assert "postcode" not in draft["words"]


def test_account_that_is_kept_from_one_of_them_neither_sees_nor_decides_a_draft(
    wye: Wye, hub: Hub, mixed: tuple[UUID, UUID, str]
) -> None:
    kept, other, event = mixed
    disclose(wye, kept)
    done = unmerge(wye, event)
    (number,) = done["corrections"]
    restrict = ("people", "restrict", str(other), "--against", "account:carl", "--reason", "his sister")
    assert wye("anna", *restrict)[0] == 0
    tried: list[tuple[str, ...]] = [
        ("show", number), ("approve", number, "--reason", "sent"), ("set-aside", number, "--reason", "destroyed"),
    ]  # fmt: skip

    for words in tried:
        code, shown, said = wye("carl", "people", "corrections", *words)
        assert (code, shown, "restricted against `carl`" in said) == (2, None, True), words

    assert [(each["id"], each["state"]) for each in waiting(wye)] == [(number, "draft")]
    found = search(hub.conn, hub.keys, person=other, searcher="auditor", purpose="test", at=hub.at())
    assert [
        (each.event.kind, each.event.purpose) for each in found if each.event is not None and each.event.actor == "carl"
    ] == [(EventKind.REFUSAL, f"people corrections {words[0]}") for words in tried]
    assert wye("dora", "people", "corrections", "show", number)[0] == 0
    assert wye("dora", "people", "corrections", "approve", number, "--reason", "sent")[0] == 0
    assert wye("carl", "people", "disclosures", done["event"])[0] == 0, "this names the one who stayed alone"
    assert wye("anna", "people", "restrict", str(kept), *restrict[3:])[0] == 0
    code, shown, said = wye("carl", "people", "disclosures", done["event"])
    assert (code, shown, "restricted against `carl`" in said) == (2, None, True)


def test_database_keeps_no_decision_without_a_reason(wye: Wye, hub: Hub, mixed: tuple[UUID, UUID, str]) -> None:
    kept, _, event = mixed
    disclose(wye, kept)
    unmerge(wye, event)

    for reason in (None, ""):
        with pytest.raises(psycopg.errors.CheckViolation, match="decided_with_a_reason"):
            hub.conn.execute(
                "UPDATE identity.correction_draft SET state = 'approved', decided_by = 'carl', decided_at = now(), reason = %s",
                (reason,),
            )
