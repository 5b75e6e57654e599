"""The newest answer of each kind and scope counts; in doubt, the one that shares less."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import known_people
import pytest

from wye.consent.newest import newest
from wye.consent.rows import consents_of
from wye.store.consents import HeldConsent
from wye.store.database import Connection, connect

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(database_url) as connection:
        yield connection


def said(kind: str, given: bool, on: str | None, scope: str = "share-with-health") -> HeldConsent:  # noqa: FBT001
    return HeldConsent(kind, scope, given, date.fromisoformat(on) if on else None, uuid4(), "frameworki")


@pytest.mark.parametrize(
    ("answers", "given"),
    [
        ([said("confidentiality", True, "2026-01-01"), said("confidentiality", False, "2026-02-01")], False),
        ([said("confidentiality", False, "2026-01-01"), said("confidentiality", True, "2026-02-01")], True),
        ([said("confidentiality", True, None), said("confidentiality", False, "2020-01-01")], False),
        ([said("confidentiality", False, None), said("confidentiality", True, "2020-01-01")], True),
        ([said("confidentiality", True, "2026-01-01"), said("confidentiality", False, "2026-01-01")], False),
        ([said("objection", True, "2026-01-01"), said("objection", False, "2026-01-01")], True),
        ([said("objection", True, "2026-01-01"), said("objection", False, "2026-01-02")], False),
        ([said("objection", True, None), said("objection", False, None)], True),
    ],
)
def test_newest_keeps_the_last_answer_and_in_doubt_the_private_one(answers: list[HeldConsent], given: bool) -> None:  # noqa: FBT001
    for order in (answers, answers[::-1]):
        (kept,) = newest(order)
        assert kept.given is given


def test_newest_keeps_kinds_and_scopes_apart() -> None:
    answers = [
        said("confidentiality", True, "2026-01-01"),
        said("uk-gdpr", False, "2026-02-01"),
        said("objection", False, "2026-02-01"),
        said("confidentiality", False, "2026-02-01", "share-with-police"),
    ]

    assert set(newest(answers)) == set(answers)


def test_consents_of_reads_through_the_links_in_force(conn: Connection) -> None:
    def answer(given: bool, on: str) -> dict[str, object]:  # noqa: FBT001
        values = {"kind": "confidentiality", "scope": "share-with-health", "given": given, "recorded_on": on}
        return {"source": "frameworki", "values": values}

    both = known_people.put_person(
        conn,
        {
            "person": {},
            "rows": {
                "consent": [answer(True, "2026-01-01"), answer(False, "2026-03-01")],
                "flag": [answer(True, "2026-09-01")],
            },
        },
        AT,
    )
    silent = known_people.put_person(conn, {"person": {}, "rows": {}}, AT)
    split = known_people.put_person(conn, {"person": {}, "rows": {"consent": [answer(True, "2026-01-01")]}}, AT)
    conn.execute("UPDATE identity.person_link SET superseded_at = %s WHERE person = %s", (AT, split))

    found = consents_of(conn, [both, silent, split])

    assert [(one.given, one.recorded_on) for one in found[both]] == [(False, date(2026, 3, 1))]
    assert isinstance(found[both][0].record, UUID)
    assert found[silent] == ()
    assert found[split] == ()
