"""Let links respect people."""

from wye.store.changes import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run this revision's SQL."""
    run("0005_links")
