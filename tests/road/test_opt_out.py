"""Nobody leaves under an agreement to which the national data opt-out applies without an answer in date that names them."""

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import opt_out_agreement
import orjson
import psycopg
import pytest
from county_hub import hub_on_database
from known_people import put_person, put_row
from logins import logins_of
from opt_out_agreement import ID, OPEN

from wye.audit.search import search
from wye.cli.agreements_findings import findings
from wye.cli.main import run
from wye.consent.opt_out_rows import HOLDER
from wye.county.identifiers import nhs_number
from wye.errors import BadInput, UsageError
from wye.exchange.amqp_frames import Publication
from wye.exchange.identities import make_party
from wye.intake import pending_rows
from wye.intake.pending_rows import Noted
from wye.local.cluster import Cluster
from wye.road.explain import explain
from wye.road.hub import Hub
from wye.road.opt_out import Check, ask, checks, forget_opt_outs, receive
from wye.road.publish import publish
from wye.road.relay import relay
from wye.road.restrictions import restrict
from wye.road.sequence import sequence
from wye.road.share import Shared, share
from wye.sharing.due import mark_due
from wye.sharing.explaining import explain as in_words
from wye.store.database import connect
from wye.store.ids import uuid7
from wye.vocabulary import EventKind, Outcome

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
CARE = {"service": "adult-social-care", "worker": "Bea Moss", "from_date": "2025-02-01"}
BORN = "1974-06-17"
ADA, BEN, CY, DEE = (nhs_number(7, index) for index in range(4))


@pytest.fixture(scope="module")
def agreements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return opt_out_agreement.together(tmp_path_factory.mktemp("agreements"))


@pytest.fixture
def hub(database_url: str, tmp_path: Path, agreements: Path) -> Iterator[Hub]:
    """A hub with a mailbox, under the examples and one agreement to which the opt-out applies."""
    with hub_on_database(database_url, tmp_path / "home", AT, agreements) as one:
        one.settings = one.settings.model_copy(update={"opt_out_mailbox": "X26OT001"})
        yield one


def known(hub: Hub, *numbers: str, **rows: list[dict[str, object]]) -> UUID:
    """A person of adult care, with an NHS number by each of some systems."""
    people = [{"source": "frameworki", "values": {"family_name": "Pell", "birth_date": BORN}}]
    people += [
        {"source": source, "values": {"nhs_number": each}}
        for source, each in zip(("frameworki", "nhs_fhir"), numbers, strict=False)
    ]
    held = {"person": people, "involvement": [{"source": "frameworki", "values": CARE}], **rows}
    with hub.conn.transaction():
        return put_person(
            hub.conn, {"person": {"birth_date": [{"value": BORN, "source": "frameworki"}]}, "rows": held}, AT
        )


def record_of(hub: Hub, person: UUID) -> UUID:
    ((record,),) = hub.conn.execute("SELECT record FROM identity.person_link WHERE person = %s", (person,)).fetchall()
    return UUID(str(record))


def later(hub: Hub, **much: float) -> None:
    at = hub.at() + timedelta(**much)
    hub.at = lambda: at


def shared(hub: Hub, *people: UUID) -> Shared:
    with hub.conn.transaction():
        mark_due(hub.conn, [ID], people, "test", hub.at())
    return share(hub, ID)


def asked(hub: Hub, folder: Path) -> Check:
    return ask(hub, ID, folder, lambda _: None)


def answer(hub: Hub, check: Check, folder: Path, *numbers: str) -> Check:
    """What the NHS gives back: the question's lines but for those who opted out."""
    path = folder / "in" / check.file_name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(f"{each},\n".encode() for each in numbers))
    return receive(hub, path)


def on_the_way(hub: Hub) -> set[UUID]:
    found = hub.conn.execute("SELECT person FROM exchange.outbox WHERE agreement = %s", (ID,)).fetchall()
    return {person for (person,) in found}  # type: ignore[misc]


def why(hub: Hub, person: UUID) -> str:
    return "\n".join(in_words(explain(hub, person, ID).decided[ID]))


def test_story_nobody_leaves_until_the_nhs_named_them_and_who_opted_out_never_does(hub: Hub, tmp_path: Path) -> None:
    ada, ben = known(hub, ADA), known(hub, BEN)

    assert shared(hub, ada, ben).waiting == 2
    assert "no answer of the national check of opt-outs stands" in why(hub, ada)

    check = asked(hub, tmp_path)
    sent = tmp_path / "X26OT001-211126-0001.dat"
    assert sent.read_bytes() == "".join(f"{each},\n" for each in sorted([ADA, BEN])).encode()
    assert sent.stat().st_mode & 0o777 == 0o600
    assert shared(hub, ada, ben).waiting == 2, "a question is no answer"

    done = answer(hub, check, tmp_path, ADA)
    assert (done.numbers, done.cleared) == (2, 1)
    assert share(hub, ID).released == 1
    assert on_the_way(hub) == {ada}
    assert "does not name every NHS number known" in why(hub, ben)


def test_answer_that_is_too_old_releases_nobody_and_withdraws_nobody(hub: Hub, tmp_path: Path) -> None:
    ada = known(hub, ADA)
    receive_all(hub, tmp_path)
    assert shared(hub, ada).released == 1

    later(hub, days=1)
    with hub.conn.transaction():
        put_row(hub.conn, record_of(hub, ada), "care_package", "frameworki", {"service": "meals", "reference": "4"}, AT)

    assert (shared(hub, ada).waiting, share(hub, ID).withdrawn) == (1, 0)
    assert "too old" in why(hub, ada)
    assert len(hub.conn.execute("SELECT FROM exchange.outbox WHERE agreement = %s", (ID,)).fetchall()) == 1

    receive_all(hub, tmp_path)
    assert share(hub, ID).released == 1, "and what changed meanwhile goes with the next answer"


def receive_all(hub: Hub, folder: Path) -> Check:
    """Ask, and let nobody be opted out: the answer is the question, letter by letter."""
    check = asked(hub, folder)
    (folder / "back").mkdir(exist_ok=True)
    shutil.copy(folder / check.file_name, folder / "back" / check.file_name)
    return receive(hub, folder / "back" / check.file_name, everybody=True)


def test_who_has_two_numbers_or_none_leaves_only_if_every_number_is_named(hub: Hub, tmp_path: Path) -> None:
    spaced = f"{ADA[:3]} {ADA[3:6]} {ADA[6:]}"
    one, contested, none = known(hub, spaced, ADA), known(hub, BEN, CY), known(hub)
    grown = known(hub, DEE)

    check = asked(hub, tmp_path)
    assert (check.people, check.numbers) == (2, 2), "which of two is theirs nobody knows, so neither goes to the NHS"
    answer(hub, check, tmp_path, ADA, DEE)
    more = nhs_number(7, 9)
    with hub.conn.transaction():
        put_row(hub.conn, record_of(hub, grown), "person", "crm", {"nhs_number": f"{more[:6]}-{more[6:]}"}, AT)
    share(hub, ID)

    assert on_the_way(hub) == {one}
    assert {explain(hub, each, ID).decided[ID].clause for each in (contested, none, grown)} == {"opt-out"}


def test_question_whose_entries_are_not_kept_leaves_no_file(hub: Hub, database_url: str, tmp_path: Path) -> None:
    known(hub, ADA)
    with connect(database_url) as owner:
        owner.execute("CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END'")
        owner.execute(
            "CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON sharing.opt_out_check DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION public.fail()"
        )

    with pytest.raises(psycopg.errors.DiskFull):
        asked(hub, tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []
    assert checks(hub) == []


def test_who_is_withheld_anyway_is_not_asked_about(hub: Hub, tmp_path: Path) -> None:
    objection = {"kind": "objection", "scope": "share-with-health", "given": True, "recorded_on": "2026-10-01"}
    known(hub, ADA)
    known(hub, BEN, consent=[{"source": "frameworki", "values": objection}])
    known(hub, CY, flag=[{"source": "frameworki", "values": {"kind": "restricted-record"}}])
    dee = record_of(hub, known(hub, DEE))
    number = uuid7()
    unread = Noted(number, dee, number, own=False, unread=True, stated="[]")
    with hub.conn.transaction():
        hub.conn.execute("INSERT INTO intake.batch (batch, source, stream, state, rows_read, landed_at)"
                         " VALUES (%s, 'frameworki', 'groups', 'held', 1, %s)", (number, AT))  # fmt: skip
        hub.conn.execute("INSERT INTO intake.landed VALUES (%s, %s, %s, false, %s, 'x')", (number, number, number, AT))
        pending_rows.insert(hub.conn, "frameworki", "groups", "quarantined", [unread], AT)

    check = asked(hub, tmp_path)

    assert (tmp_path / check.file_name).read_bytes() == f"{ADA},\n".encode()


NOT_TO_THE_NHS = ("of a barred source", "a partner's own", "restricted against it", "contested")


@pytest.mark.parametrize("kind", NOT_TO_THE_NHS)
def test_number_that_may_not_go_to_the_nhs_is_not_asked_about_and_its_person_waits(
    hub: Hub, tmp_path: Path, kind: str
) -> None:
    known(hub, ADA)
    ben = known(hub, BEN)
    if kind == "restricted against it":
        restrict(hub, ben, "party", "nhs-england", [], "her brother works there")
    else:
        source = "civica_revenues" if kind == "of a barred source" else "nhs_fhir"
        with hub.conn.transaction():
            put_row(hub.conn, record_of(hub, ben), "person", source, {"nhs_number": CY}, AT)
            if kind != "contested":
                hub.conn.execute("DELETE FROM canonical.row WHERE body->>'nhs_number' = %s", (BEN,))
            if kind == "a partner's own":
                hub.conn.execute("UPDATE canonical.row SET agreement = 'adult-care-acute' WHERE source = 'nhs_fhir'")

    check = asked(hub, tmp_path)

    assert (tmp_path / check.file_name).read_bytes() == f"{ADA},\n".encode()
    answer(hub, check, tmp_path)
    assert explain(hub, ben, ID).decided[ID].clause == "opt-out"


def test_objection_still_withdraws_whoever_is_not_named_any_more(hub: Hub, tmp_path: Path) -> None:
    ada = known(hub, ADA)
    receive_all(hub, tmp_path)
    assert shared(hub, ada).released == 1
    later(hub, days=2)
    with hub.conn.transaction():
        said = {"kind": "objection", "scope": "share-with-health", "given": True, "recorded_on": "2026-11-22"}
        put_row(hub.conn, record_of(hub, ada), "consent", "frameworki", said, AT)

    assert shared(hub, ada).withdrawn == 1


def test_no_record_list_or_entry_tells_who_opted_out(hub: Hub, tmp_path: Path) -> None:
    ada, ben = known(hub, ADA), known(hub, BEN)
    answer(hub, asked(hub, tmp_path), tmp_path, ADA)
    share(hub, ID)

    found = search(hub.conn, hub.keys, agreement=ID, searcher="auditor", purpose="test", at=AT)
    about = {who: [one.event for one in found if one.event and one.event.person == who] for who in (ada, ben)}
    of_ben = [(each.kind, each.outcome, each.reasons, each.fields) for each in about[ben]]

    assert of_ben == [(EventKind.DISCLOSURE, "opt-out-question", (), ("person.nhs_number",))]
    assert {each.outcome for each in about[ada]} == {"opt-out-question", "put"}
    assert hub.conn.execute("SELECT FROM sharing.wait").fetchall() == []
    due = {who: [] for who in (ada, ben)}
    for who, when, cause in hub.conn.execute(
        "SELECT person, not_before, cause FROM sharing.due WHERE agreement = %s", (ID,)
    ):
        due[who].append((when, cause))  # type: ignore[index]
    assert due[ada] == due[ben]


def test_each_person_asked_about_finds_that_their_number_went_to_the_nhs(hub: Hub, tmp_path: Path) -> None:
    known(hub, ADA)
    check = asked(hub, tmp_path)

    (entry,) = search(hub.conn, hub.keys, nhs_number=ADA, searcher="auditor", purpose="test", at=AT)

    assert entry.event is not None
    assert (entry.event.kind, entry.event.recipient, entry.event.agreement) == (EventKind.DISCLOSURE, "nhs-england", ID)
    assert entry.event.detail == {"opt_out_check": str(check.id)}


def wraps(hub: Hub, *values: UUID | None) -> int:
    return len(hub.conn.execute("SELECT FROM keys.wrap WHERE value = ANY(%s)", ([*values],)).fetchall())


def test_numbers_are_sealed_and_destroyed_when_answered_and_when_too_old(hub: Hub, tmp_path: Path) -> None:
    known(hub, ADA), known(hub, BEN)
    check = asked(hub, tmp_path)
    assert wraps(hub, check.id) == 1
    done = answer(hub, check, tmp_path, ADA)
    assert (wraps(hub, check.id), wraps(hub, done.answer_id)) == (0, 1)
    held = hub.conn.execute("SELECT to_jsonb(c)::text, answer, question FROM sharing.opt_out_check AS c").fetchall()
    ((text, answered, question),) = held
    assert question is None
    assert not any(each in str(text) or each.encode() in bytes(answered) for each in (ADA, BEN))  # type: ignore[call-overload]

    assert forget_opt_outs(hub).checks == 0
    later(hub, days=1)
    assert forget_opt_outs(hub).checks == 1

    assert wraps(hub, check.id, done.answer_id) == 0
    (kept,) = checks(hub)
    assert (kept.people, kept.numbers, kept.cleared, kept.answer) == (2, 2, 1, None)
    assert kept.question_sha256 == check.question_sha256


def test_row_with_the_id_of_something_else_destroys_nothing_of_it(
    cluster: Cluster, hub: Hub, database_url: str, tmp_path: Path
) -> None:
    """As the application's login: an entry about nobody is sealed for itself, and the ids of a row are ours to choose."""
    known(hub, ADA)
    check = asked(hub, tmp_path)
    (entry,) = hub.conn.execute(
        "SELECT value FROM keys.wrap JOIN audit.entry ON id = value WHERE value = holder LIMIT 1"
    ).fetchone() or (None,)
    assert isinstance(entry, UUID)

    with connect(logins_of(cluster, database_url).application) as conn:
        conn.execute(
            "INSERT INTO sharing.opt_out_check (id, agreement, version, file_name, asked_by, asked_at, people, numbers,"
            " question_sha256, question, answer_id, answered_at) SELECT %s, agreement, version, 'X26OT001-211126-0009.dat',"
            " asked_by, asked_at, people, numbers, question_sha256, question, %s, asked_at FROM sharing.opt_out_check",
            (entry, entry),
        )
        conn.execute("UPDATE sharing.opt_out_check SET question = NULL, answer = question WHERE id = %s", (entry,))
        conn.execute("UPDATE sharing.opt_out_check SET question = NULL, answer = NULL")

    assert (wraps(hub, entry), wraps(hub, check.id)) == (1, 0)


def test_newer_answer_takes_the_place_of_the_one_before(hub: Hub, tmp_path: Path) -> None:
    ada, ben = known(hub, ADA), known(hub, BEN)
    first = answer(hub, asked(hub, tmp_path), tmp_path, ADA)
    later(hub, hours=1)

    second = answer(hub, asked(hub, tmp_path), tmp_path, BEN)

    assert second.file_name.endswith("-0002.dat")
    assert wraps(hub, first.answer_id) == 0
    assert [explain(hub, each, ID).decided[ID].outcome for each in (ada, ben)] == [Outcome.WITHHOLD, Outcome.RELEASE]


REFUSED = {
    "of another question": ([ADA, DEE], "not asked about"),
    "twice the same": ([ADA, ADA], "stands there twice"),
    "more than were asked about": ([ADA, BEN, CY], "not asked about"),
    "the service's refusal": (["The file contains one or more invalid NHS Numbers. "], "ten digits and a comma"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_answer_that_does_not_fit_is_refused_whole_and_nobody_leaves(hub: Hub, tmp_path: Path, kind: str) -> None:
    lines, said = REFUSED[kind]
    ada, ben = known(hub, ADA), known(hub, BEN)
    check = asked(hub, tmp_path)

    with pytest.raises(BadInput, match=said) as caught:
        answer(hub, check, tmp_path, *lines)

    assert not re.search("[0-9]{9}", str(caught.value))
    assert shared(hub, ada, ben).released == 0


def test_question_given_back_by_a_slip_clears_nobody(hub: Hub, tmp_path: Path) -> None:
    ada = known(hub, ADA)
    check = asked(hub, tmp_path)

    with pytest.raises(UsageError, match="the question itself"):
        receive(hub, tmp_path / check.file_name)

    assert shared(hub, ada).released == 0


def test_answer_that_comes_too_late_again_or_to_nothing_is_refused(hub: Hub, tmp_path: Path) -> None:
    known(hub, ADA), known(hub, BEN)
    check = asked(hub, tmp_path)
    with pytest.raises(UsageError, match="answers no question of ours"):
        answer(hub, replaced(check, "X26OT001-211126-0002.dat"), tmp_path, ADA)
    answer(hub, check, tmp_path, ADA)
    with pytest.raises(UsageError, match="was answered before"):
        answer(hub, check, tmp_path, ADA, BEN)

    late = asked(hub, tmp_path)
    later(hub, days=1)
    with pytest.raises(UsageError, match="may not be used"):
        answer(hub, late, tmp_path, ADA, BEN)


def replaced(check: Check, name: str) -> Check:
    return replace(check, file_name=name)


def test_older_question_is_used_no_more_once_a_newer_was_answered(hub: Hub, tmp_path: Path) -> None:
    known(hub, ADA), known(hub, BEN)
    older, newer = asked(hub, tmp_path), asked(hub, tmp_path)
    answer(hub, newer, tmp_path, BEN)

    with pytest.raises(UsageError, match="a newer question"):
        answer(hub, older, tmp_path, ADA)


def test_older_answer_leaves_the_newer_question_to_be_answered(hub: Hub, tmp_path: Path) -> None:
    ada, ben = known(hub, ADA), known(hub, BEN)
    older = asked(hub, tmp_path)
    later(hub, hours=1)
    newer = asked(hub, tmp_path)

    answer(hub, older, tmp_path, ADA)
    assert (wraps(hub, older.id), wraps(hub, newer.id)) == (0, 1)
    answer(hub, newer, tmp_path, BEN)

    assert [explain(hub, each, ID).decided[ID].outcome for each in (ada, ben)] == [Outcome.WITHHOLD, Outcome.RELEASE]


def test_question_that_was_destroyed_is_not_said_to_have_a_newer_one(hub: Hub, tmp_path: Path) -> None:
    known(hub, ADA), known(hub, BEN)
    check = asked(hub, tmp_path)
    later(hub, days=1)
    forget_opt_outs(hub)
    hub.settings = hub.settings.model_copy(update={"opt_out_days": 2})

    with pytest.raises(UsageError, match="was destroyed as too old: ask again"):
        answer(hub, check, tmp_path, ADA)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"in": ["childrens-social-care"]}, "does not reach children's social care"),
        ({"purpose": "safeguarding"}, "uses beyond a person's own care"),
        ({"purpose": "direct-care"}, "uses beyond a person's own care"),
    ],
)
def test_checking_refuses_it_for_children_and_for_care(
    tmp_path: Path, change: dict[str, object], said: str | None
) -> None:
    content = opt_out_agreement.agreement()
    if "in" in change:
        content["subjects"]["has"]["in"] = change["in"]
    if "purpose" in change:
        content["purpose"]["code"] = change["purpose"]
    opt_out_agreement.write(tmp_path / ID, content)

    found = [str(each) for each in findings(tmp_path / ID) if "opt-out" in str(each)]

    assert len(found) == (said is not None)
    assert all(str(said) in each for each in found)


def test_where_the_opt_out_does_not_apply_nobody_is_asked_about(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not apply"):
        ask(hub, "adult-care-acute", tmp_path, lambda _: None)
    with pytest.raises(UsageError, match="nobody to ask about"):
        asked(hub, tmp_path)
    assert checks(hub) == []


def test_open_data_that_heed_it_count_nobody_whom_no_answer_names(
    database_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    agreements = opt_out_agreement.open_data(tmp_path_factory.mktemp("open"))
    numbers = [nhs_number(7, index) for index in range(60)]
    with hub_on_database(database_url, tmp_path / "home", AT, agreements) as hub:
        hub.settings = hub.settings.model_copy(update={"opt_out_mailbox": "X26OT001"})
        package = {
            "source": "frameworki",
            "values": {"service": "home-care", "reference": "4", "provider": "Nether Care"},
        }
        home = {"source": "frameworki", "values": {"kind": "home", "town": "Netherby", "postcode": "AR1 2BC"}}
        for each in numbers:
            known(hub, each, care_package=[package], address=[home])
        with pytest.raises(UsageError, match="no answer that is in date"):
            publish(hub, OPEN, None, lambda _: None)

        check = ask(hub, OPEN, tmp_path, lambda _: None)
        answer(hub, check, tmp_path, *numbers[:40])

        found = publish(hub, OPEN, None, lambda _: None).release.tables["service-by-town"]
        assert {row.people for row in found if row.people is not None} == {40}

        with connect(database_url) as owner:
            owner.execute("DELETE FROM keys.wrap WHERE holder = %s", (HOLDER,))
        with pytest.raises(UsageError, match="cannot be opened any more"):
            publish(hub, OPEN, None, lambda _: None)


class Taken:
    """A broker that takes everything, and keeps it."""

    def __init__(self) -> None:
        self.messages: list[Publication] = []

    def publish_batch(self, messages: Sequence[Publication]) -> None:
        self.messages += messages


def test_message_made_ready_in_time_is_not_sent_once_the_answer_is_too_old(hub: Hub, tmp_path: Path) -> None:
    partner = make_party(tmp_path / "minds", "arrow-minds")
    (hub.settings.home / "partners").mkdir(exist_ok=True)
    shutil.copy(tmp_path / "minds" / "partner.json", hub.settings.home / "partners" / f"{partner.name}.json")
    ada = known(hub, ADA)
    receive_all(hub, tmp_path)
    assert shared(hub, ada).released == 1
    later(hub, days=1, minutes=1)
    broker = Taken()

    sequence(hub)
    told = relay(hub, ID, broker)

    assert (told.published, told.put_back) == (0, 1)
    assert [each for each in broker.messages if each.content_type.endswith("fhir+json")] == []

    receive_all(hub, tmp_path)
    assert relay(hub, ID, broker).published == 1, "the next answer lets it go, without waiting for the hour"


def test_commands_write_for_people_and_machines(
    database_url: str,
    tmp_path: Path,
    agreements: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {
        "HOME": tmp_path / "home", "DATABASE_URL": database_url, "AGREEMENTS": agreements, "OPT_OUT_MAILBOX": "X26OT001",
        "AMQP_URL": "amqp://nobody@127.0.0.1:1/none", "ALLOW_EXAMPLE_SIGNERS": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"WYE_{name}", str(value))
    with hub_on_database(database_url, tmp_path / "home", AT, agreements) as one:
        known(one, ADA), known(one, BEN)

    assert run(["consent", "opt-out", "ask", ID, "--out", str(tmp_path / "out"), "--json"]) == 0
    made = orjson.loads(capsys.readouterr().out)
    path = tmp_path / "in" / made["file_name"]
    path.parent.mkdir()
    path.write_bytes(f"{ADA},\n".encode())
    assert run(["consent", "opt-out", "receive", str(path)]) == 0
    told = capsys.readouterr()
    assert "1 of 2 numbers may be used" in told.out
    assert run(["consent", "opt-out", "list"]) == 0

    assert "1 may be used" in capsys.readouterr().out
    assert not re.search("[0-9]{10}", told.out + told.err)
    assert [each.name for each in (tmp_path / "out").iterdir()] == [made["file_name"]]
