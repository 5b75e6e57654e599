"""Keep consents and objections that staff record: who gave them, in what capacity, on what evidence."""

from wye.store.changes import run

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0018_consents")
