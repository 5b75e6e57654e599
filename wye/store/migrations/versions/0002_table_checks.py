"""Keep what table checks found."""

from wye.store.changes import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run this revision's SQL."""
    run("0002_table_checks")
