"""Sign in to a test's database as one of its roles."""

from urllib.parse import urlsplit

from wye.local.cluster import Cluster
from wye.local.places import Logins, embedded


def logins_of(cluster: Cluster, url: str) -> Logins:
    """Give the logins of a database of the cluster, by its owner's URL."""
    return embedded(cluster, urlsplit(url).path.removeprefix("/"))
