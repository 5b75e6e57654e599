"""Relay one agreement's outbox to its partner: decide again, number, publish. Step 11 of the way of a record."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wye.agreements.in_force import InForce
from wye.audit.backlog import require_sequenced
from wye.audit.outside import KeptCheckpoints
from wye.batch import in_hand
from wye.exchange.broker import open_channel
from wye.exchange.outbox import OutboxRow
from wye.exchange.publisher import Publisher
from wye.exchange.relay import Payload, Say, Verdict
from wye.exchange.relay import relay as relay_batch
from wye.exchange.session import Feed, Publishes
from wye.keys.rows import insert_wraps, unseal_values
from wye.keys.sealing import seal
from wye.road import rows
from wye.road.commit import commit
from wye.road.decide import Decider
from wye.road.hub import Hub
from wye.road.recall.rows import recalled
from wye.road.shape import shaper
from wye.road.share import in_force
from wye.road.unsent import note_unsent
from wye.road.waiting import AGAIN, settle_waits
from wye.vocabulary import MessageKind, Outcome

RECALL_MEDIA = "application/vnd.wye.recall+json"


def media_type_of(row: OutboxRow, shaped: str) -> str:
    """Say what a row's body is: a recall is ours, everything else is in the agreement's format."""
    return RECALL_MEDIA if row.kind == MessageKind.RECALL else shaped


@dataclass(slots=True)
class Relayed:
    """Tell what one run sent."""

    published: int = 0
    rejected: int = 0
    superseded: int = 0
    put_back: int = 0


def relay(hub: Hub, agreement: str, publisher: Publishes | None = None) -> Relayed:
    """Drain an agreement's outbox; raises BrokerUnavailable, after noting what the broker did take.

    Raises EvidenceBroken, and sends no further batch, while the audit trail has long not been sequenced.
    """
    standing = in_force(hub, agreement)
    if not standing.agreement.feeds:
        return Relayed()  # nothing goes by feed
    if publisher is not None:
        return _drain(hub, standing, publisher)
    with open_channel(hub.amqp_url):  # is it there? the publisher's patience is for one that goes away in the middle
        pass
    with Publisher(hub.amqp_url, window=hub.settings.window) as own:
        return _drain(hub, standing, own)


def _drain(hub: Hub, standing: InForce, publisher: Publishes) -> Relayed:
    decider = Decider(hub, standing)
    shapes = shaper(hub, decider.agreement)
    feed = feed_of(hub, standing)
    kept = KeptCheckpoints(hub.settings.keys)
    done = Relayed()

    def redecide(waiting: Sequence[OutboxRow]) -> Sequence[Verdict]:
        """Ask again what was asked when the row was made: a consent may have been withdrawn since.

        A recall gives nothing away and goes whatever would be decided. While one is open nothing else of its person goes.
        """
        verdicts = beside_recalls(hub, decider.agreement.id, waiting)
        verdicts |= decided_anew([row for row in waiting if row.id not in verdicts])
        return [verdicts[row.id] for row in waiting]

    def decided_anew(waiting: Sequence[OutboxRow]) -> dict[UUID, Verdict]:
        at = hub.at()
        decided = {each.person: each for each in decider.decide([row.person for row in waiting], at)}
        changed = []
        verdicts: dict[UUID, Verdict] = {}
        last = {row.person: row for row in waiting}
        settle_waits(hub, decider, list(decided.values()), at)
        for row in waiting:
            if decided[row.person].decision.waits:
                verdicts[row.id] = Verdict.wait(at + AGAIN)
                continue
            if last[row.person] is not row:
                # Two changes waited at once: the newer one says all that is left to say.
                verdicts[row.id] = Verdict.supersede(last[row.person].id)
                continue
            now = decided[row.person].decision
            gone = row.kind == MessageKind.WITHDRAW
            if gone == (now.outcome is not Outcome.RELEASE) and (gone or now.fingerprint == row.fingerprint):
                verdicts[row.id] = Verdict.send()
            else:
                changed.append(row)
        # The recipient still holds what it held before these rows: the new ones say put, correct or withdraw to that.
        held = rows.held_before(hub.conn, [row.id for row in changed])
        step = commit(hub, decider, shapes, [decided[row.person] for row in changed], held, at)
        for row in changed:
            newer = step.messages.get(row.person)
            reason = f"withheld when decided again: {decided[row.person].decision.clause}"
            verdicts[row.id] = Verdict.supersede(newer) if newer is not None else Verdict.reject(reason)
        ended = [row for row in waiting if verdicts[row.id].say in {Say.REJECT, Say.SUPERSEDE}]
        note_unsent(hub, decider, [(row, decided[row.person], verdicts[row.id].by) for row in ended], at)
        return verdicts

    while True:
        require_sequenced(hub.conn, hub.at())
        with in_hand():
            step = relay_batch(
                hub.conn,
                publisher,
                feed,
                redecide=redecide,
                open_payload=lambda going: open_payloads(hub, shapes.media_type, going),
                at=hub.at(),
                batch=hub.settings.batch_rows,
                checkpoint=kept.newest(),
            )
        if step.taken == 0:
            return done
        done.published += step.published
        done.rejected += step.rejected
        done.superseded += step.superseded
        done.put_back += step.put_back


def beside_recalls(hub: Hub, agreement: str, waiting: Sequence[OutboxRow]) -> dict[UUID, Verdict]:
    """Let recalls go, and nothing else of their people while one is open; gives no verdict on any other row."""
    until = hub.at() + AGAIN
    open_of = recalled(hub.conn, agreement, [row.person for row in waiting])
    return {
        row.id: Verdict.send() if row.kind == MessageKind.RECALL else Verdict.wait(until)
        for row in waiting
        if row.kind == MessageKind.RECALL or row.person in open_of
    }


def open_payloads(hub: Hub, shaped: str, going: Sequence[OutboxRow]) -> Sequence[Payload | None]:
    """Open the sealed bodies; one whose key was destroyed is gone. `shaped`: the media type of the agreement's format."""
    bodies = unseal_values(hub.conn, hub.keys, {row.id: row.sealed for row in going})
    leaves = rows.leaves_of(hub.conn, [row.audit_id for row in going])
    return [
        Payload(leaves[row.audit_id], media_type_of(row, shaped), bodies[row.id]) if row.id in bodies else None
        for row in going
    ]


def feed_of(hub: Hub, standing: InForce) -> Feed:
    """Give the fixed parts of an agreement's feed; its session keys rest sealed under the hub's keys."""

    def seal_key(value: UUID, holder: UUID, plain: bytes) -> bytes:
        sealed = seal(hub.keys, value, holder, plain)
        insert_wraps(hub.conn, [sealed])
        return sealed.ciphertext

    def unseal_key(value: UUID, ciphertext: bytes) -> bytes:
        return unseal_values(hub.conn, hub.keys, {value: ciphertext})[value]

    agreement = standing.agreement
    return Feed(
        agreement=agreement.id,
        partner=hub.partner(agreement.recipient),
        hub=hub.party,
        seal=seal_key,
        unseal=unseal_key,
        sign_each=agreement.sign_each_message,
    )
