"""Tell whoever runs the hub what people owe and have not done in time: the one list of clocks, in counts.

`wye health`, `wye run`, `wye work` and the DAG `housekeeping` show this list and no other. It names nobody: whose case waits is shown
by the command that each line names, on the record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from wye.errors import Overdue
from wye.road.hub import Hub
from wye.road.overdue_rows import owed as count_owed
from wye.store.database import Connection


@dataclass(frozen=True, slots=True)
class Clock:
    """Say within what something is owed, from when before that day on it presses, and what to do."""

    within: str
    presses: timedelta
    do: str


HALF_A_DAY = timedelta(hours=12)
CLOCKS: Mapping[str, Clock] = MappingProxyType(
    {
        # Another account has 24 hours to look at a decision that no agreement speaks of, and at a look in an emergency.
        "one-off reviews": Clock("24 hours", HALF_A_DAY, "`wye disclose list --overdue`, then `wye disclose review`"),
        "break-glass reviews": Clock(
            "24 hours", HALF_A_DAY, "`wye people glass list --overdue`, then `wye people glass review`"
        ),
        # The named human has 24 hours (wye.road.referred): a duty waits for them.
        "restricted records referred": Clock("24 hours", HALF_A_DAY, "`wye people referred list`"),
        # Past the day by which the recipient was to answer: whoever asked for it owes the person an account (Article 19).
        "recalls": Clock(
            "the days the recall gives", timedelta(), "ask the recipient: `wye feeds recall list --overdue`"
        ),
        # Recipients are told of what was wrong without delay (DPA 2018 section 38(4)-(5)); the week is ours.
        "corrections to tell": Clock(
            "7 days", timedelta(days=6), "send it, and `wye people corrections approve`, or `set-aside`"
        ),
        "certificates": Clock("the days the agreement gives", timedelta(days=7), "`wye agreements certificates`"),
    }
)


@dataclass(frozen=True, slots=True)
class Owed:
    """Count what is owed of one kind. `due` is the earliest instant by which one was, or is, to be done."""

    what: str
    open: int
    overdue: int
    due: datetime

    @property
    def clock(self) -> Clock:
        """Give the clock by which it is owed."""
        return CLOCKS[self.what]

    def presses(self, at: datetime) -> bool:
        """Say whether one is due soon."""
        return self.due - self.clock.presses < at

    def words(self) -> str:
        """Say what is overdue. The words stay the same until another is overdue or done: a worker says them once."""
        return (
            f"{self.overdue:,} overdue of {self.open:,} {self.what} (clock: {self.clock.within}), the first was due"
            f" {self.due:%Y-%m-%d %H:%M} UTC: {self.clock.do}"
        )


def owed(conn: Connection, at: datetime) -> list[Owed]:
    """List all that is owed and not done, in the order of the clocks."""
    found = count_owed(conn, at)
    return [Owed(what, *found[what]) for what in CLOCKS if what in found]


def overdue(conn: Connection, at: datetime) -> list[Owed]:
    """List what is overdue."""
    return [each for each in owed(conn, at) if each.overdue]


def check_overdue(hub: Hub) -> dict[str, int]:
    """Raise Overdue with all that is overdue: what makes a task red. Else give how much is open of each kind."""
    found = owed(hub.conn, hub.at())
    if late := [each.words() for each in found if each.overdue]:
        raise Overdue("; ".join(late))
    return {each.what: each.open for each in found}
