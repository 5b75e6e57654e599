"""`wye explain` decides anew, tells why, shows no value, and leaves a consultation in the trail."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import canonical_people as people_of
import example_agreements as examples
import known_people
import pytest

from wye import bootstrap
from wye.cli.main import run
from wye.identity.identify import identify
from wye.identity.merge import merge
from wye.identity.review import person_of
from wye.road import agreement_life
from wye.store.database import connect

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def person(database_url: str, amqp_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in {
        "WYE_DATABASE_URL": database_url, "WYE_AMQP_URL": amqp_url, "WYE_HOME": str(tmp_path / "var"),
        "WYE_AGREEMENTS": str(examples.AGREEMENTS), "WYE_ALLOW_EXAMPLE_SIGNERS": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    package = {"service": "home-care", "provider": "MARKER Care", "reference": "1"}
    with connect(database_url) as conn:
        rows = {"care_package": [{"source": "frameworki", "values": package}]}
        return str(known_people.put_person(conn, {"person": {}, "rows": rows}, AT))


def test_explain_tells_each_agreement_and_is_itself_recorded(
    person: str, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", person, "--json"]) == 0

    told = capsys.readouterr().out
    found = json.loads(told)
    assert {name: one["outcome"] for name, one in found.items()} == {
        "adult-care-acute": "withhold", "care-packages-finance": "release", "safeguarding-police": "withhold",
        "corrections-adult-care": "withhold", "corrections-customer-services": "withhold",
        "corrections-revenues": "withhold",
    }  # fmt: skip
    assert not found["adult-care-acute"]["considered"]
    assert "MARKER" not in told
    with connect(database_url) as conn:
        assert conn.execute("SELECT count(*) FROM audit.entry").fetchone() == (2,), "the sign-in, and the look"


def test_explain_says_when_an_agreement_is_not_in_force(
    person: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WYE_ALLOW_EXAMPLE_SIGNERS", "false")

    assert run(["explain", person, "--agreement", "care-packages-finance"]) == 0
    assert "care-packages-finance: not in force, nothing is shared: no root key is set" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["nobody"], ["00000000-0000-7000-8000-000000000000"]])
@pytest.mark.usefixtures("person")
def test_explain_of_nobody_is_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", *words]) == 2
    assert "`wye people find`" in capsys.readouterr().err


HOUSEHOLD = {"given_name": "Adaeze", "lines": "9 Benefit Row", "postcode": "AR9 9ZZ"}


@pytest.fixture
def told_by_benefits(person: str, database_url: str) -> UUID:
    """Somebody whom the care system knows, and of whom the benefits system alone has a given name and a home."""
    assert person
    care = people_of.person("frameworki", "1", family_name="Okafor", birth_date="1941-03-08", nhs_number="9990000018")
    benefits = people_of.person(
        "civica_revenues", "1", family_name="Okafor", birth_date="1941-03-08", nhs_number="9990000018", **HOUSEHOLD
    )
    with connect(database_url) as conn:
        people_of.store(conn, [*care, *benefits], AT)
        known_people.put_row(conn, care[0].record, "involvement", "frameworki", {"service": "adult-social-care"}, AT)
        identify(conn, AT)
        kept = person_of(conn, care[0].record)
        merge(conn, kept, person_of(conn, benefits[0].record), "same passport", "steward", AT)
        return kept


def test_a_value_from_housing_benefit_never_leaves_under_the_care_agreement_and_explain_says_why(
    told_by_benefits: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["explain", str(told_by_benefits), "--agreement", "adult-care-acute"]

    assert run(words) == 0
    said = capsys.readouterr().out

    assert "released under adult-care-acute" in said
    for field in ("person.given_name", "address.lines", "address.postcode"):
        assert f"{field}: withheld, from civica_revenues: what `civica_revenues` holds may not be disclosed" in said
    assert "person.birth_date: released, from frameworki" in said
    assert not [value for value in HOUSEHOLD.values() if value in said]
    assert run([*words, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out).values()
    left = {f"{one['entity']}.{one['field']}" for one in found["fields"] if one["action"] == "release"}
    assert left.isdisjoint({"person.given_name", "address.lines", "address.postcode", "address.kind"})


def test_as_of_says_what_was_not_in_force_then_and_what_is_of_today(
    told_by_benefits: UUID, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["explain", str(told_by_benefits), "--as-of", "2026-01-02"]
    assert run([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["as_of"], found["held"], found["agreements"]) == ("2026-01-02T23:59:59.999999+00:00", True, {})
    with bootstrap.open_hub() as hub:
        agreement_life.enforce(hub, hub.agreements["adult-care-acute"])

    assert run([*words, "--json"]) == 0
    then = json.loads(capsys.readouterr().out)
    assert "no version was in force here on 2026-01-02" in then["agreements"]["adult-care-acute"]["refused"]
    assert "tables of law" in then["notes"][0]
    now = datetime.now(UTC).isoformat()
    assert run(["explain", str(told_by_benefits), "--as-of", now]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"as of {now[:19]}")
    assert "person.given_name: withheld, from civica_revenues" in said
    with connect(database_url) as conn:
        assert conn.execute("SELECT count(*) FROM audit.entry").fetchone() == (5,), (
            "a sign-in, an agreement, three looks"
        )


@pytest.mark.parametrize(
    ("as_of", "why"), [("2999-01-01", "still to come"), ("soon", "neither a day"), ("2025-01-01", "at that instant")]
)
def test_as_of_an_instant_that_cannot_be_told_of_is_a_usage_error(
    person: str, capsys: pytest.CaptureFixture[str], as_of: str, why: str
) -> None:
    assert run(["explain", person, "--as-of", as_of]) == 2
    assert why in capsys.readouterr().err


def test_as_of_of_somebody_erased_is_no_longer_held(
    person: str, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with connect(database_url) as conn:
        conn.execute("SELECT set_config('wye.shred', 'a test', false)")
        conn.execute("DELETE FROM identity.person_link WHERE person = %s", (person,))

    assert run(["explain", person, "--as-of", "2026-01-02"]) == 0

    assert capsys.readouterr().out.strip().endswith(": no longer held")
