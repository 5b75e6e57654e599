"""Run one revision's SQL: `tables/` holds the tables as they began, `tables/changes/` what each revision changed since."""

from pathlib import Path
from typing import Any

from alembic import op

TABLES = Path(__file__).parent / "tables"


def run(name: str) -> None:
    """Run one file of changes by its name, inside the migration's transaction."""
    # The driver's own execute: SQLAlchemy would read a percent sign in a function's body as a placeholder.
    connection: Any = op.get_bind().connection.driver_connection
    connection.execute((TABLES / "changes" / f"{name}.sql").read_text(encoding="utf-8"))
