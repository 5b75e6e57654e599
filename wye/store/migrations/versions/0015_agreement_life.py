"""Keep the life of each agreement version: approved, in force, suspended, ended."""

from wye.store.changes import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0015_agreement_life")
