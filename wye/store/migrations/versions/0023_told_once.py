"""Draft corrections to whoever was told once, and let a draft be set aside."""

from wye.store.changes import run

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0023_told_once")
