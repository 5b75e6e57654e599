"""Link without reading everything, by a model that has versions."""

from wye.store.changes import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run this revision's SQL."""
    run("0006_linkage")
