"""A report on who received data about a person: found, marked, decided by another, released without what is withheld."""

from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
from audit_log import AT, OTHER, PERSON, an_event
from reporting import (
    CARE,
    DRAFTER,
    HOSPITAL,
    PLAIN,
    POLICE_WORDS,
    SECOND,
    desk,
    entries_of,
    say,
    to_hospital,
    to_police,
    told,
    withheld,
    written,
)

from wye.audit.verify import verify
from wye.errors import UsageError
from wye.keys.file import FileKeys
from wye.keys.rows import delete_wraps_of_holder
from wye.road.report import rows
from wye.road.report.audit_event import bundle
from wye.road.report.decide import decide
from wye.road.report.draft import draft, look
from wye.road.report.page import page
from wye.road.report.release import release
from wye.road.report.released import MAY_BE_WITHHELD, Released, text
from wye.road.report.spreadsheet import spreadsheet
from wye.store.database import Connection
from wye.vocabulary import EventKind, Exemption

pytestmark = pytest.mark.services
REQUEST = "SAR-2026-17"


def everything(released: Released) -> str:
    return "\n".join([text(released), spreadsheet(released), page(released), bundle(released).decode()])


def test_report_tells_to_whom_when_what_why_and_under_which_law(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_hospital(0), to_hospital(9, fields=("person.sex",)), to_hospital(3))
    at = desk(conn, keys)

    found = release(at, draft(at, PERSON, REQUEST))

    (line,) = found.lines
    assert (line.words.recipient, line.times) == ("Arrowshire Hospitals NHS Trust", 3)
    assert (line.first, line.last) == (date(2026, 11, 21), date(2026, 11, 30))
    assert line.words.data == (
        "person: Day of birth",
        "person: Family name, also called surname",
        "person: Sex as registered: M, F or U (not known)",
    )
    assert "plan a safe discharge" in line.words.purpose
    assert "UK GDPR Article 6(1)(c), by Health and Social Care Act 2012 section 251B" in line.words.law[0]
    assert line.words.law[1].startswith("by Health and Social Care Act 2012 s251B, a duty")
    assert line.words.sources == ("crm", "frameworki")
    assert line.words.agreement == "Adult social care and hospital stays (adult-care-acute, version 1.0)"
    assert "3 times, first on 21 November 2026, last on 30 November 2026" in text(found)


def test_what_is_no_disclosure_to_somebody_else_is_not_listed(conn: Connection, keys: FileKeys) -> None:
    written(
        conn,
        keys,
        to_hospital(kind=EventKind.REFUSAL, reasons=("consent",)),
        to_hospital(outcome="withdraw", fields=()),
        to_hospital(person=OTHER),
        an_event(kind=EventKind.CONSULTATION, actor="nosy.neighbour", recipient=None, agreement=None),
    )
    at = desk(conn, keys)
    release(at, draft(at, PERSON, REQUEST))

    found = release(at, draft(at, PERSON, REQUEST))

    assert found.lines == ()
    assert "nosy.neighbour" not in everything(found)
    assert "There is nothing to list." in text(found)


def test_drafter_may_not_decide_and_the_table_refuses_it_too(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_police())
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)

    with pytest.raises(UsageError, match=f"`{DRAFTER}` drafted report .* another account decides"):
        decide(at, report, withheld(1))
    row = rows.draft_of(conn, report)
    assert row is not None
    with pytest.raises(psycopg.errors.CheckViolation, match="decided_by_another"):
        rows.insert_decision(conn, rows.DecisionRow(report, 1, DRAFTER, AT, b""), row)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        rows.insert_decision(conn, rows.DecisionRow(report, 1, DRAFTER, AT, b""), replace(row, drafted_by=SECOND))

    assert rows.decisions_of(conn, report) == []
    assert entries_of(conn, keys, EventKind.REPORT)[-1].outcome == "draft"


def test_marked_line_is_not_released_undecided(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_hospital(), to_police())
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)

    with pytest.raises(UsageError, match="line 2 is marked and undecided"):
        release(at, report)
    assert rows.released_at(conn, report) is None
    assert [each.undecided for each in rows.listed(conn, 10)] == [1]
    say(at, report, told(2))

    assert [line.recipient for line in release(at, report).lines] == ["arrowshire-hospitals", "marches-police"]
    assert [each.undecided for each in rows.listed(conn, 10)] == [0]


def test_withheld_line_leaves_no_trace_but_the_sentence_of_every_report(conn: Connection, keys: FileKeys) -> None:
    first, police, last = written(conn, keys, to_hospital(), to_police(1), to_hospital(2, agreement="adult-care-old"))
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)
    drafted = look(at, report).draft
    assert [line.recipient for line in drafted.lines][1] == "marches-police"
    say(at, report, withheld(2))
    say(at, report, told(3))

    found = release(at, report)

    words = everything(found)
    assert [each for each in POLICE_WORDS if each.lower() in words.lower()] == []
    assert str(police.id) not in words
    assert str(drafted.lines[1].sent[0].message) not in words
    assert [line.number for line in found.lines] == [1, 2]
    assert str(first.id) in words
    assert str(last.id) in words
    assert MAY_BE_WITHHELD in page(found)


def test_report_with_all_withheld_reads_as_one_with_nothing_to_list(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_police(), to_police(person=OTHER, kind=EventKind.REFUSAL))
    at = desk(conn, keys)
    report, empty = draft(at, PERSON, REQUEST), draft(at, OTHER, REQUEST)
    say(at, report, withheld(1))

    all_withheld, nothing = release(at, report), release(at, empty)

    assert replace(all_withheld, report=empty, person=OTHER) == nothing


def test_fields_with_other_marks_are_a_line_of_their_own(conn: Connection, keys: FileKeys) -> None:
    (entry,) = written(conn, keys, to_hospital(fields=(*PLAIN, CARE)))
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)
    assert [(line.fields, line.marks) for line in look(at, report).draft.lines] == [
        (tuple(sorted(PLAIN)), ()),
        ((CARE,), (Exemption.HEALTH, Exemption.SOCIAL_WORK)),
    ]
    opinion = {"opinion": "file 12", "opinion_on": date(2026, 12, 1)}
    say(at, report, replace(withheld(2, Exemption.HEALTH), **opinion))

    found = release(at, report)

    words = everything(found)
    assert str(entry.id) in words
    assert "care_package" not in words
    assert "care package" not in words


def test_what_went_to_one_recipient_reads_as_one_and_counts_only_what_is_told(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_hospital(fields=(*PLAIN, "address.town")), to_hospital(7, fields=(CARE,)))
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)
    assert [line.fields for line in look(at, report).draft.lines] == [tuple(sorted(PLAIN)), ("address.town",), (CARE,)]
    say(at, report, told(2))
    say(at, report, withheld(3))

    (line,) = release(at, report).lines

    assert [each.fields for each in line.sent] == [("address.town", "person.birth_date", "person.family_name")]
    assert (line.times, line.first, line.last) == (1, date(2026, 11, 21), date(2026, 11, 21))


def test_safe_address_that_masked_one_field_marks_every_line(conn: Connection, keys: FileKeys) -> None:
    written(
        conn, keys, to_hospital(), to_hospital(3, agreement="adult-care-acute", reasons=("in-force", "safe-address"))
    )
    at = desk(conn, keys)

    (line,) = look(at, draft(at, PERSON, REQUEST)).draft.lines

    assert (line.marks, len(line.sent)) == ((Exemption.SERIOUS_HARM,), 2)


def test_later_word_counts_until_the_release(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_police())
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)
    say(at, report, told(1))
    say(desk(conn, keys, later=41), report, withheld(1))

    assert release(desk(conn, keys, later=42), report).lines == ()
    with pytest.raises(UsageError, match="was released; what is to be told otherwise is a new draft"):
        say(desk(conn, keys, later=43), report, told(1))


def test_each_step_is_an_entry_under_its_account(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_police())
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)
    look(replace(at, actor="third.auditor"), report)
    say(at, report, withheld(1))
    release(replace(at, actor="fourth.auditor"), report)

    detail = {"report": str(report)}
    drafted, decided = entries_of(conn, keys, EventKind.REPORT)
    assert (drafted.actor, drafted.outcome, drafted.detail, drafted.counts) == (
        DRAFTER,
        "draft",
        detail,
        {"lines": 1, "marked": 1},
    )
    assert (decided.actor, decided.outcome, decided.reasons, decided.purpose, decided.detail) == (
        SECOND,
        "withhold",
        ("crime-and-tax",),
        "a live enquiry",
        detail | {"line": "1"},
    )
    looked = [each for each in entries_of(conn, keys, EventKind.CONSULTATION) if each.detail == detail]
    assert [(each.actor, each.purpose) for each in looked] == [("third.auditor", "audit report show")]
    given = entries_of(conn, keys, EventKind.DISCLOSURE)[-1]
    assert (given.actor, given.recipient, given.counts) == (
        "fourth.auditor",
        "data-subject",
        {"lines": 0, "withheld": 1},
    )
    assert verify(conn, keys).ok


@pytest.mark.parametrize("step", ["draft", "look", "decide", "release"])
def test_step_whose_entry_cannot_be_written_does_nothing(conn: Connection, keys: FileKeys, step: str) -> None:
    written(conn, keys, to_police())
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)
    if step == "release":
        say(at, report, withheld(1))
    steps = {
        "draft": lambda: draft(at, PERSON, REQUEST),
        "look": lambda: look(at, report),
        "decide": lambda: say(at, report, withheld(1)),
        "release": lambda: release(at, report),
    }
    held = (rows.listed(conn, 10), rows.decisions_of(conn, report))
    conn.execute("ALTER TABLE audit.entry ADD CONSTRAINT full_disk CHECK (staged_at < '2026-11-21T09:30Z') NOT VALID")

    with pytest.raises(psycopg.errors.CheckViolation, match="full_disk"):
        steps[step]()

    assert (rows.listed(conn, 10), rows.decisions_of(conn, report)) == held


def test_tables_hold_no_person_recipient_or_field_in_clear(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_police())
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)
    say(at, report, withheld(1))
    stored = b""
    for table in ("draft", "decision", "release"):
        with conn.cursor() as cursor, cursor.copy(f"COPY report.{table} TO STDOUT (FORMAT BINARY)") as copy:
            stored += b"".join(bytes(part) for part in copy)

    for word in (b"marches-police", b"safeguarding", b"family_name", b"a live enquiry", b"crime-and-tax", PERSON.bytes):
        assert word not in stored
    assert DRAFTER.encode() in stored
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        conn.execute("DELETE FROM report.decision")


def test_report_of_a_destroyed_person_is_not_read_any_more(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_police())
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)
    delete_wraps_of_holder(conn, PERSON)

    with pytest.raises(UsageError, match="can no longer be read"):
        look(at, report)
    found = release(at, draft(at, PERSON, REQUEST))
    assert found.lines == ()
    assert "can no longer be read" in found.notes[-1]


def test_ids_from_before_a_merge_are_found_when_named_and_asked_for_when_not(conn: Connection, keys: FileKeys) -> None:
    merged = an_event(kind=EventKind.MERGE, recipient=None, agreement=None, fields=(), detail={"identity_event": "x"})
    written(conn, keys, to_hospital(), to_hospital(person=OTHER), merged)
    at = desk(conn, keys)

    alone = look(at, draft(at, PERSON, REQUEST)).draft
    both = look(at, draft(at, PERSON, REQUEST, formerly=[OTHER])).draft

    assert (alone.moves, [len(line.sent) for line in alone.lines]) == (1, [1])
    assert ([len(line.sent) for line in both.lines], both.formerly) == ([2], (OTHER,))


def test_word_on_a_line_or_report_that_is_not_there_is_refused(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_police())
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)

    with pytest.raises(UsageError, match="has no line `2`; it has 1"):
        say(at, report, withheld(2))
    with pytest.raises(UsageError, match="no report"):
        say(at, PERSON, withheld(1))
    with pytest.raises(UsageError, match="a draft needs a reason"):
        draft(at, PERSON, " ")


def test_opinion_that_grew_old_before_the_release_is_asked_for_again(conn: Connection, keys: FileKeys) -> None:
    written(conn, keys, to_hospital(fields=(CARE,)))
    at = desk(conn, keys)
    report = draft(at, PERSON, REQUEST)
    day = (AT + timedelta(days=40)).date()
    say(at, report, told(1, opinion="file 12", opinion_on=day))

    with pytest.raises(UsageError, match="is not of the last six months"):
        release(desk(conn, keys, later=40 + 190), report)

    assert [line.recipient for line in release(desk(conn, keys, later=40 + 170), report).lines] == [
        HOSPITAL["recipient"]
    ]
