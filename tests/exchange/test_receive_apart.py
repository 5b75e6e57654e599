"""One agreement whose version does not follow on stops no other of the same source, and is named when those are drained."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import example_agreements as examples
import pytest
from county_hub import hub_on_database
from pika.adapters.blocking_connection import BlockingChannel

from connectors.nhs_fhir.counterpart.__main__ import admission_bundle
from wye.cli.main import run
from wye.errors import AgreementRefused
from wye.exchange.broker import open_channel
from wye.exchange.identities import Party, make_party
from wye.exchange.topology import Route, declare, inbound_queue, queues
from wye.partner.attributes import CONTENT_TYPE, Attributes, to_headers
from wye.partner.broker import publish
from wye.partner.key_pairs import PUBLIC_FILE
from wye.partner.send import seal_inbound
from wye.road.agreement_life import enforce
from wye.road.hub import Hub
from wye.road.ingest import Ingested, ingest
from wye.road.receive import receive
from wye.vocabulary import MessageKind

pytestmark = pytest.mark.services
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODEL = "child-protection-attendance"
HOSPITAL = "arrowshire-hospitals"
MARK = uuid4().hex[:8]
BROKEN, WHOLE, WHOLE_TOO = f"visits-a-{MARK}", f"visits-b-{MARK}", f"visits-c-{MARK}"
"""The broken one comes first: it would stop the others."""
ADMISSION = {
    "nhs_number": "9434765919", "family_name": "Pell", "given_name": "Ida", "sex": "female",
    "birth_date": "2019-08-22", "postcode": "AR4 7QP", "admitted_at": "2026-11-20T10:00:00+00:00", "discharged_at": None,
    "ward": "Ash", "reason": "a fall",
}  # fmt: skip


@pytest.fixture(scope="module")
def agreements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three agreements whose messages come by one connector."""
    folder = tmp_path_factory.mktemp("agreements")
    for name in (BROKEN, WHOLE, WHOLE_TOO):
        shutil.copytree(examples.folder(MODEL), folder / name, ignore=shutil.ignore_patterns("signatures"))
        path = folder / name / "agreement.yaml"
        path.write_text(path.read_text().replace(MODEL, name))
    examples.sign_all(folder)
    return folder


@pytest.fixture
def channel(amqp_url: str) -> Iterator[BlockingChannel]:
    routes = [Route(name, f"hospital-{MARK}", inbound=True) for name in (BROKEN, WHOLE, WHOLE_TOO)]
    with open_channel(amqp_url) as one:
        declare(one, routes)
        yield one
        for queue in queues(routes):
            one.queue_delete(queue.name)
            if queue.exchange is not None:
                one.exchange_delete(queue.exchange)


@pytest.fixture
def partner(tmp_path: Path) -> Party:
    """The hospital, its public keys where the hub looks for them."""
    party = make_party(tmp_path / "hospital", HOSPITAL)
    known = tmp_path / "home" / "partners" / f"{HOSPITAL}.json"
    known.parent.mkdir(parents=True)
    shutil.copy(tmp_path / "hospital" / PUBLIC_FILE, known)
    return party


@pytest.fixture
def hub(database_url: str, tmp_path: Path, amqp_url: str, agreements: Path) -> Iterator[Hub]:
    """A hub that enforced version 1.0 of one agreement, in whose folder now stands one that follows on another."""
    folder = Path(shutil.copytree(agreements, tmp_path / "agreements"))
    with hub_on_database(database_url, tmp_path / "home", AT, folder) as one:
        one.amqp_url = amqp_url
        enforce(one, one.agreements[BROKEN])
        path = folder / BROKEN / "agreement.yaml"
        path.write_text(path.read_text().replace("\nversion: 1.0\n", "\nversion: 1.2\nsupersedes: 1.1\n"))
        examples.sign_all(folder)
        one.renew()
        assert set(one.agreements) == {BROKEN, WHOLE, WHOLE_TOO}
        yield one


def send(channel: BlockingChannel, hub: Hub, partner: Party, agreement: str) -> UUID:
    attributes = Attributes(uuid4(), "/hospital", MessageKind.PUT, AT.isoformat(), "", agreement, "1.0", 1)
    body = seal_inbound(
        attributes, "application/fhir+json", json.dumps(admission_bundle(ADMISSION | {"id": agreement})).encode(),
        recipient=hub.settings.council, signing=partner.signing, hub_encryption=hub.party.encryption,
    )  # fmt: skip
    publish(channel, inbound_queue(agreement), body, CONTENT_TYPE, to_headers(attributes))
    return attributes.id


def waiting(channel: BlockingChannel, agreement: str) -> int:
    return int(channel.queue_declare(inbound_queue(agreement), passive=True).method.message_count)


def landed(hub: Hub) -> dict[UUID, str]:
    found = hub.conn.execute("SELECT id, agreement FROM exchange.inbound WHERE outcome = 'landed'").fetchall()
    return {number: str(agreement) for number, agreement in found}  # type: ignore[misc]  # by the statement


def test_others_are_drained_and_mapped_before_the_refused_one_is_named(
    hub: Hub, channel: BlockingChannel, partner: Party
) -> None:
    sent = {send(channel, hub, partner, name): name for name in (BROKEN, WHOLE, WHOLE_TOO)}

    with pytest.raises(AgreementRefused, match=f"version 1.2 of `{BROKEN}` must say `supersedes: 1.0`") as refused:
        ingest(hub, "nhs_fhir")

    assert WHOLE not in str(refused.value)
    assert landed(hub) == {number: name for number, name in sent.items() if name != BROKEN}
    assert (waiting(channel, WHOLE), waiting(channel, WHOLE_TOO)) == (0, 0)
    assert waiting(channel, BROKEN) == 1, "what came under it stays on its queue, unread"
    assert hub.conn.execute("SELECT state, count(*) FROM intake.batch GROUP BY 1").fetchall() == [("mapped", 2)]


@pytest.mark.usefixtures("channel", "partner")
def test_each_that_is_refused_is_named(hub: Hub) -> None:
    (hub.settings.home / "partners" / f"{HOSPITAL}.json").unlink()

    with pytest.raises(AgreementRefused, match=rf"`{BROKEN}` must say .*; .*{HOSPITAL}\.json") as refused:
        receive(hub, "nhs_fhir", Ingested("nhs_fhir"))

    assert str(refused.value).count(f"{HOSPITAL}.json") == 1, "what is wrong with two alike is said once"


def test_a_round_shows_it_as_a_finding_and_goes_on(
    hub: Hub, channel: BlockingChannel, partner: Party, amqp_url: str, database_url: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    sent = send(channel, hub, partner, WHOLE)
    settings = {
        "home": hub.settings.home, "database_url": database_url, "amqp_url": amqp_url,
        "agreements": hub.settings.agreements, "allow_example_signers": "true",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(f"WYE_{name.upper()}", str(value))
    monkeypatch.setattr("wye.road.account.clock", lambda: AT)

    code = run(["run", "--json"])

    faults = [str(fault) for fault in json.loads(capsys.readouterr().out)["faults"]]
    assert code == 1
    assert any(fault.startswith(f"ingest nhs_fhir: version 1.2 of `{BROKEN}`") for fault in faults)
    assert sent in landed(hub)
