import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pika
import pika.exceptions
import pytest

from wye.errors import BrokerUnavailable, EnvironmentFault
from wye.local import broker as broker_module
from wye.local import loopback
from wye.local.broker import Broker

START = "import sys, pathlib; from wye.local.broker import Broker; print(Broker(pathlib.Path(sys.argv[1])).start())"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    one = Broker(tmp_path_factory.mktemp("broker") / "home")
    yield one
    one.erase()


def open_channel(url: str) -> pika.adapters.blocking_connection.BlockingChannel:
    return pika.BlockingConnection(pika.URLParameters(url)).channel()


def listening(pid: int) -> set[str]:
    """Addresses, in the kernel's hexadecimal, on which a process awaits connections."""
    sockets = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            sockets.add(str(handle.readlink()))
        except FileNotFoundError:
            continue
    lines = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return {words[1].split(":")[0] for words in lines if words[3] == "0A" and f"socket:[{words[9]}]" in sockets}


def test_two_processes_that_start_at_once_get_one_node_that_outlives_them(own: Broker) -> None:
    words = [sys.executable, "-c", START, str(own.home)]

    both = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    urls = {child.communicate(timeout=120)[0].strip() for child in both}

    assert urls == {own.url}
    assert own.running
    assert own.start() == own.url


def test_node_of_another_home_is_another_node(own: Broker, broker: Broker) -> None:
    own.start()
    name = f"only-here-{uuid4()}"
    channel = open_channel(broker.url)
    channel.queue_declare(name, exclusive=True)

    theirs, ours = broker.ctl("list_queues", "-p", "wye", "name"), own.ctl("list_queues", "-p", "wye", "name")
    channel.connection.close()

    assert own.pid != broker.pid
    assert name in theirs
    assert name not in ours


def test_node_listens_on_loopback_only(own: Broker) -> None:
    own.start()
    assert own.pid is not None

    assert listening(own.pid) == {"0100007F"}


def test_guest_is_refused(own: Broker) -> None:
    port = pika.URLParameters(own.start()).port

    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        open_channel(f"amqp://guest:guest@127.0.0.1:{port}/wye")
    assert own.ctl("list_users").split() == ["user", "tags", "wye", "[administrator]"]


def test_folders_and_secrets_are_closed_to_others(own: Broker) -> None:
    own.start()
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (own.services, own.folder, own.folder / "conf")}

    assert set(modes.values()) == {0o700}
    assert stat.S_IMODE((own.services / "broker.password").stat().st_mode) == 0o600
    assert stat.S_IMODE((own.folder / ".erlang.cookie").stat().st_mode) == 0o400


def test_killed_node_starts_again_with_its_confirmed_messages(own: Broker) -> None:
    channel = open_channel(own.start())
    channel.confirm_delivery()
    channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
    time.sleep(2)  # RabbitMQ 3.10 writes the registry of quorum queues half a second late: a younger queue is lost
    channel.basic_publish("", "kept", b"body", pika.BasicProperties(delivery_mode=2), mandatory=True)
    before = own.url
    assert own.pid is not None
    os.kill(own.pid, signal.SIGKILL)

    channel = open_channel(own.start())
    _, _, body = channel.basic_get("kept", auto_ack=True)
    channel.connection.close()

    assert body == b"body"
    assert own.url == before


def test_stopped_node_runs_no_more_and_keeps_its_port(own: Broker) -> None:
    before = own.start()

    own.stop()

    assert not own.running
    assert all(loopback.is_free(port) for port in json.loads((own.folder / "ports.json").read_text()).values())
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        open_channel(before)
    assert own.start() == before


def test_account_may_do_what_it_was_given_and_nothing_else(broker: Broker) -> None:
    name = f"partner-{uuid4()}"
    feed = f"feed-{uuid4()}"
    admin = open_channel(broker.url)
    admin.queue_declare(feed, exclusive=False, auto_delete=False)
    broker.add_user(name, "a password", configure="^$", write="^$", read=f"^{feed}$")
    url = f"amqp://{name}:a%20password@127.0.0.1:{pika.URLParameters(broker.url).port}/wye"

    open_channel(url).basic_get(feed)
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
        open_channel(url).queue_declare("another")
    broker.remove_user(name)
    broker.remove_user(name)
    admin.queue_delete(feed)
    admin.connection.close()

    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        open_channel(url)


def test_ctl_that_fails_says_why(broker: Broker) -> None:
    with pytest.raises(BrokerUnavailable, match="`rabbitmqctl set_permissions` ended with"):
        broker.ctl("set_permissions", "-p", "nowhere", "wye", "", "", "")


def test_missing_program_says_make_setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_module, "PROGRAMS", tmp_path / "nothing")

    with pytest.raises(EnvironmentFault, match="make setup"):
        Broker(tmp_path).start()


def test_url_before_any_start_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="wye services up"):
        _ = Broker(tmp_path).url
