"""Let people work quarantine off, and know which protections wait unread."""

from wye.store.changes import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run this revision's SQL."""
    run("0004_quarantine")
