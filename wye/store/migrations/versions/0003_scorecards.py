"""Keep scorecards and accuracy samples."""

from wye.store.changes import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run this revision's SQL."""
    run("0003_scorecards")
