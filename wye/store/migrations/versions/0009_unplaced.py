"""Know at once whom no waiting version names, and say of each table what an erasure must reach."""

from wye.store.changes import run

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Run this revision's SQL."""
    run("0009_unplaced")
