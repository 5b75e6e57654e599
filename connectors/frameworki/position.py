"""Know how far a stream has been read, so that nothing is read twice without need and nothing is missed.

Rows are read in order of (LAST_UPDATED, key). A transaction that stamps a row and commits late would slip in behind
a reader that only moved forward. So each pass remembers when it began, by the database's clock; when it ends, the
position steps back to OVERLAP before that beginning, if it had got beyond. A row stamped earlier than that can only
appear later if its transaction stayed open for longer than OVERLAP. Once the newest row is older than that, a pass
over unchanged rows reads nothing. It also means that a row stamped in the future never hides the rows behind it.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from wye.ports import ContractBroken

OVERLAP = timedelta(minutes=10)
"""Longest transaction that we count on; Mosaic's own screens commit within seconds, its imports within minutes."""


@dataclass(frozen=True, slots=True)
class Position:
    """Stand behind the row (stamp, key), or before every row of `stamp` if there is no key.

    `began` is when the pass in progress began; none between passes. Stamps are naive and UTC, as the source's.
    """

    stamp: datetime
    key: int | None = None
    began: datetime | None = None

    def settled(self) -> "Position":
        """Return the position from which the next pass starts, once this pass has read its last row."""
        if self.began is None:
            return Position(self.stamp, self.key)
        floor = self.began - OVERLAP
        return Position(self.stamp, self.key) if self.stamp < floor else Position(floor)

    def text(self) -> str:
        """Write the position as a cursor."""
        began = self.began.isoformat() if self.began else None
        return json.dumps({"last_updated": self.stamp.isoformat(), "key": self.key, "began": began})


def position_from(cursor: str) -> Position:
    """Read a cursor that `text` wrote; raises ContractBroken for any other text."""
    try:
        held = json.loads(cursor)
        began = datetime.fromisoformat(held["began"]) if held["began"] else None
        key = int(held["key"]) if held["key"] is not None else None
        return Position(datetime.fromisoformat(held["last_updated"]), key, began)
    except (ValueError, KeyError, TypeError):
        raise ContractBroken(
            "cursor of `frameworki` is not one that this connector wrote: read from the start"
        ) from None
