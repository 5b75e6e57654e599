"""Keep search tokens by month, and what an index was last found to be."""

from wye.store.changes import run

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0013_searching")
