"""Bring the hub's database up to date, or check that it is: `python -m wye.store migrate | check`."""

import sys

from wye.errors import EnvironmentFault, UsageError, WyeError, consequence
from wye.local.places import resolve
from wye.settings import Settings
from wye.store.database import connect, migrate, newest


def main(words: list[str]) -> None:
    """Do one of the two; raises UsageError, or EnvironmentFault if the tables are not the newest."""
    if words not in (["migrate"], ["check"]):
        raise UsageError("say `python -m wye.store migrate` or `python -m wye.store check`")
    settings = Settings()
    url = settings.database_url or resolve(settings).database_url
    if words == ["migrate"]:
        migrate(url)
        return
    with connect(url) as conn:
        found = conn.execute("SELECT to_regclass('wye_revision')::text").fetchone()
        if found == (None,) or conn.execute("SELECT version_num FROM wye_revision").fetchall() != [(newest(),)]:
            raise EnvironmentFault("the tables are not the newest; run `python -m wye.store migrate`")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except WyeError as error:
        sys.stderr.write(f"wye: {error}\n")
        sys.exit(consequence(error).exit_code)
