"""Ask the national check of opt-outs for an extract, and take its answer: files that travel over MESH (England only).

What is kept of a check: who asked, when, how many, and the digests of both files. The numbers asked about go when they are
answered, those without an opt-out when the answer is too old; that somebody opted out is written down nowhere.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import orjson

from wye.agreements.days import day_of, start_of
from wye.agreements.in_force import InForce
from wye.audit.append import append
from wye.audit.event import Event
from wye.consent import opt_out_rows as rows
from wye.consent.opt_out import RECIPIENT, Question, file_name, read, write
from wye.consent.opt_out_rows import Check
from wye.errors import BadInput, UsageError
from wye.exchange.outbox import bring_forward
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal
from wye.road.hub import Hub
from wye.road.opt_out_answer import window
from wye.road.opt_out_whom import whom
from wye.road.rows import mark_scope_due
from wye.road.share import in_force
from wye.sharing.subjects import considered_persons
from wye.store.ids import uuid7
from wye.vocabulary import EventKind

FIELD = "person.nhs_number"
ASKED, ANSWERED = "opt-out-question", "opt-out-answer"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Tell of how many checks the numbers were destroyed."""

    checks: int


def ask(hub: Hub, agreement: str, folder: Path, say: Callable[[str], None]) -> Check:
    """Write the question of an extract: whoever would leave if they have no opt-out, and nobody else.

    Each person asked about has an entry: their number goes to the NHS. Raises AgreementRefused if it is not in force, UsageError
    if the opt-out does not apply, if no mailbox is set, if there is nobody to ask about, or if the file cannot be written.
    """
    standing = in_force(hub, agreement)
    if not standing.agreement.national_data_opt_out.applies:
        raise UsageError(
            f"the national data opt-out does not apply to `{agreement}`, and nobody is asked about under it"
        )
    if hub.settings.opt_out_mailbox is None:
        raise UsageError("the file is named by our MESH mailbox, and none is set: `WYE_OPT_OUT_MAILBOX`")
    at = hub.at()
    with ExitStack() as file, hub.conn.transaction():
        hub.conn.execute(rows.ONE_AT_A_TIME)
        asked, people = whom(hub, standing, at, say)
        if not asked.numbers:
            raise UsageError(f"nobody with an NHS number would leave under `{agreement}`: there is nobody to ask about")
        month = start_of(day_of(at).replace(day=1))
        name = file_name(hub.settings.opt_out_mailbox, day_of(at), 1 + rows.asked_in_month(hub.conn, month))
        content = write(asked)
        number = uuid7()
        sealed = seal(hub.keys, number, rows.HOLDER, orjson.dumps(asked.numbers))
        insert_wraps(hub.conn, [sealed])
        made = Check(
            id=number, agreement=agreement, version=standing.agreement.version, file_name=name, asked_by=hub.actor,
            asked_at=at, people=len(people), numbers=len(asked.numbers), question_sha256=hashlib.sha256(content).digest(),
            question=sealed.ciphertext,
        )  # fmt: skip
        rows.insert(hub.conn, made)
        append(hub.conn, hub.keys, list(_asked(hub, standing, people, made)), at)
        file.enter_context(_laid(folder, name, content))
    return made


def receive(hub: Hub, path: Path, *, everybody: bool = False) -> Check:
    """Take the answer to a question, known by the name of its file; everybody in scope is then decided again.

    `everybody`: that the answer is the question letter by letter is no slip, nobody opted out. Raises UsageError or BadInput, and
    takes nothing, if it answers no question, is too old, is not in the service's form or names a number not asked about.
    """
    at = hub.at()
    try:
        content = path.read_bytes()
    except OSError:
        raise UsageError(f"`{path}` cannot be read") from None
    with hub.conn.transaction():
        hub.conn.execute(rows.ONE_AT_A_TIME)
        check = rows.named(hub.conn, path.name)
        if check is None:
            raise UsageError(f"`{path.name}` answers no question of ours: an answer has its question's name")
        standing = in_force(hub, check.agreement)
        _answerable(hub, check, standing, at)
        if hashlib.sha256(content).digest() == check.question_sha256 and not everybody:
            raise UsageError(
                f"`{path}` is the question itself. If it did come back like that, because nobody in it opted out, say `--everybody`"
            )
        cleared = read(content, _question(hub, check))
        number = uuid7()
        sealed = seal(hub.keys, number, rows.HOLDER, orjson.dumps(sorted(cleared)))
        insert_wraps(hub.conn, [sealed])
        done = replace(
            check, question=None, answer_id=number, answered_by=hub.actor, answered_at=at, cleared=len(cleared),
            answer_sha256=hashlib.sha256(content).digest(), answer=sealed.ciphertext,
        )  # fmt: skip
        rows.answered(hub.conn, done)
        rows.destroy(hub.conn, until=at - window(hub), answered=check)
        append(hub.conn, hub.keys, [_answered(hub, done)], at)
        if standing.agreement.feeds:
            persons = considered_persons(hub.conn, standing.agreement, at)
            mark_scope_due(hub.conn, check.agreement, persons, at)
            bring_forward(hub.conn, check.agreement, persons)
    return done


def checks(hub: Hub, agreement: str | None = None) -> list[Check]:
    """List what was asked and answered, the newest first: counts and digests, nobody's number."""
    return [replace(each, question=None, answer=None) for each in rows.listed(hub.conn, agreement)]


def forget_opt_outs(hub: Hub) -> Forgotten:
    """Destroy the numbers of every check that is too old to be used."""
    with hub.conn.transaction():
        return Forgotten(rows.destroy(hub.conn, until=hub.at() - window(hub)))


def _asked(hub: Hub, standing: InForce, people: list[tuple[UUID, str]], made: Check) -> Iterator[Event]:
    for person, number in people:
        yield Event(
            kind=EventKind.DISCLOSURE, at=made.asked_at, actor=hub.actor, person=person, nhs_number=number,
            agreement=made.agreement, version=made.version, recipient=RECIPIENT, outcome=ASKED,
            purpose=standing.agreement.purpose.code.value, fields=(FIELD,), detail={"opt_out_check": str(made.id)},
        )  # fmt: skip


def _answered(hub: Hub, done: Check) -> Event:
    counts = {
        "people asked about": done.people,
        "numbers asked about": done.numbers,
        "numbers named": done.cleared or 0,
    }
    digests = {"question_sha256": done.question_sha256.hex(), "answer_sha256": (done.answer_sha256 or b"").hex()}
    return Event(
        kind=EventKind.COLLECTION, at=done.answered_at or done.asked_at, actor=hub.actor, agreement=done.agreement,
        version=done.version, outcome=ANSWERED, counts=counts, detail={"opt_out_check": str(done.id), **digests},
    )  # fmt: skip


def _answerable(hub: Hub, check: Check, standing: InForce, at: datetime) -> None:
    """Refuse an answer that may not be used any more; raises UsageError."""
    if check.answer_id is not None:
        raise UsageError(f"`{check.file_name}` was answered before, and taken in by `{check.answered_by}`")
    if check.asked_at + window(hub) <= at:
        raise UsageError(
            f"`{check.file_name}` was asked more than {hub.settings.opt_out_days} days ago, and its answer may not be used:"
            f" `wye consent opt-out ask {check.agreement}`"
        )
    if check.version != standing.agreement.version:
        raise UsageError(
            f"`{check.file_name}` was asked under version {check.version}, and {standing.agreement.version} is in force:"
            f" `wye consent opt-out ask {check.agreement}`"
        )


def _question(hub: Hub, check: Check) -> Question:
    if check.question is None:
        newer = rows.newest(hub.conn, check.agreement, check.version)
        if newer is not None and newer.asked_at >= check.asked_at:
            raise UsageError(f"a newer question, `{newer.file_name}`, was answered: this one is used no more")
        raise UsageError(f"what was asked by `{check.file_name}` was destroyed as too old: ask again")
    held = unseal_values(hub.conn, hub.keys, {check.id: check.question})
    if check.id not in held:
        raise BadInput(f"what was asked by `{check.file_name}` cannot be opened any more: ask again")
    return Question(tuple(orjson.loads(held[check.id])))


@contextmanager
def _laid(folder: Path, name: str, content: bytes) -> Iterator[None]:
    """Write the file for its owner only; it has its name once the entries are committed, and is gone if they are not.

    Raises UsageError.
    """
    partial = folder / f"{name}.new"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (folder / name).exists():
            raise UsageError(f"`{folder / name}` is there already: a question is never written over")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise UsageError(f"`{folder}` cannot be written to: {error.strerror}") from None
    try:
        yield
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(folder / name)
