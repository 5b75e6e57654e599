"""Hold deletions when a system suddenly lists few of its keys: a short list is far likelier than a purge.

Most systems do not announce deletions: a row is gone when its key is. A list cut short would remove everybody behind
the cut, and with them every restriction and risk that partners rely on.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from wye.quality.tables.rule import DELETED, PRESENT, Aggregate, Expect, Expected, Look, TableRule


class Deletions(TableRule):
    """Expect that no more than a share of a stream's rows goes at once."""

    deletions_only: ClassVar[bool] = True

    at_most_share: Annotated[float, Field(gt=0, lt=1)]
    """Of the rows that were there before."""
    at_least: Annotated[int, Field(ge=0)] = 20
    """So few may always go: in a small stream, a few are a large share."""

    def expect(self, look: Look) -> Expected:
        """Expect the deletions that wait to be few; those of a read that did not end wait for one that does."""
        gone = look.figures[DELETED]
        if not gone:
            return Expected("no row is gone")
        if not look.whole:
            return Expected(
                "rows are gone, by a read that did not come to its end", (Expect(DELETED, Aggregate.SUM, None, 0),)
            )
        allowed = max(self.at_least, self.at_most_share * (look.figures[PRESENT] + gone))
        return Expected("rows that are gone", (Expect(DELETED, Aggregate.SUM, None, allowed),))
