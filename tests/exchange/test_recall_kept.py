"""What went under an agreement whose folder is gone is asked back by the text that the hub kept, over the real broker."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import example_agreements as examples
import psycopg
import pytest
from county_hub import hub_on_database
from exchanging import AT, COUNCIL, Side, held, person_of, rows_for

from wye.errors import AgreementRefused
from wye.exchange.identities import hub_party
from wye.partner.key_pairs import PUBLIC_FILE
from wye.road.agreement_life import enforce, kept
from wye.road.hub import Hub
from wye.road.recall import answers, rows
from wye.road.recall.send import Wanted, recall
from wye.road.recall.stranded import text_of
from wye.road.receipts import receipts
from wye.vocabulary import RecallGround

pytestmark = pytest.mark.services
MODEL, HOSPITAL = "child-protection-attendance", "arrowshire-hospitals"
WHO = ("the data protection officer", "the wrong file was mapped")


@pytest.fixture
def folder(side: Side, tmp_path: Path) -> Path:
    """An agreement by which the hospital of the broker's test account is fed."""
    place = tmp_path / "agreements"
    copy = shutil.copytree(examples.folder(MODEL), place / side.agreement, ignore=shutil.ignore_patterns("signatures"))
    for path in copy.iterdir():
        path.write_text(path.read_text().replace(MODEL, side.agreement).replace(HOSPITAL, side.partner))
    examples.sign_all(place)
    return place


@pytest.fixture
def hub(side: Side, folder: Path, tmp_path: Path) -> Iterator[Hub]:
    """A hub that enforced the agreement, and of which the hospital holds two subjects."""
    home = tmp_path / "hub-home"
    partners = home / "partners"
    partners.mkdir(parents=True)
    shutil.copy(side.partner_home / PUBLIC_FILE, partners / f"{side.partner}.json")
    with hub_on_database(side.database_url, home, AT + timedelta(minutes=5), folder) as one:
        one.amqp_url, one.party, one.actor = side.amqp_url, hub_party(side.hub_home, COUNCIL), "anna"
        enforce(one, one.agreements[side.agreement])
        rows_for(one.conn, side, [("ash", 1, "put"), ("bramble", 1, "put")])
        one.conn.execute("UPDATE exchange.outbox SET state = 'delivered', settled_at = %s", (AT,))
        yield one


def gone(hub: Hub, side: Side) -> None:
    shutil.rmtree(hub.settings.agreements / side.agreement)
    hub.renew()
    assert side.agreement not in {**hub.agreements, **hub.refused}


def waiting(hub: Hub) -> set[str]:
    found = hub.conn.execute("SELECT state FROM exchange.outbox WHERE kind = 'recall'").fetchall()
    return {str(state) for (state,) in found}


def test_recall_under_an_agreement_whose_folder_is_gone_is_sent_and_answered(hub: Hub, side: Side) -> None:
    gone(hub, side)
    done = recall(hub, Wanted(agreement=side.agreement, since=AT - timedelta(days=1)), RecallGround.SENT_IN_ERROR, *WHO)
    assert done.by_feed == 2

    receipts(hub)
    consumed = side.partner_program("--config", str(side.partner_config), "--once")
    collected = receipts(hub)

    assert consumed.returncode == 0, consumed.stderr
    assert collected.answered == 2
    assert {(line.person, line.answer) for line in rows.lines(hub.conn)} == {
        (person_of("ash"), "deleted"), (person_of("bramble"), "deleted"),
    }  # fmt: skip
    assert rows.stranded(hub.conn) == set()
    assert held(side) == {}


def test_version_in_the_folder_that_is_not_signed_does_not_hide_the_kept_one(hub: Hub, side: Side) -> None:
    path = hub.settings.agreements / side.agreement / "agreement.yaml"
    path.write_text(path.read_text().replace("\nversion: 1.0\n", "\nversion: 1.1\nsupersedes: 1.0\n"))
    hub.renew()

    assert text_of(hub, side.agreement, side.partner).agreement.version == "1.0"


def test_version_that_does_not_follow_on_does_not_hold_recalls_up(hub: Hub, side: Side) -> None:
    path = hub.settings.agreements / side.agreement / "agreement.yaml"
    path.write_text(path.read_text().replace("\nversion: 1.0\n", "\nversion: 1.2\nsupersedes: 1.1\n"))
    examples.sign_all(hub.settings.agreements)
    hub.renew()
    assert side.agreement in hub.agreements
    recall(hub, Wanted(agreement=side.agreement, since=AT - timedelta(days=1)), RecallGround.ERASURE, *WHO)

    receipts(hub)

    assert waiting(hub) == {"published"}


def test_kept_text_that_was_altered_sends_nothing_and_somebody_is_told_until_it_is_done_by_hand(
    hub: Hub, side: Side
) -> None:
    gone(hub, side)
    with psycopg.connect(side.database_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE sharing.agreement_text DISABLE TRIGGER ALL")
        owner.execute(
            "UPDATE sharing.agreement_text SET files = jsonb_set(files, ARRAY[%s], to_jsonb(%s::text))",
            (f"{side.agreement}/terms.md", "QW5vdGhlciB0ZXh0Lg=="),
        )
    recall(hub, Wanted(agreement=side.agreement, since=AT - timedelta(days=1)), RecallGround.ERASURE, *WHO)

    for _ in range(2):
        with pytest.raises(
            AgreementRefused, match=rf"`{side.agreement}` cannot go .* does not fit its digest.*by hand"
        ):
            receipts(hub)
    assert waiting(hub) == {"waiting"}
    for line in rows.lines(hub.conn):
        answers.answer(hub, line.id, "deleted", "their letter")  # type: ignore[arg-type]  # a word of the closed list

    assert receipts(hub).answered == 0
    assert rows.stranded(hub.conn) == set()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("another office's signature", "made with a key that is not"),
        ("a signature too few", "not signed by"),
        ("signers of another root", "not signed by the root key"),
    ],
)
def test_kept_text_whose_signatures_do_not_hold_is_not_believed(
    hub: Hub, side: Side, tmp_path: Path, wrong: str, said: str
) -> None:
    (one,) = kept(hub, side.agreement)
    files = dict(one.files)
    name = min(each for each in files if "/signatures/" in each)
    other = max(each for each in files if "/signatures/" in each)
    root = (hub.settings.agreements / "root.pub").read_text()
    if wrong == "another office's signature":
        files = files | {name: files[other]}
    elif wrong == "a signature too few":
        files = {each: raw for each, raw in files.items() if each != name}
    else:
        root = examples.make_key(tmp_path / "another")

    with pytest.raises(AgreementRefused, match=said):
        replace(one, files=files).verified(root, allow_examples=True)


def test_rectification_under_an_agreement_that_is_gone_is_told_by_hand(hub: Hub, side: Side) -> None:
    gone(hub, side)

    done = recall(hub, Wanted(agreement=side.agreement, since=AT - timedelta(days=1)), RecallGround.RECTIFICATION, *WHO)

    assert (done.by_feed, done.by_hand, done.decided_anew) == (0, 2, 0)
    assert {(line.agreement, line.recipient, line.message) for line in rows.lines(hub.conn)} == {
        (side.agreement, side.partner, None)
    }


def test_nobody_else_is_sent_what_a_text_says_of_one_recipient(hub: Hub, side: Side) -> None:
    gone(hub, side)

    with pytest.raises(AgreementRefused, match=r"version 1\.0 feeds another recipient"):
        text_of(hub, side.agreement, "marches-police")
