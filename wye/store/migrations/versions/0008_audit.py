"""Rotate wrapping keys, and keep what witnesses cosigned."""

from wye.store.changes import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Run this revision's SQL."""
    run("0008_audit")
