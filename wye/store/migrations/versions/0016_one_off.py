"""Keep requests for one-off disclosures, what was decided on each and why, and its review by another."""

from wye.store.changes import run

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0016_one_off")
