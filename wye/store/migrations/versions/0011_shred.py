"""Destroy what is known of a person, and leave every proof valid."""

from wye.store.changes import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Run this revision's SQL."""
    run("0011_shred")
