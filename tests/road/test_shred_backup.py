"""A backup from before a shred: what it still tells, and what ends that."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from shredding import (
    NOW,
    as_account,
    bytes_that_tell,
    clock,
    disclosed,
    files_that_tell,
    known,
    let_go,
    readable_values,
)

from wye import bootstrap
from wye.errors import EvidenceBroken
from wye.keys.file import FileKeys
from wye.local import postgres_account
from wye.local.cluster import Cluster
from wye.road import shred
from wye.road.hub import Hub
from wye.road.retire import retire
from wye.road.rotate import rotate
from wye.road.sequence import sequence
from wye.settings import Settings
from wye.store.database import connect, migrate

pytestmark = [pytest.mark.services, pytest.mark.long, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
BACKED_UP = "wal_level = 'replica'\nmax_wal_senders = '4'\nwal_recycle = off\n"


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A server of this test's own, from which a backup can be taken."""
    one = Cluster(tmp_path / "cluster")
    one.start()
    one.stop()
    with (one.data / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write(BACKED_UP)
    one.start()
    yield one
    one.erase()


@pytest.fixture
def hub(own_cluster: Cluster, tmp_path: Path) -> Iterator[Hub]:
    url = own_cluster.create_database("wye")
    migrate(url)
    settings = Settings(
        home=tmp_path / "home", database_url=url, amqp_url="amqp://nobody@127.0.0.1:1/none",
        agreements=ROOT / "sharing_agreements",
    )  # fmt: skip
    with bootstrap.open_hub(settings) as one:
        one.actor = "records-officer"
        yield one


def back_up(cluster: Cluster) -> Path:
    """Take a backup as an administrator does, with the log that it needs."""
    into = cluster.place / "backup"
    who = postgres_account.account()
    program = postgres_account.programs_for(who, cluster.place) / "pg_basebackup"
    password = (cluster.services / "postgres.password").read_text(encoding="utf-8")
    subprocess.run(
        [str(program), "-D", str(into), "-h", str(cluster.socket), "-U", "wye", "-X", "stream", "-c", "fast"],
        check=True, env={"PATH": os.environ["PATH"], "PGPASSWORD": password, "LC_ALL": "C"},
    )  # fmt: skip
    for path in (into, *into.rglob("*")):
        os.chown(path, who.uid, who.gid, follow_symlinks=False)
    return into


def put_back(cluster: Cluster, backup: Path) -> None:
    """Restore a backup in the place of the data, which are kept beside it."""
    cluster.stop()
    cluster.data.rename(cluster.place / "after")
    shutil.copytree(backup, cluster.data, copy_function=_copied)
    for source, made in ((backup / each.relative_to(cluster.data), each) for each in cluster.data.rglob("*")):
        shutil.chown(made, source.stat().st_uid, source.stat().st_gid)
    top = backup.stat()
    os.chown(cluster.data, top.st_uid, top.st_gid)
    cluster.start()


def _copied(source: str, made: str) -> str:
    return str(shutil.copy2(source, made))


def opened_with(hub: Hub, url: str, keys: FileKeys) -> list[str]:
    """Name what opens with a keyring; raises EvidenceBroken if its wrapping key is gone."""
    before, hub.keys = hub.keys, keys
    try:
        return readable_values(hub, url)
    finally:
        hub.keys = before


def test_backup_from_before_a_shred_opens_until_the_old_wrapping_key_is_destroyed(
    own_cluster: Cluster, hub: Hub, tmp_path: Path
) -> None:
    url = own_cluster.url("wye")
    person: UUID = known(hub)
    disclosed(hub, url, person)
    let_go(hub)
    sequence(hub)
    backup = back_up(own_cluster)
    assert readable_values(hub, url) != []

    shred.approve(as_account(hub, "head-of-records"), shred.ask(hub, person, "schedule 4.2").shred.id)
    assert (readable_values(hub, url), bytes_that_tell(url)) == ([], [])
    rotate(hub.conn, hub.keys, actor="records-officer", at=NOW)
    old_ring = Path(shutil.copytree(hub.settings.keys, tmp_path / "ring-before-retire"))
    old_ring.chmod(0o700)
    later = NOW + timedelta(days=hub.settings.backup_days + 1)
    retire(hub.conn, hub.keys, actor="records-officer", at=later, backup_days=hub.settings.backup_days)
    clock(hub, later)

    # On the server itself: what was deleted in clear lies in its files until they are written anew.
    with connect(url) as owner:
        owner.execute("VACUUM FULL")
        owner.execute("CHECKPOINT")
        owner.execute("SELECT pg_switch_wal()")
        owner.execute("CHECKPOINT")
    assert files_that_tell(own_cluster.data / "base") == []
    assert files_that_tell(hub.settings.home) == []

    put_back(own_cluster, backup)

    # Before the horizon, or with a copy of the keyring from then: as if nothing had been destroyed.
    assert {each.split()[0] for each in opened_with(hub, url, FileKeys.open(old_ring))} == {
        "intake.landed",
        "exchange.outbox",
    }
    # After it, with the keyring of today: nothing that was sealed opens, the person's or anybody's.
    with pytest.raises(EvidenceBroken, match="no wrapping key"):
        opened_with(hub, url, FileKeys.open(hub.settings.keys))
    # No key protects what is in clear: until the backup itself is destroyed.
    assert {"canonical.row", "identity.golden"} <= {*bytes_that_tell(url)}
    assert {"intake.landed", "exchange.outbox", "audit.entry"}.isdisjoint(bytes_that_tell(url))
