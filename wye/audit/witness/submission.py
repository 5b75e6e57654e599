"""Decide about one submitted checkpoint (C2SP tlog-witness, add-checkpoint): no network here, and no clock."""

import re
from dataclasses import dataclass
from hmac import compare_digest

from ..verifier.note import BrokenNote, Note, open_note, split_note
from ..verifier.proof import BrokenProof, check_consistency, read_hash
from .cosigner import Cosigner
from .memory import Memory, Seen

OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
MOST_PROOF_LINES = 63
TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an HTTP answer."""

    status: int
    body: str
    media_type: str = TEXT


@dataclass(frozen=True, slots=True)
class _Request:
    old: int
    proof: list[bytes]
    text: str


class _Refused(Exception):
    def __init__(self, status: int, why: str, media_type: str = TEXT) -> None:
        super().__init__(why)
        self.answer = Answer(status, why + "\n", media_type)


class Witness:
    """Cosign what grew from what was seen, and nothing else."""

    def __init__(self, cosigner: Cosigner, memory: Memory) -> None:
        self._cosigner = cosigner
        self._memory = memory

    def add_checkpoint(self, request: bytes, timestamp: int) -> Answer:
        """Answer a submission made at a time in Unix seconds: 200 with the cosignature, or a refusal.

        400 malformed, 403 not signed by the log, 404 a log that is not watched, 409 not where this witness left off
        (with the size where it did) or another root for the same size, 422 a proof that does not prove.
        """
        try:
            asked = _read(request)
            with self._memory.held():
                return self._decide(asked, timestamp)
        except _Refused as refused:
            return refused.answer

    def _decide(self, asked: _Request, timestamp: int) -> Answer:
        origin = asked.text.partition("\n")[0]
        seen = self._memory.recall(origin)
        if seen is None:
            raise _Refused(404, "this log is not watched here")
        try:
            note = open_note(asked.text, seen.verifier_key)
        except BrokenNote as error:
            raise _Refused(403, str(error)) from None
        if asked.old > note.size:
            raise _Refused(400, "the old size is larger than the checkpoint's")
        last = seen.last
        size = last.size if last else 0
        if asked.old != size:
            raise _Refused(409, str(size), SIZE)
        signed, _ = split_note(asked.text)
        try:
            _check_growth(last, note, asked.proof)
        except _Refused:
            self._memory.keep_evidence(signed, asked.text)
            raise
        line = self._cosigner.cosign(signed, timestamp)
        self._memory.remember(origin, Seen(seen.verifier_key, asked.text))
        return Answer(200, line)


def _check_growth(last: Note | None, note: Note, proof: list[bytes]) -> None:
    if last is None or last.size == 0:
        if proof:
            raise _Refused(422, "from no entries nothing is proven: the proof must be empty")
        return
    if last.size == note.size:
        if not compare_digest(last.root, note.root):
            raise _Refused(409, str(last.size), SIZE)
        if proof:
            raise _Refused(422, "for the same size the proof must be empty")
        return
    try:
        check_consistency(last.size, note.size, proof, last.root, note.root)
    except BrokenProof as error:
        raise _Refused(422, str(error)) from None


def _read(request: bytes) -> _Request:
    try:
        text = request.decode()
    except UnicodeDecodeError:
        raise _Refused(400, "the request is not UTF-8") from None
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    match = OLD.fullmatch(lines[0])
    if not blank or match is None:
        raise _Refused(400, "a request has an old size, a proof, a blank line and a checkpoint")
    if len(lines) - 1 > MOST_PROOF_LINES:
        raise _Refused(400, f"a proof has at most {MOST_PROOF_LINES} lines")
    try:
        return _Request(int(match[1]), [read_hash(line) for line in lines[1:]], note)
    except BrokenProof as error:
        raise _Refused(400, str(error)) from None
