"""Make the tables of the road."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

TABLES = Path(__file__).parents[2] / "tables"
ORDER = ("keys", "intake", "canonical", "identity", "audit", "sharing", "exchange")


def upgrade() -> None:
    """Run the definitions in the order in which they refer to each other."""
    connection = op.get_bind()
    for noun in ORDER:
        connection.exec_driver_sql((TABLES / f"{noun}.sql").read_text())
