"""Say where the database and the broker are: those given in the settings, or the private ones that run here."""

from dataclasses import dataclass

from wye.errors import EnvironmentFault
from wye.local.broker import Broker
from wye.local.cluster import Cluster
from wye.settings import Settings

DATABASE = "wye"
ROLES = ("wye_application", "wye_sequencer", "wye_auditor")


@dataclass(frozen=True, slots=True)
class Logins:
    """Hold the URLs by which one database is reached, one for each set of rights (docs/roles.md); they may be one."""

    application: str
    sequencer: str
    auditor: str
    migrator: str
    """The owner of the tables."""


@dataclass(frozen=True, slots=True)
class Places:
    """Hold the addresses that a hub works with."""

    database: Logins
    amqp_url: str


def database(settings: Settings) -> Logins:
    """Find PostgreSQL; raises EnvironmentFault saying `wye services up` if it is neither given nor running here.

    Of a given database, a login that is not given is the application's. The embedded one has a login for each.
    """
    given = settings.database_url
    if given is not None:
        return Logins(
            application=given,
            sequencer=settings.sequencer_database_url or given,
            auditor=settings.auditor_database_url or given,
            migrator=settings.migrator_database_url or given,
        )
    cluster = Cluster(settings.home)
    if not cluster.running:
        raise EnvironmentFault("no postgresql: set WYE_DATABASE_URL, or run `wye services up`")
    cluster.create_database(DATABASE)
    return embedded(cluster, DATABASE)


def embedded(cluster: Cluster, name: str) -> Logins:
    """Give the four logins of a database of the embedded cluster, made at the first asking."""
    application, sequencer, auditor = (cluster.login(f"{role}_login", member_of=role) for role in ROLES)
    return Logins(
        application=cluster.url(name, application),
        sequencer=cluster.url(name, sequencer),
        auditor=cluster.url(name, auditor),
        migrator=cluster.url(name),
    )


def resolve(settings: Settings) -> Places:
    """Find both; raises EnvironmentFault saying `wye services up` if one is neither given nor running here."""
    return Places(database(settings), broker_url(settings))


def broker_url(settings: Settings) -> str:
    """Find RabbitMQ; raises EnvironmentFault saying `wye services up` if it is neither given nor running here."""
    if settings.amqp_url is not None:
        return settings.amqp_url
    node = Broker(settings.home)
    if not node.running:
        raise EnvironmentFault("no rabbitmq: set WYE_AMQP_URL, or run `wye services up`")
    return node.url
