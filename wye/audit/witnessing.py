"""Submit the log's newest checkpoint to a witness (C2SP tlog-witness) and judge what it answers: the client's half."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wye.audit.checkpoint import Checkpoint
from wye.audit.verifier.note import BrokenNote, cosigned_at
from wye.errors import EnvironmentFault, EvidenceBroken

OK, FORBIDDEN, NOT_FOUND, CONFLICT, UNPROVEN = 200, 403, 404, 409, 422
ROUNDS = 3
"""Another program may submit at the same time: ask again from where the witness then is, not for ever."""

Post = Callable[[str, bytes], tuple[int, str]]
"""POST bytes to a URL; gives status and text. Raises EnvironmentFault if nobody answers."""
Prove = Callable[[int], Sequence[bytes]]
"""Prove that the log grew from a size to the checkpoint's."""


@dataclass(frozen=True, slots=True)
class WitnessAt:
    """Know a witness: its name in our settings, where it answers, and its public key (vkey of type 4)."""

    name: str
    url: str
    key: str


@dataclass(frozen=True, slots=True)
class Cosignature:
    """Hold what a witness said of a checkpoint: its signature line, and when, in Unix seconds."""

    size: int
    witness: str
    line: str
    timestamp: int


def submit(post: Post, witness: WitnessAt, checkpoint: Checkpoint, prove: Prove, known: int) -> Cosignature:
    """Get a checkpoint cosigned; `known` is the size that the witness cosigned last, as far as we know.

    Raises EvidenceBroken if the witness has seen a longer log or another history, EnvironmentFault if it does not
    answer as a witness of this log.
    """
    old = min(known, checkpoint.size)
    for _ in range(ROUNDS):
        status, text = post(f"{witness.url.rstrip('/')}/add-checkpoint", _request(checkpoint, old, prove(old)))
        if status == OK:
            return _read(witness, checkpoint, text)
        if status == UNPROVEN:
            raise EvidenceBroken(
                f"witness `{witness.name}` refuses the growth from {old} to {checkpoint.size}: history was rewritten"
            )
        if status != CONFLICT:
            raise EnvironmentFault(f"witness `{witness.name}` {_why(status)}")
        size = _size(witness, text)
        if size > checkpoint.size:
            raise EvidenceBroken(
                f"the log ends at {checkpoint.size}, and witness `{witness.name}` has cosigned {size}:"
                " an older log was restored. Nothing is sequenced; put back the newest copy of the database"
            )
        if size == old:
            raise EvidenceBroken(
                f"witness `{witness.name}` has cosigned another root for {size}: history was rewritten"
            )
        old = size
    raise EnvironmentFault(f"witness `{witness.name}` answers differently each time; try again later")


def _request(checkpoint: Checkpoint, old: int, proof: Sequence[bytes]) -> bytes:
    lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof)]
    return ("\n".join(lines) + "\n\n" + checkpoint.note).encode()


def _read(witness: WitnessAt, checkpoint: Checkpoint, text: str) -> Cosignature:
    """Find the line of the witness's key; lines of others are passed over, as the standard says."""
    for line in text.split("\n"):
        if line:
            try:
                timestamp = cosigned_at(f"{checkpoint.note}{line}\n", witness.key)
            except BrokenNote:
                continue
            return Cosignature(checkpoint.size, witness.name, f"{line}\n", timestamp)
    raise EnvironmentFault(f"witness `{witness.name}` answers without a cosignature of the key that we know it by")


def _size(witness: WitnessAt, text: str) -> int:
    digits = text.removesuffix("\n")
    if not (digits.isascii() and digits.isdecimal() and str(int(digits)) == digits):
        raise EnvironmentFault(f"witness `{witness.name}` does not say which size it has seen")
    return int(digits)


def _why(status: int) -> str:
    if status == NOT_FOUND:
        return "does not watch this log; it must be told its key (`wye keys status`)"
    if status == FORBIDDEN:
        return "knows this log by another key"
    return f"answers {status}"
