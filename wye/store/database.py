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
OWNER = "run `python -m wye.store migrate` as the owner of the tables (WYE_MIGRATOR_DATABASE_URL)"
OPTIONS = "-c timezone=UTC -c jit=off -c random_page_cost=1.1"
"""What a hub's work is planned by, wherever the server stands: its statements are many and short, which compiling one
(jit) makes ten times longer, and its disks seek as fast as they read, which PostgreSQL's own default (4) does not say."""
MIGRATIONS = Path(__file__).parent / "migrations"


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """Open one connection in autocommit, UTC; raises EnvironmentFault if the database is not there, or goes away."""
    # INVARIANT: psycopg's own text is left out: it names accounts, and may quote a row.
    try:
        conn = psycopg.connect(url, autocommit=True, options=OPTIONS, connect_timeout=10)
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


def migrate(url: str) -> list[str]:
    """Bring the tables to the newest revision and grant every role its rights; gives the roles that are missing.

    Safe to run twice and by two at once. Roles are missing if they are not there and this login may not make them: then
    nothing is granted to any (docs/roles.md). Raises EnvironmentFault.
    """
    from alembic import command
    from sqlalchemy.exc import OperationalError, ProgrammingError

    config = _config()
    config.attributes["url"] = url
    try:
        command.upgrade(config, "head")
    except OperationalError as error:
        if not error.connection_invalidated and getattr(error.orig, "sqlstate", None) is not None:
            raise
        raise EnvironmentFault(f"the database does not answer; {WHAT_TO_DO}") from None
    except (ProgrammingError, psycopg.errors.InsufficientPrivilege) as error:
        if not isinstance(getattr(error, "orig", error), psycopg.errors.InsufficientPrivilege):
            raise
        raise EnvironmentFault(f"the tables are not the newest, and this login may not change them; {OWNER}") from None
    return list(config.attributes["missing_roles"])


def bring_up_to_date(url: str, owner: str) -> None:
    """See as any login whether the tables are the newest, and migrate them as their owner only if they are not."""
    with connect(url) as conn:
        found = revision(conn)
    if found != newest():
        migrate(owner)


def revision(conn: Connection) -> str | None:
    """Name the revision of the tables that are there; none before the first, or if this login has no rights on them."""
    try:
        row = conn.execute("SELECT version_num FROM public.wye_revision").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return None
    return str(row[0]) if row else None


def newest() -> str:
    """Name the newest revision of the tables. INVARIANT: the files of revisions begin with its number, in order."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
