"""Keep what was recalled from recipients, and their answers."""

from wye.store.changes import run

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0017_recall")
