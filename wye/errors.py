"""Name what can go wrong, for whom, and what each one means to a shell, a caller and a retry.

    WyeError
    ├── UsageError                the person at the keyboard can mend it             exit 2
    │   ├── AgreementRefused      an agreement's text, signature or state
    │   └── ContractBroken        a connector's contract, or a source that left it
    ├── EnvironmentFault          a service, a disk or a folder is not as needed     exit 3, try again
    │   ├── SourceUnavailable     an outside system is down or too slow
    │   ├── BrokerUnavailable
    │   └── StorageExhausted      no space, or a file limit
    ├── BadInput                  a row or message that cannot be used: quarantined  exit 1
    │   └── MessageRefused        an envelope that does not open or verify
    ├── Overdue                   people owe something that they were to do by now   exit 1
    └── EvidenceBroken            the audit trail, a key or a receipt does not prove exit 1

Messages are lowercase, put the bad input in backticks, say where it is and what would be right,
and never hold a personal value.
"""

import errno
from dataclasses import dataclass

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DISK_FULL = "53100"
NO_RIGHT = "42501"
"""PostgreSQL's own codes for a full disk, and for what a login has no right to."""


class WyeError(Exception):
    """Stand at the root of every error that Wye raises on purpose."""


class UsageError(WyeError):
    """Say that a command, file or setting is wrong, and how it would be right."""


class AgreementRefused(UsageError):
    """Say why an agreement is not in force: nothing is shared under it."""


class ContractBroken(UsageError):
    """Say where a contract is wrong, or where a source has left its contract."""


class EnvironmentFault(WyeError):
    """Say what the machine lacks; trying again later may succeed."""


class SourceUnavailable(EnvironmentFault):
    """Say which outside system did not answer."""


class BrokerUnavailable(EnvironmentFault):
    """Say that RabbitMQ did not take or give messages."""


class StorageExhausted(EnvironmentFault):
    """Say that a disk or file limit stopped a write; nothing half-written was kept."""


class BadInput(WyeError):
    """Say why a row cannot be used; the row is kept in quarantine."""


class MessageRefused(BadInput):
    """Say why a message does not open, verify or fit its agreement."""


class Overdue(WyeError):
    """Say what people were to have done by now, in counts; trying again helps nobody."""


class EvidenceBroken(WyeError):
    """Say which entry, checkpoint or receipt fails to prove what it claims."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """Hold what an error means outside Python: a shell's exit code, an HTTP status, and whether to try again."""

    exit_code: int
    http_status: int
    retry: bool


CONSEQUENCES: dict[type[WyeError], Consequence] = {
    WyeError: Consequence(1, 500, retry=False),
    UsageError: Consequence(2, 400, retry=False),
    EnvironmentFault: Consequence(3, 503, retry=True),
    BadInput: Consequence(1, 422, retry=False),
    EvidenceBroken: Consequence(1, 500, retry=False),
}


def consequence(error: BaseException) -> Consequence:
    """Find what an error means, by its nearest class in the table; anything that is not ours counts as WyeError."""
    for kind in type(error).__mro__:
        if kind in CONSEQUENCES:
            return CONSEQUENCES[kind]
    return CONSEQUENCES[WyeError]


def in_our_words(error: BaseException) -> WyeError:
    """Say any error so that it may be shown: itself if it is ours, a known cause in our words, else its class alone.

    Texts of other libraries may hold a value: of a row, of a setting, of a request. None of them is passed on.
    """
    if isinstance(error, WyeError):
        return error
    cause: BaseException | None = error
    while cause is not None:
        if getattr(cause, "errno", None) in NO_SPACE or getattr(cause, "sqlstate", None) == DISK_FULL:
            return StorageExhausted("no space left, or a file limit was reached; nothing half-written was kept")
        cause = cause.__cause__ or cause.__context__
    if getattr(error, "sqlstate", None) == NO_RIGHT:
        return UsageError("the database login has no right to that; docs/roles.md tells which login does what")
    if getattr(error, "title", None) == "Settings" and hasattr(error, "errors"):
        # pydantic's own text would print the value, and a setting may be a password.
        wrong = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = "__".join(str(part) for part in wrong["loc"]).upper()
        return UsageError(f"setting `WYE_{name.removeprefix('WYE_')}`: {wrong['msg'].lower()}")
    return WyeError(f"stopped by an unexpected {type(error).__name__}; WYE_TRACEBACK=1 shows where")
