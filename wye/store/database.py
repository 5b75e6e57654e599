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

WHAT_TO_DO = "start it with `wye services up`, or check WYE_DATABASE_URL"


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """Open one connection in autocommit, UTC; raises EnvironmentFault if the database is not there, or goes away."""
    # INVARIANT: psycopg's own text is left out: it names accounts, and may quote a row.
    try:
        conn = psycopg.connect(url, autocommit=True, options="-c timezone=UTC", connect_timeout=10)
    except psycopg.OperationalError:
        raise EnvironmentFault(f"the database does not answer; {WHAT_TO_DO}") from None
    with conn:
        try:
            yield conn
        except psycopg.OperationalError:
            if not conn.broken:
                raise
            raise EnvironmentFault(
                f"the database went away; {WHAT_TO_DO}, then run again: what was not committed is done again"
            ) from None


def migrate(url: str) -> None:
    """Bring the tables to the newest revision; safe to run twice and by two at once. Raises EnvironmentFault."""
    from alembic import command
    from sqlalchemy.exc import OperationalError

    config = _config()
    config.attributes["url"] = url
    try:
        command.upgrade(config, "head")
    except OperationalError as error:
        if not error.connection_invalidated and getattr(error.orig, "sqlstate", None) is not None:
            raise
        raise EnvironmentFault(f"the database does not answer; {WHAT_TO_DO}") from None


def newest() -> str:
    """Name the newest revision of the tables."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
