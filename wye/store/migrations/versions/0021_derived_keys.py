"""Keep blocking keys out of the write-ahead log."""

from wye.store.changes import run

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0021_derived_keys")
