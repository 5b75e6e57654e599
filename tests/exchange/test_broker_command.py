"""Test `wye broker` against the example agreements and the real broker."""

import json
from uuid import uuid4

import pytest
from exchanging import ROOT

from wye.cli.main import run
from wye.exchange.broker import open_channel


@pytest.fixture
def agreements(tmp_path, monkeypatch, amqp_url):
    """One example agreement under an id of the test's own, so that nobody else has its queues."""
    mark = uuid4().hex[:8]
    source = min((ROOT / "sharing_agreements").glob("*/agreement.yaml")).parent
    folder = tmp_path / f"{source.name}-{mark}"
    folder.mkdir()
    for path in source.iterdir():
        if path.is_file():
            (folder / path.name).write_text(path.read_text().replace(source.name, folder.name))
    monkeypatch.setenv("WYE_AGREEMENTS", str(tmp_path))
    monkeypatch.setenv("WYE_AMQP_URL", amqp_url)
    yield folder.name
    with open_channel(amqp_url) as channel:
        for kind in ("", "dead."):
            for queue in (f"{kind}feed.{folder.name}", f"{kind}inbound.{folder.name}"):
                channel.queue_delete(queue)
        channel.exchange_delete(f"inbound.{folder.name}")


def test_broker_check_finds_what_is_missing_until_it_is_declared(agreements, capsys):
    before = run(["broker", "check", "--json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    declared = run(["broker", "declare"])
    capsys.readouterr()
    after = run(["broker", "check"])

    assert (before, declared, after) == (1, 0, 0), capsys.readouterr()
    assert any(f"feed.{agreements}" in finding for finding in findings)


def test_broker_definitions_and_permissions_name_the_agreements_queue(agreements, capsys):
    assert run(["broker", "definitions"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert run(["broker", "permissions", "--json"]) == 0
    accounts = json.loads(capsys.readouterr().out)

    assert f"feed.{agreements}" in {queue["name"] for queue in found["queues"]}
    assert any(f"feed\\.{agreements}".replace("-", "\\-") in each["read"] for each in accounts.values())
    assert all(each["configure"] == "^$" for each in accounts.values())


def test_broker_without_agreements_is_a_usage_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WYE_AGREEMENTS", str(tmp_path))

    assert run(["broker", "definitions"]) == 2
    assert "WYE_AGREEMENTS" in capsys.readouterr().err
