"""Open connections to PostgreSQL and bring its tables up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from wye.errors import EnvironmentFault

if TYPE_CHECKING:
    from alembic.config import Config

Connection = psycopg.Connection[tuple[object, ...]]
"""A psycopg 3 connection in autocommit: a unit of work says `with conn.transaction():`."""


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """Open one connection in autocommit, UTC; raises EnvironmentFault if the database is not there."""
    try:
        conn = psycopg.connect(url, autocommit=True, options="-c timezone=UTC", connect_timeout=10)
    except psycopg.OperationalError as error:
        raise EnvironmentFault("the database does not answer; start it with `wye services up`") from error
    with conn:
        yield conn


def migrate(url: str) -> None:
    """Bring the tables to the newest revision; safe to run twice and by two at once."""
    from alembic import command

    config = _config()
    config.attributes["url"] = url
    command.upgrade(config, "head")


def newest() -> str:
    """Name the newest revision of the tables."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
