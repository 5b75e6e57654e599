"""Find the folders of agreements by what a person types."""

from pathlib import Path

from wye.errors import UsageError
from wye.settings import Settings


def folders(agreement: str | None) -> list[Path]:
    """Give the folder of one agreement by its id, or of all; raises UsageError saying which there are."""
    home = Settings().agreements
    found = sorted(path.parent for path in home.glob("*/agreement.yaml"))
    if agreement is None:
        if not found:
            raise UsageError(f"no agreements in `{home}`; set WYE_AGREEMENTS to their folder")
        return found
    chosen = [each for each in found if each.name == agreement]
    if not chosen:
        raise UsageError(f"no agreement `{agreement}`; there are: {', '.join(each.name for each in found)}")
    return chosen


def folder(named: str) -> Path:
    """Read a path as a folder, and a word as an id."""
    return Path(named) if "/" in named else folders(named)[0]
