"""Send recalls under agreements that are not in force: when one ends, what went under it must still be asked back.

Nothing else leaves: a recall carries a pseudonym, a ground and a date. Only a text whose signatures hold says to whom.
"""

from collections.abc import Sequence
from datetime import timedelta

from wye.agreements.in_force import InForce, Loaded, load_all
from wye.audit.backlog import require_sequenced
from wye.audit.outside import KeptCheckpoints
from wye.exchange.broker import open_channel
from wye.exchange.outbox import OutboxRow
from wye.exchange.publisher import Publisher
from wye.exchange.relay import Payload, Verdict
from wye.exchange.relay import relay as relay_batch
from wye.keys.rows import unseal_values
from wye.road import rows as road_rows
from wye.road.hub import Hub
from wye.road.recall import rows
from wye.road.relay import RECALL_MEDIA, feed_of
from wye.vocabulary import MessageKind

LATER = timedelta(hours=1)


def send_stranded(hub: Hub) -> int:
    """Send the recalls that no relay of an agreement in force would, and count them; raises BrokerUnavailable."""
    names = rows.stranded(hub.conn) - set(hub.agreements)
    if not names:
        return 0
    found = load_all(
        hub.settings.agreements, root=hub.settings.agreements_root, allow_examples=hub.settings.allow_example_signers
    )
    texts = [one for one in found if isinstance(one, Loaded) and one.agreement.id in names and one.agreement.feeds]
    sent = 0
    for one in texts:
        with open_channel(hub.amqp_url):
            pass
        with Publisher(hub.amqp_url, window=hub.settings.window) as publisher:
            sent += _send(hub, InForce(one.agreement, one.digest, one.folder, one.cases.value), publisher)
    return sent


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
