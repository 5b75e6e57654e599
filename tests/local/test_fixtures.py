from uuid import uuid4

import pika
import psycopg

from wye.local.broker import Broker
from wye.local.cluster import Cluster


def test_database_url_names_a_migrated_database_of_the_test(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        found = conn.execute("SELECT to_regclass('audit.entry') IS NOT NULL, current_database()").fetchone()

    assert found is not None
    assert found[0] is True
    assert str(found[1]).startswith("test_")


def test_two_databases_of_one_template_share_nothing(cluster: Cluster, template: str, database_url: str) -> None:
    other = cluster.create_database(f"test_{uuid4().hex}", template)  # the last session to leave removes it
    with psycopg.connect(database_url) as conn:
        conn.execute("CREATE TABLE only_here (a int)")
    with psycopg.connect(other) as conn:
        found = conn.execute("SELECT to_regclass('only_here')").fetchone()

    assert found == (None,)


def test_amqp_url_lets_the_administrator_into_the_vhost(amqp_url: str, broker: Broker) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    connection.channel().queue_declare("", exclusive=True)
    connection.close()

    assert amqp_url == broker.url
    assert amqp_url.endswith("/wye")
