"""Know households, and propose corrections."""

from wye.store.changes import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run this revision's SQL."""
    run("0007_golden")
