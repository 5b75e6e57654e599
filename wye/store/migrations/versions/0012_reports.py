"""Keep reports to people on who received data about them, drafted by one account and decided by another."""

from wye.store.changes import run

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0012_reports")
