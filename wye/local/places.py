"""Say where the database and the broker are: those given in the settings, or the private ones that run here."""

from dataclasses import dataclass

from wye.errors import EnvironmentFault
from wye.local.broker import Broker
from wye.local.cluster import Cluster
from wye.settings import Settings

DATABASE = "wye"


@dataclass(frozen=True, slots=True)
class Places:
    """Hold the two addresses that a hub works with."""

    database_url: str
    amqp_url: str


def database(settings: Settings) -> str:
    """Find PostgreSQL; raises EnvironmentFault saying `wye services up` if it is neither given nor running here."""
    if settings.database_url is not None:
        return settings.database_url
    cluster = Cluster(settings.home)
    if not cluster.running:
        raise EnvironmentFault("no postgresql: set WYE_DATABASE_URL, or run `wye services up`")
    return cluster.create_database(DATABASE)


def resolve(settings: Settings) -> Places:
    """Find both; raises EnvironmentFault saying `wye services up` if one is neither given nor running here."""
    database_url, broker = database(settings), settings.amqp_url
    if broker is None:
        node = Broker(settings.home)
        if not node.running:
            raise EnvironmentFault("no rabbitmq: set WYE_AMQP_URL, or run `wye services up`")
        broker = node.url
    return Places(database_url, broker)
