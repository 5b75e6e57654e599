"""Open the audit trail for a command, by one role's login, with the sign-in of its account on the record."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from wye.audit.checkpoint import origin_of, verifier_key
from wye.keys.choose import open_keys
from wye.keys.provider import KeyProvider
from wye.local.places import database
from wye.road.account import clock, signed_in
from wye.road.sign_in import sign_in
from wye.settings import Settings
from wye.store.database import Connection, bring_up_to_date, connect


@dataclass(frozen=True, slots=True)
class Trail:
    """Hold what a command on the trail needs."""

    conn: Connection
    keys: KeyProvider
    settings: Settings

    @property
    def verifier_key(self) -> str:
        """Give the public key with which anyone verifies this log."""
        return verifier_key(origin_of(self.settings.council), self.keys.signing_key().public_key())


@contextmanager
def opened(role: Literal["auditor", "application"] = "auditor") -> Iterator[Trail]:
    """Open the trail of the configured hub by one role's login (docs/roles.md); never makes keys."""
    settings = Settings()
    logins = database(settings)
    url = logins.auditor if role == "auditor" else logins.application
    keys = open_keys(settings, create=False)
    bring_up_to_date(url, logins.migrator)
    with connect(url) as conn:
        sign_in(conn, keys, settings, signed_in(), clock())
        yield Trail(conn, keys, settings)
