"""Make the tables of the road."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0001"
down_revision = None

TABLES = Path(__file__).parents[2] / "tables"
ORDER = ("keys", "intake", "canonical", "identity", "audit", "sharing", "exchange")


def upgrade() -> None:
    """Run the definitions in the order in which they refer to each other."""
    # The driver's own execute: SQLAlchemy would read a percent sign in a function's body as a placeholder.
    connection: Any = op.get_bind().connection.driver_connection
    for noun in ORDER:
        connection.execute((TABLES / f"{noun}.sql").read_text(encoding="utf-8"))
