"""Send recalls under agreements that are not in force: when one ends, what went under it must still be asked back.

Nothing else leaves: a recall carries a pseudonym, a ground and a date. Only a text whose signatures hold says to whom:
the one in its folder, or one that this hub enforced and kept, verified again, if the folder is gone or holds another.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from wye.agreements.in_force import InForce, Loaded, Refused, load_all
from wye.agreements.loading import decode, read
from wye.agreements.rows import is_kept
from wye.audit.backlog import require_sequenced
from wye.audit.outside import KeptCheckpoints
from wye.errors import AgreementRefused, WyeError
from wye.exchange.broker import open_channel
from wye.exchange.outbox import OutboxRow
from wye.exchange.publisher import Publisher
from wye.exchange.relay import Payload, Verdict
from wye.exchange.relay import relay as relay_batch
from wye.keys.rows import unseal_values
from wye.road import rows as road_rows
from wye.road.agreement_life import kept
from wye.road.faults import noting, raise_all
from wye.road.hub import Hub
from wye.road.recall import rows
from wye.road.relay import RECALL_MEDIA, feed_of
from wye.vocabulary import MessageKind

LATER = timedelta(hours=1)


def send_stranded(hub: Hub) -> int:
    """Send the recalls that no relay of an agreement in force would, and count them.

    Raises, when all others are sent, AgreementRefused for those of which no text is left that says to whom they go: somebody
    has to tell the recipient. And BrokerUnavailable, UsageError.
    """
    relayed = {name for name, one in hub.agreements.items() if is_kept(hub.conn, one.digest)}
    sent, faults = 0, list[WyeError]()
    for agreement, recipient in sorted(rows.stranded(hub.conn)):
        if agreement not in relayed:
            with noting(faults):
                sent += _send_to(hub, text_of(hub, agreement, recipient))
    raise_all(faults)
    return sent


def text_of(hub: Hub, agreement: str, recipient: str) -> InForce:
    """Find the text that says that an agreement's recalls go to a recipient: in its folder, else the newest kept one.

    Raises AgreementRefused, with what is wrong with each, if the signatures of none hold.
    """
    wrong = []
    for one in _texts(hub, agreement):
        if isinstance(one, Refused):
            wrong.append(one.why)
        elif one.agreement.feeds and one.agreement.recipient == recipient:
            return InForce(one.agreement, one.digest, one.folder, one.cases.value)
        else:
            wrong.append(f"version {one.agreement.version} feeds another recipient")
    raise AgreementRefused(
        f"recalls under `{agreement}` cannot go to `{recipient}` by the feed: {'; '.join(wrong) or 'no text of it was kept'};"
        " tell them by hand and write it down: `wye feeds recall list`, `answer`"
    )


def _texts(hub: Hub, agreement: str) -> Iterator[Loaded | Refused]:
    settings = hub.settings
    root, examples = settings.agreements_root, settings.allow_example_signers
    for found in load_all(settings.agreements, root=root, allow_examples=examples):
        if (found.agreement.id if isinstance(found, Loaded) else found.id) == agreement:
            yield found
    if root is None and examples:  # in a demo the root stands beside the agreements
        root = decode(read(settings.agreements / "root.pub"), "root.pub")
    for one in reversed(kept(hub, agreement)):
        try:
            yield one.verified(root, allow_examples=examples)
        except AgreementRefused as error:
            yield Refused(agreement, f"version {one.version} as it was kept: {error}")


def _send_to(hub: Hub, text: InForce) -> int:
    with open_channel(hub.amqp_url):
        pass
    with Publisher(hub.amqp_url, window=hub.settings.window) as publisher:
        return _send(hub, text, publisher)


def _send(hub: Hub, text: InForce, publisher: Publisher) -> int:
    def recalls_alone(waiting: Sequence[OutboxRow]) -> Sequence[Verdict]:
        until = hub.at() + LATER
        return [Verdict.send() if row.kind == MessageKind.RECALL else Verdict.wait(until) for row in waiting]

    def payloads(going: Sequence[OutboxRow]) -> Sequence[Payload | None]:
        """Open recalls; a number given to anything else before the agreement ended is closed."""
        recalls = {row.id: row.sealed for row in going if row.kind == MessageKind.RECALL}
        bodies = unseal_values(hub.conn, hub.keys, recalls)
        leaves = road_rows.leaves_of(hub.conn, [row.audit_id for row in going])
        return [
            Payload(leaves[row.audit_id], RECALL_MEDIA, bodies[row.id]) if row.id in bodies else None for row in going
        ]

    sent = 0
    while True:
        require_sequenced(hub.conn, hub.at())
        step = relay_batch(
            hub.conn,
            publisher,
            feed_of(hub, text),
            redecide=recalls_alone,
            open_payload=payloads,
            at=hub.at(),
            batch=hub.settings.batch_rows,
            checkpoint=KeptCheckpoints(hub.settings.keys).newest(),
        )
        if step.taken == 0:
            return sent
        sent += step.published
