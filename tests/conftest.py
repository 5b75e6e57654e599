"""Give tests the embedded PostgreSQL and the private RabbitMQ node of `var/tests/`.

Several sessions may run at once in one checkout: each signs a register, and the last one to leave stops the
services. What they keep on disk is kept, so that the next start is quick.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from session_register import Register

from wye.errors import EnvironmentFault
from wye.local import private
from wye.local.broker import Broker
from wye.local.cluster import Cluster

ROOT = Path(__file__).parents[1]
HOME = ROOT / "var" / "tests"
STORE = ROOT / "wye" / "store"

settings.register_profile("wye", deadline=None)  # no test asserts a time
settings.load_profile("wye")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The one embedded cluster of the tests."""
    register = Register(HOME / "services" / "postgres.sessions")
    one = Cluster(HOME, durable=False)
    with private.lock(register.lock):
        register.join()
        one.start()
    yield one
    with private.lock(register.lock):
        if register.leave():
            _drop_leftovers(one)
            one.stop()


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """The one private RabbitMQ node of the tests. Others use it too: name queues and accounts uniquely."""
    register = Register(HOME / "services" / "broker.sessions")
    one = Broker(HOME)
    with private.lock(register.lock):
        register.join()
        one.start()
    yield one
    with private.lock(register.lock):
        if register.leave():
            one.stop()


@pytest.fixture(scope="session")
def amqp_url(broker: Broker) -> str:
    """URL of the vhost `wye`, as its administrator."""
    return broker.url


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """Name of a migrated database to copy from, made anew when a table or migration changes."""
    digest = hashlib.sha256()
    for path in sorted([*STORE.rglob("*.sql"), *(STORE / "migrations").rglob("*.py")]):
        digest.update(path.relative_to(STORE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    name = f"template_{digest.hexdigest()[:16]}"
    with private.lock(HOME / "services" / "template.lock"):
        if name not in _databases(cluster):
            from wye.store.database import migrate

            making = f"test_making_{uuid4().hex}"
            migrate(cluster.create_database(making))
            with psycopg.connect(cluster.url("postgres"), autocommit=True) as conn:
                conn.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
                )
    return name


@pytest.fixture
def database_url(cluster: Cluster, template: str) -> Iterator[str]:
    """URL of a fresh, migrated database, removed afterwards."""
    name = f"test_{uuid4().hex}"
    yield cluster.create_database(name, template)
    with suppress(EnvironmentFault):  # another session is amid a COPY: the last one to leave removes it
        cluster.drop_database(name, patience=2)


def _databases(cluster: Cluster) -> set[str]:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as conn:
        return {str(name) for (name,) in conn.execute("SELECT datname FROM pg_database").fetchall()}


def _drop_leftovers(cluster: Cluster) -> None:
    """Remove what killed sessions left, and all templates but the newest. Nobody else is here."""
    names = _databases(cluster)
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as conn:
        templates = conn.execute("SELECT datname FROM pg_database WHERE datname ~ '^template_' ORDER BY oid").fetchall()
    old = {str(name) for (name,) in templates[:-1]}
    for name in names:
        if name.startswith("test_") or name in old:
            with suppress(EnvironmentFault):
                cluster.drop_database(name, patience=5)
