"""Expect each key once in a read: of two rows with one key, nobody can say which is the person's."""

from wye.quality.tables.rule import REPEATED, Aggregate, Expect, Expected, Look, TableRule


class KeyUnique(TableRule):
    """Expect that no key comes twice in one read, unless the later row says that it changed later."""

    def expect(self, look: Look) -> Expected:
        """Expect no repeated key."""
        del look
        return Expected("rows whose key came before in the same read", (Expect(REPEATED, Aggregate.MAX, None, 0),))
