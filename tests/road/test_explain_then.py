"""`wye explain --as-of` says what was decided then, on a hub on which everything changed since."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import canonical_people as people_of
import example_agreements as examples
import pytest
from known_people import put_row

from wye import bootstrap
from wye.agreements.life import Move
from wye.audit.search import search
from wye.consent.giving import Word
from wye.errors import BrokerUnavailable, UsageError
from wye.identity.review import person_of
from wye.intake import pending_rows
from wye.road import agreement_life, consents, correct, people, restrictions
from wye.road.decide import Decider
from wye.road.explain import NOT_KEPT, OF_TODAY, explain, explain_then
from wye.road.hub import Hub
from wye.road.identify import identify
from wye.road.ingest import ingest
from wye.road.share import share
from wye.settings import Settings
from wye.sharing.decision import Decision
from wye.sharing.due import mark_due
from wye.store.ids import uuid7
from wye.vocabulary import ConsentKind, ConsentScope, EventKind, GiverCapacity, MessageKind

pytestmark = pytest.mark.services
ACUTE = "adult-care-acute"
START = datetime(2026, 11, 20, 9, tzinfo=UTC)
CARE, OTHER = (people_of.person("frameworki", key)[0].record for key in ("1", "2"))
NAMES = ("Quillfeather", "Underhay", "Okafor", "Wells")


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub with agreements of its own, on which two people are known to the care system."""
    settings = Settings(
        home=tmp_path, database_url=database_url, amqp_url="amqp://nobody:none@127.0.0.1:1/none",
        agreements=examples.copied(tmp_path), allow_example_signers=True,
    )  # fmt: skip
    with bootstrap.open_hub(settings) as one:
        one.actor = "anna"
        clock(one, 0)
        for key, family_name in (("1", "Quillfeather"), ("2", "Underhay")):
            rename(one, key, family_name)
            cared_for = {"service": "adult-social-care", "from_date": "2020-01-01"}
            put_row(one.conn, CARE if key == "1" else OTHER, "involvement", "frameworki", cared_for, START)
        identify(one)
        yield one


def clock(hub: Hub, minutes: int) -> datetime:
    now = START + timedelta(minutes=minutes)
    hub.at = lambda: now
    return now


def rename(hub: Hub, key: str, family_name: str, **fields: object) -> None:
    """Let the care system say another name of one of the two."""
    born = "1941-03-08" if key == "1" else "1975-06-01"
    said = people_of.person(
        "frameworki", key, family_name=family_name, given_name="Ada" if key == "1" else "Basil", birth_date=born,
        sex="F", lines=f"{key} Mill Lane", postcode="AR1 2BC", **fields,
    )  # fmt: skip
    people_of.store(hub.conn, said, hub.at())


class Changes:
    """Change something of the two people, or of the agreement, at random; each step leaves the hub as it may be met."""

    def __init__(self, hub: Hub, random: Random) -> None:
        self.hub, self.random = hub, random
        self.flags: list[UUID] = []
        self.corrections: list[UUID] = []
        self.restrictions: list[UUID] = []
        self.waiting: list[UUID] = []
        self.merged: UUID | None = None
        self.version = 0

    def step(self) -> None:
        moves: list[Callable[[], None]] = [
            self.rename, self.flag, self.unflag, self.say, self.say, self.source_says, self.merge, self.correct, self.wait,
            self.go_on, self.move, self.leave, self.restrict, self.lift, self.relate,
        ]  # fmt: skip
        self.random.choice(moves)()

    def one(self) -> UUID:
        return self.random.choice([CARE, OTHER])

    def rename(self) -> None:
        key = self.random.choice("12")
        rename(self.hub, key, self.random.choice(NAMES), first_language=self.random.choice(["en", "pl"]))

    def flag(self) -> None:
        kind = self.random.choice(["restricted-record", "safe-address", "risk-to-staff"])
        record = self.one()
        self.flags.append(put_row(self.hub.conn, record, "flag", "frameworki", {"kind": kind}, self.hub.at()))
        people_of.changed(self.hub.conn, [record], self.hub.at())

    def unflag(self) -> None:
        if self.flags:
            gone = self.flags.pop(self.random.randrange(len(self.flags)))
            self.hub.conn.execute(
                "UPDATE canonical.row SET superseded_at = %s WHERE record = %s", (self.hub.at(), gone)
            )
            people_of.changed(self.hub.conn, [CARE, OTHER], self.hub.at())

    def restrict(self) -> None:
        against, name, may_look = self.random.choice(
            [("everyone", None, ["bert"]), ("party", "arrowshire-hospitals", []), ("party", "marches-police", [])]
        )
        person = person_of(self.hub.conn, self.one())
        self.restrictions.append(restrictions.restrict(self.hub, person, against, name, may_look, "at risk"))  # type: ignore[arg-type]

    def lift(self) -> None:
        if self.restrictions:
            restrictions.lift(self.hub, self.restrictions.pop(), "over")

    def relate(self) -> None:
        tie = {"kind": self.random.choice(["sibling", "duplicate"]), "other": str(OTHER)}
        put_row(self.hub.conn, CARE, "relationship", "frameworki", tie, self.hub.at())

    def over(self) -> None:
        """End what keeps the account at work out: it asks what was decided then."""
        while self.flags:
            self.unflag()
        while self.restrictions:
            self.lift()
        self.go_on()

    def say(self) -> None:
        kind = self.random.choice([ConsentKind.CONFIDENTIALITY, ConsentKind.OBJECTION])
        word = Word(
            kind=kind, scope=ConsentScope.HEALTH, given=self.random.random() < 0.5, said_on=date(2026, 11, 19),
            capacity=GiverCapacity.PERSON, said_by="herself, known to me", reference=None, evidence="note in the case",
        )  # fmt: skip
        consents.record(self.hub, person_of(self.hub.conn, self.one()), word, "consent record")

    def source_says(self) -> None:
        said = {"kind": "confidentiality", "scope": "share-with-health", "given": self.random.random() < 0.5,
                "recorded_on": self.random.choice(["2026-11-18", "2026-11-20"])}  # fmt: skip
        put_row(self.hub.conn, self.one(), "consent", "frameworki", said, self.hub.at())

    def merge(self) -> None:
        if self.merged is not None:
            people.unmerge(self.hub, self.merged, "two people")
            self.merged = None
            return
        kept, other = person_of(self.hub.conn, CARE), person_of(self.hub.conn, OTHER)
        try:
            self.merged = people.merge(self.hub, kept, other, "one person").event
        except UsageError:  # an identity is sealed, or somebody said that they are two
            self.merged = None

    def correct(self) -> None:
        if self.corrections:
            correct.withdraw(self.hub, self.corrections.pop(), "a slip")
            return
        typed = correct.Typed(self.random.choice(NAMES), "passport seen")
        done = correct.correct(
            self.hub, person_of(self.hub.conn, self.one()), "family_name", typed, "as in the passport"
        )
        self.corrections.append(done.correction)

    def wait(self) -> None:
        note(self.hub, self.one(), unread=self.random.random() < 0.5, waiting=self.waiting)

    def go_on(self) -> None:
        for record in self.waiting:
            pending_rows.clear(self.hub.conn, [record], self.hub.at())

    def move(self) -> None:
        step = Move.SUSPEND if ACUTE in self.hub.agreements else Move.RESUME
        agreement_life.move(self.hub, ACUTE, step, "as drawn")

    def leave(self) -> None:
        if self.version < 1 and ACUTE in self.hub.agreements:
            self.version += 1
            newer_version(self.hub)


def note(hub: Hub, subject: UUID, *, unread: bool, waiting: list[UUID]) -> None:
    """Note a version that waits, or, if there is one, note it again with another word."""
    at = hub.at()
    if not waiting:
        value = uuid7()
        hub.conn.execute("INSERT INTO intake.batch (batch, source, stream, state, rows_read, landed_at)"
                         " VALUES (%s, 'frameworki', 'groups', 'held', 1, %s)", (value, at))  # fmt: skip
        hub.conn.execute("INSERT INTO intake.landed VALUES (%s, %s, %s, false, %s, 'x')", (value, value, value, at))
        waiting.append(value)
    said = pending_rows.as_text([("flag", {"kind": "restricted-record"})])
    noted = pending_rows.Noted(
        waiting[0], subject, waiting[0], own=False, unread=unread, stated=said if not unread else "[]"
    )
    pending_rows.insert(hub.conn, "frameworki", "groups", "quarantined" if unread else "held", [noted], at)


def newer_version(hub: Hub) -> None:
    """Put a version in force that lets no sex and no language leave that the customer system does not hold."""
    path = hub.settings.agreements / ACUTE / "agreement.yaml"
    text = path.read_text()
    text = text.replace('version: "1.0"', 'version: "1.1"\nsupersedes: "1.0"').replace(
        "version: 1.0\n", "version: 1.1\nsupersedes: 1.0\n"
    )
    field = text.index("field: sex")
    at = text.index("sources: [frameworki, crm]", field)
    path.write_text(text[:at] + "sources: [crm]" + text[at + len("sources: [frameworki, crm]") :])
    examples.sign_all(hub.settings.agreements)
    hub.renew()
    assert ACUTE in hub.agreements, hub.refused


def settled(hub: Hub) -> dict[UUID, Decision]:
    """Say who is who, share, and give what is decided now of each of the two; nothing while it is not in force."""
    identify(hub)
    persons = sorted({person_of(hub.conn, record) for record in (CARE, OTHER)})
    mark_due(hub.conn, hub.feeds, persons, "test", hub.at())
    if ACUTE not in hub.agreements:
        return {}
    share(hub, ACUTE)
    return {each.person: each.decision for each in Decider(hub, hub.agreements[ACUTE]).decide(persons, hub.at())}


@pytest.mark.parametrize("seed", range(2))
def test_as_of_any_instant_the_very_decision_of_then_is_explained(hub: Hub, seed: int) -> None:
    changes = Changes(hub, Random(seed))  # noqa: S311  changes, not secrets
    decided = {hub.at(): settled(hub)}
    for minute in range(1, 16):
        now = clock(hub, minute)
        changes.step()
        decided[now] = settled(hub)
    last = clock(hub, 60)
    changes.over()

    for at, then in decided.items():
        for person, decision in then.items():
            found = explain_then(hub, person, at.isoformat(), ACUTE)
            assert found.decided == {ACUTE: decision}, (at, found.refused)
        if not then:
            found = explain_then(hub, person_of(hub.conn, CARE), at.isoformat(), ACUTE)
            assert "suspended" in found.refused[ACUTE]
    assert len({each.fingerprint for then in decided.values() for each in then.values()}) > 2
    recorded = entries(hub, last)
    assert len(recorded) > 4
    for person, event in recorded:
        found = explain_then(hub, person, event.at.isoformat(), ACUTE)
        decision = found.decided[ACUTE]
        assert (found.versions[ACUTE], decision.clauses) == (event.version, event.reasons)
        if event.outcome != MessageKind.WITHDRAW:
            assert tuple(sorted(decision.released)) == event.fields


def test_each_change_is_told_as_it_was_before_and_after(hub: Hub) -> None:
    care = person_of(hub.conn, CARE)
    refused = {"kind": "confidentiality", "scope": "share-with-health", "given": False, "recorded_on": "2026-11-18"}
    agreed = Word(
        kind=ConsentKind.CONFIDENTIALITY, scope=ConsentScope.HEALTH, given=True, said_on=date(2026, 11, 19),
        capacity=GiverCapacity.PERSON, said_by="herself, known to me", reference=None, evidence="note in the case",
    )  # fmt: skip
    kept: list[UUID] = []

    def end(entity: str) -> None:
        hub.conn.execute("UPDATE canonical.row SET superseded_at = %s WHERE entity = %s", (hub.at(), entity))

    steps: list[Callable[[], object]] = [
        lambda: put_row(
            hub.conn, CARE, "relationship", "frameworki", {"kind": "sibling", "other": str(OTHER)}, hub.at()
        ),
        lambda: put_row(hub.conn, OTHER, "flag", "frameworki", {"kind": "safe-address"}, hub.at()),
        lambda: end("flag"),
        lambda: kept.append(
            correct.correct(hub, care, "family_name", correct.Typed("Wells", "passport seen"), "as in it").correction
        ),
        lambda: correct.withdraw(hub, kept.pop(), "a slip"),
        lambda: put_row(hub.conn, CARE, "consent", "frameworki", refused, hub.at()),
        lambda: kept.append(people.merge(hub, care, person_of(hub.conn, OTHER), "one person").event),
        lambda: consents.record(hub, care, agreed, "consent record"),
        lambda: people.unmerge(hub, kept.pop(), "two people"),
        lambda: end("consent"),
    ]
    decided = {hub.at(): settled(hub)[care]}
    for minute, step in enumerate(steps, start=1):
        now = clock(hub, minute)
        step()
        decided[now] = settled(hub)[care]
    clock(hub, 60)

    told = {at: explain_then(hub, care, at.isoformat(), ACUTE).decided[ACUTE] for at in decided}

    names = [each.entities["person"][0].get("family_name") for each in decided.values() if each.entities]
    assert [each.clause for each in decided.values()] == [
        *["items"] * 6,
        "consent",
        "consent",
        "items",
        "consent",
        "items",
    ]
    assert ["address" in each.entities for each in decided.values()][:4] == [True, True, False, True]
    assert names[3:6] == ["Quillfeather", None, "Quillfeather"], "nobody is told a name that a steward found wrong"
    assert told == decided


def entries(hub: Hub, at: datetime) -> list[tuple[UUID, object]]:
    """What the trail tells of disclosures and refusals under the agreement, by person."""
    found = search(hub.conn, hub.keys, agreement=ACUTE, searcher="auditor", purpose="test", at=at)
    told = {EventKind.DISCLOSURE, EventKind.REFUSAL}
    events = [each.event for each in found if each.event is not None and each.event.kind in told]
    return [(event.person, event) for event in events if event.person is not None and event.outcome != "wait"]


def test_what_was_not_kept_of_then_is_unknown_and_withholds(hub: Hub) -> None:
    settled(hub)
    note(hub, CARE, unread=False, waiting=[])
    clock(hub, 1)
    pending_rows.clear(hub.conn, [row[0] for row in hub.conn.execute("SELECT value FROM intake.landed")], hub.at())
    hub.conn.execute("INSERT INTO canonical.pending_protection_before SELECT value, subject, 'held', true, '[]', since,"
                     " cleared_at, false FROM canonical.pending_protection")  # fmt: skip
    clock(hub, 2)
    person = person_of(hub.conn, CARE)

    before, since = (
        explain_then(hub, person, (START + timedelta(seconds=each)).isoformat(), ACUTE) for each in (30, 90)
    )

    assert (before.decided[ACUTE].clause, NOT_KEPT in before.notes) == ("unread-protection", True)
    assert "is not known" in before.decided[ACUTE].reasons[0].text
    assert (since.decided[ACUTE].clause, since.notes) == ("items", (OF_TODAY,))


def test_of_a_person_who_was_erased_nothing_is_told(hub: Hub) -> None:
    settled(hub)
    person = person_of(hub.conn, CARE)
    clock(hub, 1)
    hub.conn.execute("SELECT set_config('wye.shred', 'a test', false)")
    for statement in ("golden WHERE person = %s", "person_link WHERE person = %s"):
        hub.conn.execute(f"DELETE FROM identity.{statement}", (person,))  # type: ignore[arg-type]  # noqa: S608
    hub.conn.execute("DELETE FROM canonical.row WHERE subject = %s", (CARE,))

    found = explain_then(hub, person, START.isoformat())

    assert (found.held, found.decided, found.refused) == (False, {}, {})


def test_what_is_still_to_come_or_nobody_knew_of_is_refused(hub: Hub) -> None:
    settled(hub)
    person = person_of(hub.conn, CARE)

    for as_of, why in (
        ("2026-11-21", "still to come"), ("2026-11-20", "still to come"), ("2026-11-20T08:59:59Z", "at that instant"),
        ("2026-11-20T09:00:00", "instant with its zone"), ("yesterday", "neither a day"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=why):
            explain_then(hub, person, as_of)
    with pytest.raises(UsageError, match="no agreement `nothing`; there are: adult-care-acute"):
        explain_then(hub, person, START.isoformat(), "nothing")


def test_a_day_means_its_end_in_london(hub: Hub) -> None:
    hub.at = lambda: datetime(2027, 6, 1, 22, 30, tzinfo=UTC)  # 23:30 in London
    settled(hub)
    rename(hub, "1", "Wells")
    settled(hub)
    hub.at = lambda: datetime(2027, 6, 3, 9, tzinfo=UTC)
    person = person_of(hub.conn, CARE)

    found = explain_then(hub, person, "2027-06-01", ACUTE)

    assert found.as_of == datetime(2027, 6, 1, 22, 59, 59, 999_999, tzinfo=UTC)
    assert found.decided[ACUTE].entities["person"][0]["family_name"] == "Wells"


def test_a_sealed_former_identity_is_not_told_of_by_way_of_the_other(hub: Hub) -> None:
    people.merge(hub, person_of(hub.conn, CARE), person_of(hub.conn, OTHER), "one person")
    settled(hub)
    together = person_of(hub.conn, CARE)
    clock(hub, 1)
    put_row(hub.conn, OTHER, "flag", "frameworki", {"kind": "former-identity-sealed"}, hub.at())
    people_of.changed(hub.conn, [OTHER], hub.at())
    settled(hub)
    assert person_of(hub.conn, OTHER) != together
    clock(hub, 2)

    found = explain_then(hub, together, START.isoformat(), ACUTE)

    assert OTHER not in {each.record for each in found.decided[ACUTE].fields}
    assert found.decided[ACUTE].entities["person"][0]["given_name"] == "Ada"


def test_looking_is_on_the_record_and_a_suspended_agreement_says_so(hub: Hub) -> None:
    settled(hub)
    clock(hub, 1)
    agreement_life.move(hub, ACUTE, Move.SUSPEND, "a breach")
    clock(hub, 2)
    person = person_of(hub.conn, CARE)

    now, then = explain(hub, person, ACUTE), explain_then(hub, person, START.isoformat(), ACUTE)

    assert (list(now.refused), list(then.decided)) == ([ACUTE], [ACUTE])
    found = search(hub.conn, hub.keys, person=person, searcher="auditor", purpose="test", at=hub.at())
    assert [each.event.purpose for each in found if each.event is not None and each.event.actor == "anna"][-2:] == [
        "explain", "explain as of 2026-11-20T09:00:00+00:00",
    ]  # fmt: skip


def test_text_is_kept_before_anything_lands_under_it(hub: Hub) -> None:
    with pytest.raises(BrokerUnavailable):
        ingest(hub, "police")

    assert [each.version for each in agreement_life.kept(hub, "safeguarding-police")] == ["1.0"]


def test_what_a_waiting_version_said_each_time_that_it_was_noted_is_told(hub: Hub) -> None:
    waiting: list[UUID] = []
    clauses = []
    for minute, unread in ((0, True), (2, False), (4, None), (6, True)):
        clock(hub, minute)
        if unread is None:
            pending_rows.clear(hub.conn, waiting, hub.at())
        else:
            note(hub, CARE, unread=unread, waiting=waiting)
        clauses.append(settled(hub)[person_of(hub.conn, CARE)].clause)
    clock(hub, 8)
    pending_rows.clear(hub.conn, waiting, hub.at())
    person = person_of(hub.conn, CARE)

    told = [explain_then(hub, person, (START + timedelta(minutes=each)).isoformat(), ACUTE) for each in (1, 3, 5, 7, 8)]

    assert clauses == ["unread-protection", "restricted-record", "items", "unread-protection"]
    assert [each.decided[ACUTE].clause for each in told] == [*clauses, "items"]
    assert [len(each.pending) for each in told] == [1, 1, 0, 1, 0]
