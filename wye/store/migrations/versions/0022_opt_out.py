"""Keep what was asked of the national check of opt-outs, and which objections were upheld."""

from wye.store.changes import run

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0022_opt_out")
    run("0022_upheld")
