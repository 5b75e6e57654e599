"""An objection that a human upholds stops one agreement for one person, at once and for as long as an objection stands."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from canonical_people import AT
from known_people import put_row
from shredding import MARKED, NEIGHBOUR, bytes_that_tell, known, record_of
from signed_in_commands import Wye, hub_of_environment, typed

from wye.audit.search import search
from wye.identity.review import person_of
from wye.road import people
from wye.road.decide import Decider
from wye.road.explain import explain_then
from wye.road.hub import Hub
from wye.road.share import share
from wye.sharing.due import mark_due
from wye.vocabulary import EventKind, Outcome

pytestmark = pytest.mark.services
WHO = (
    "--by",
    "Mrs Quillfeather, known to me",
    "--capacity",
    "person",
    "--evidence",
    "on the telephone; note in case 4",
)
INSIDE = ("--scope", "share-inside-council")
PAYMENTS, ACUTE = "care-packages-finance", "adult-care-acute"
WHY = ("--reason", "the Quillfeather payments are made by hand as well")


@pytest.fixture
def hub(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_of_environment(database_url, tmp_path / "home", monkeypatch) as one:
        yield one


@pytest.fixture
def person(hub: Hub) -> UUID:
    """Somebody whose care is paid for by the council; so is their neighbour's."""
    who: UUID = known(hub)
    for one in (MARKED, NEIGHBOUR):
        values = {"service": "home-care", "reference": "4001", "provider": "Nether Care", "from_date": "2020-01-01"}
        put_row(hub.conn, record_of(one), "care_package", "frameworki", values, AT)
    hub.conn.execute("DELETE FROM sharing.due")
    hub.at = lambda: datetime.now(UTC)  # as the commands, each of which opens a hub of its own
    return who


@pytest.fixture
def wye(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wye:
    return typed(capsys, monkeypatch)


def objection(wye: Wye, person: UUID, on: str = "2026-11-01") -> str:
    _, told, _ = wye("anna", "consent", "object", str(person), *INSIDE, *WHO, "--on", on)
    return str(told["word"])


def clause(hub: Hub, person: UUID, agreement: str = PAYMENTS) -> str | None:
    (decided,) = Decider(hub, hub.agreements[agreement]).decide([person], hub.at())
    return None if decided.decision.outcome is Outcome.RELEASE else decided.decision.clause


def sent(hub: Hub, person: UUID) -> list[str]:
    found = hub.conn.execute(
        "SELECT kind FROM exchange.outbox WHERE agreement = %s AND person = %s ORDER BY id", (PAYMENTS, person)
    )
    return [str(kind) for (kind,) in found]


def test_story_upheld_objection_withdraws_what_left_and_stops_this_agreement_for_this_person_only(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    neighbour = person_of(hub.conn, record_of(NEIGHBOUR))
    mark_due(hub.conn, [PAYMENTS], [person, neighbour], "test", AT)
    hub.conn.commit()
    share(hub, PAYMENTS)
    assert sent(hub, person) == sent(hub, neighbour) == ["put"]

    number = objection(wye, person)
    share(hub, PAYMENTS)
    assert sent(hub, person) == ["put"], "it goes on until a human decided"
    code, told, _ = wye("bert", "consent", "uphold", number, PAYMENTS, *WHY)
    assert (code, told["objection"], told["agreement"]) == (0, number, PAYMENTS)
    share(hub, PAYMENTS)

    assert sent(hub, person) == ["put", "withdraw"]
    assert sent(hub, neighbour) == ["put"]
    assert (clause(hub, person), clause(hub, neighbour)) == ("objection", None)
    _, why, _ = wye("carl", "explain", str(person), "--agreement", PAYMENTS)
    assert why[PAYMENTS]["reasons"][0]["text"] == "the person objected, and it was upheld"

    wye("anna", "consent", "withdraw", str(person), "--kind", "objection", *INSIDE, *WHO, "--on", "2026-11-02")
    share(hub, PAYMENTS)
    assert sent(hub, person) == ["put", "withdraw", "put"], "who takes it back is shared again"


def test_upheld_objection_is_on_the_record_shown_and_waits_no_more(wye: Wye, hub: Hub, person: UUID) -> None:
    number = objection(wye, person)
    assert PAYMENTS in {one["agreement"] for one in wye("carl", "consent", "waiting")[1]}

    wye("bert", "consent", "uphold", number, PAYMENTS, *WHY)

    assert PAYMENTS not in {one["agreement"] for one in wye("carl", "consent", "waiting")[1]}
    _, shown, _ = wye("carl", "consent", "show", str(person))
    (kept,) = shown["upheld"]
    assert (kept["objection"], kept["decided_by"], kept["reason"]) == (number, "bert", WHY[1])
    effects = {each["agreement"]: each["effect"] for each in shown["objections"][number]}
    assert effects.pop(PAYMENTS) == "withheld"
    assert set(effects.values()) <= {"to-answer", "withheld"}
    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
    (entry,) = [e for each in found if (e := each.event) is not None and e.purpose == "consent uphold"]
    assert (entry.kind, entry.actor, entry.outcome, entry.agreement) == (
        EventKind.ALTERATION, "bert", "upheld", PAYMENTS,
    )  # fmt: skip


def test_objection_said_again_stays_upheld_and_one_taken_back_does_not(wye: Wye, hub: Hub, person: UUID) -> None:
    wye("bert", "consent", "uphold", objection(wye, person), PAYMENTS, *WHY)
    _, again, _ = wye("anna", "consent", "object", str(person), *INSIDE, *WHO, "--on", "2026-11-03")

    assert {each["agreement"]: each["effect"] for each in again["reaches"]}[PAYMENTS] == "withheld"
    assert clause(hub, person) == "objection"
    wye("anna", "consent", "withdraw", str(person), "--kind", "objection", *INSIDE, *WHO, "--on", "2026-11-04")
    assert clause(hub, person) is None


def test_answer_that_goes_on_may_be_upheld_later_and_never_the_other_way(wye: Wye, hub: Hub, person: UUID) -> None:
    number = objection(wye, person)
    assert wye("bert", "consent", "answer", number, PAYMENTS, "--reason", "she is paid for by it")[0] == 0
    assert clause(hub, person) is None

    assert wye("carl", "consent", "uphold", number, PAYMENTS, *WHY)[0] == 0

    assert clause(hub, person) == "objection"
    for verb in ("uphold", "answer"):
        code, _, why = wye("bert", "consent", verb, number, PAYMENTS, *WHY)
        assert (code, "upheld before, by `carl`" in why) == (2, True)


def test_what_was_upheld_follows_the_records_when_persons_are_joined_and_parted(
    wye: Wye, hub: Hub, person: UUID
) -> None:
    neighbour = person_of(hub.conn, record_of(NEIGHBOUR))
    wye("bert", "consent", "uphold", objection(wye, neighbour), PAYMENTS, *WHY)
    assert (clause(hub, person), clause(hub, neighbour)) == (None, "objection")

    merged = people.merge(hub, person, neighbour, "one person")
    assert clause(hub, person_of(hub.conn, record_of(MARKED))) == "objection"
    people.undo(hub, merged.event, "two after all")

    assert (clause(hub, person), clause(hub, neighbour)) == (None, "objection")


def test_everybody_for_whom_the_word_counts_is_decided_again(wye: Wye, hub: Hub, person: UUID) -> None:
    number = objection(wye, person)
    neighbour = person_of(hub.conn, record_of(NEIGHBOUR))
    with hub.conn.transaction():  # the records change hands: the word goes with his, and was hers when it was said
        for record, who in ((record_of(MARKED), neighbour), (record_of(NEIGHBOUR), person)):
            hub.conn.execute("UPDATE identity.person_link SET person = %s WHERE record = %s", (who, record))
        hub.conn.execute("DELETE FROM sharing.due")

    wye("bert", "consent", "uphold", number, PAYMENTS, *WHY)

    due = {who for (who,) in hub.conn.execute("SELECT person FROM sharing.due WHERE agreement = %s", (PAYMENTS,))}
    assert due == {person, neighbour}
    assert (clause(hub, person), clause(hub, neighbour)) == ("objection", "objection")


@pytest.mark.parametrize("verb", ["uphold", "answer"])
def test_account_against_which_the_record_is_restricted_decides_nothing(
    wye: Wye, hub: Hub, person: UUID, verb: str
) -> None:
    number = objection(wye, person)
    against = ("--against", "account:bert", "--reason", "he is her brother")
    assert wye("anna", "people", "restrict", str(person), *against)[0] == 0

    code, _, _ = wye("bert", "consent", verb, number, PAYMENTS, *WHY)

    assert code != 0
    kept = hub.conn.execute(
        "SELECT id FROM sharing.objection_upheld UNION SELECT id FROM sharing.objection_answer"
    ).fetchall()
    assert kept == []
    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
    refused = [e.actor for each in found if (e := each.event) is not None and e.purpose == f"consent {verb}"]
    assert refused == ["bert"]


def test_as_of_before_it_was_upheld_it_was_shared(wye: Wye, hub: Hub, person: UUID) -> None:
    share(hub, PAYMENTS)  # the first time that it is enforced, from which it can be told what was in force
    number = objection(wye, person)
    before = hub.at()
    wye("bert", "consent", "uphold", number, PAYMENTS, *WHY)
    (decided,) = hub.conn.execute("SELECT decided_at FROM sharing.objection_upheld").fetchall()

    def then(at: Any) -> str:
        return explain_then(hub, person, at.isoformat(), PAYMENTS).decided[PAYMENTS].clause

    assert then(before) != "objection"
    assert then(decided[0]) == "objection"


@pytest.mark.parametrize(
    ("agreement", "reason", "why"),
    [(ACUTE, WHY[1], "is not"), ("nothing", WHY[1], "no agreement in force"), (PAYMENTS, " ", "says nothing")],
)
def test_nothing_is_upheld_where_there_is_nothing_to_uphold(
    wye: Wye, hub: Hub, person: UUID, agreement: str, reason: str, why: str
) -> None:
    number = objection(wye, person)

    code, _, told = wye("bert", "consent", "uphold", number, agreement, "--reason", reason)

    assert (code, why in told) == (2, True)
    assert hub.conn.execute("SELECT FROM sharing.objection_upheld").fetchall() == []


def test_why_is_sealed_and_never_changed(wye: Wye, hub: Hub, person: UUID, database_url: str) -> None:
    number = objection(wye, person)
    before = set(bytes_that_tell(database_url))
    wye("bert", "consent", "uphold", number, PAYMENTS, *WHY)

    assert set(bytes_that_tell(database_url)) == before
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        hub.conn.execute("DELETE FROM sharing.objection_upheld")
