"""Keep who broke the glass and what came of it, and what a waiting version said before it was noted again."""

from wye.store.changes import run

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0020_break_glass")
