"""Die at a named point of the road, so that tests can show that nothing is lost or done twice.

`WYE_FAILPOINT=<name>` kills the process (SIGKILL: no cleanup runs) the first time the name is reached.
The names are closed: a name that no code passes is refused at the first point reached.
"""

import os
import signal
from typing import Literal, get_args

Failpoint = Literal[
    "land.before_commit",
    "land.after_commit",
    "map.before_commit",
    "identify.before_commit",
    "share.before_commit",
    "share.after_commit",
    "relay.after_numbering",
    "relay.after_publish",
    "deliver.after_apply",
    "hand.after_write",
    "receipt.before_commit",
    "receive.after_land",
    "sequence.before_commit",
    "rotate.after_new_key",
    "rotate.before_commit",
    "retire.before_destroy",
    "retire.after_destroy",
]
FAILPOINTS: tuple[str, ...] = get_args(Failpoint)


def reach(name: Failpoint) -> None:
    """Pass a named point; end the process there if the environment asks for it."""
    wanted = os.environ.get("WYE_FAILPOINT")
    if wanted is None:
        return
    if wanted not in FAILPOINTS:
        raise SystemExit(f"wye: no failpoint `{wanted}`; there are: {', '.join(FAILPOINTS)}")
    if wanted == name:
        os.kill(os.getpid(), signal.SIGKILL)
