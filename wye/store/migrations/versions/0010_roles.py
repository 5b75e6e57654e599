"""Let each process do in the database only what it is for."""

from wye.store.changes import run

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Run this revision's SQL; the rights themselves are granted at the end of every migration (env.py)."""
    run("0010_roles")
