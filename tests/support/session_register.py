"""Know which test sessions use a service, so that the last one to leave stops it."""

import json
import os
from pathlib import Path

from wye.local import private, process


class Register:
    """Hold the sessions that use a service, by process; those that died without leaving are forgotten."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = path.with_name(f"{path.name}.lock")  # not the service's own lock, which start and stop take
        self.me = process.identity(os.getpid())

    def _others(self) -> list[str]:
        try:
            signed = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return []
        return [str(one) for one in signed if one != self.me and process.alive(str(one))]

    def join(self) -> None:
        """Sign in. Hold the lock."""
        private.write(self.path, json.dumps([*self._others(), self.me]))

    def leave(self) -> bool:
        """Sign out, and say whether nobody is left. Hold the lock."""
        others = self._others()
        private.write(self.path, json.dumps(others))
        return not others
