"""Keep restrictions of records that staff set, and what was referred to a named human because of one."""

from wye.store.changes import run

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Run this revision's SQL; rights are granted at the end of every migration (env.py)."""
    run("0019_restrictions")
