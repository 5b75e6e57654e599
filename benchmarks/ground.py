"""Set up what is measured on: an embedded PostgreSQL that is durable, a private RabbitMQ node, and a hub.

All lies in one folder of its own, so that neither a demo nor the tests are touched; each bench gets a new database.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wye import bootstrap
from wye.exchange.broker import open_channel
from wye.exchange.topology import Route, declare, queues
from wye.local.broker import Broker
from wye.local.cluster import Cluster
from wye.partner.key_pairs import PUBLIC_FILE, make_party
from wye.road.hub import Hub
from wye.settings import Settings
from wye.store.database import migrate

ROOT = Path(__file__).parents[1]
AGREEMENTS = ROOT / "sharing_agreements"
HOME = ROOT / "var" / "bench"


@dataclass(frozen=True, slots=True)
class Ground:
    """Hold the running services of the benches."""

    home: Path
    cluster: Cluster
    broker: Broker

    @contextmanager
    def hub(self, name: str) -> Iterator[Hub]:
        """Open a hub on a new database, with new keys, every recipient's public file and empty queues."""
        home = self.home / name
        shutil.rmtree(home, ignore_errors=True)
        (home / "partners").mkdir(parents=True)
        self.cluster.drop_database(f"bench_{name}")
        url = self.cluster.create_database(f"bench_{name}")
        migrate(url)
        settings = Settings(
            home=home,
            database_url=url,
            amqp_url=self.broker.url,
            agreements=AGREEMENTS,
            allow_example_signers=True,
            agreements_root=(AGREEMENTS / "root.pub").read_text(encoding="utf-8").strip(),
        )
        try:
            with bootstrap.open_hub(settings) as hub:
                _meet_partners(hub, home)
                yield hub
        finally:
            self.cluster.drop_database(f"bench_{name}")
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def ground(home: Path = HOME) -> Iterator[Ground]:
    """Start the services, and stop them again."""
    home.mkdir(parents=True, exist_ok=True)
    cluster, broker = Cluster(home), Broker(home)
    try:
        cluster.start()
        broker.start()
        yield Ground(home, cluster, broker)
    finally:
        broker.stop()
        cluster.stop()


def _meet_partners(hub: Hub, home: Path) -> None:
    standing = [each.agreement for each in hub.agreements.values() if each.agreement.feeds]
    for name in {agreement.recipient for agreement in standing}:
        make_party(home / "recipients" / name, name)
        shutil.copy(home / "recipients" / name / PUBLIC_FILE, home / "partners" / f"{name}.json")
    routes = [Route(each.id, each.recipient, inbound=each.inbound is not None) for each in standing]
    with open_channel(hub.amqp_url) as channel:
        for queue in queues(routes):
            channel.queue_delete(queue.name)
        declare(channel, routes)


def machine() -> str:
    """Describe the machine in a line: processors and their name, memory, and how busy it is."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = Path("/proc/meminfo").read_text(encoding="utf-8").split()[1]
    load = Path("/proc/loadavg").read_text(encoding="utf-8").split()[0]
    count = subprocess.run(["nproc"], check=True, capture_output=True, text=True).stdout.strip()  # noqa: S607
    return f"{count} cores ({names[0] if names else 'unnamed'}), {int(memory) // 1024**2} GiB, load {load}"
