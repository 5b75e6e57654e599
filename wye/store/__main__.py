"""Bring the hub's database up to date, or check that it is: `python -m wye.store migrate | check`."""

import sys

from wye.errors import EnvironmentFault, UsageError, WyeError, consequence
from wye.local.places import database
from wye.settings import Settings
from wye.store.database import connect, migrate, newest, revision


def main(words: list[str]) -> None:
    """Do one of the two; raises UsageError, or EnvironmentFault if the tables are not the newest."""
    if words not in (["migrate"], ["check"]):
        raise UsageError("say `python -m wye.store migrate` or `python -m wye.store check`")
    logins = database(Settings())
    if words == ["migrate"]:
        if missing := migrate(logins.migrator):
            sys.stderr.write(
                f"wye: no rights were granted: {', '.join(missing)} must be made first; see docs/roles.md\n"
            )
        return
    with connect(logins.application) as conn:
        if revision(conn) != newest():
            raise EnvironmentFault("the tables are not the newest; run `python -m wye.store migrate`")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except WyeError as error:
        sys.stderr.write(f"wye: {error}\n")
        sys.exit(consequence(error).exit_code)
