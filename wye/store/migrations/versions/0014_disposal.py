"""Keep what a lawful destruction leaves provable."""

from wye.store.changes import run

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0014_disposal")
