"""Sum up what happened, from the databases themselves: the hub's, and each partner's own."""

from collections.abc import Mapping, Sequence
from typing import LiteralString, cast
from uuid import UUID

import psycopg

from wye.audit.search import search
from wye.audit.verify import verify
from wye.demo.scoring import score_people
from wye.demo.stage import Stage
from wye.road.hub import Hub
from wye.road.waiting import OUTCOME
from wye.sharing.subjects import considered_persons
from wye.store.database import connect
from wye.vocabulary import EventKind

Json = dict[str, object]

FOLLOWED = """
SELECT o.person, o.id, o.agreement, o.partner, o.subject, o.audit_id, o.sequence, r.outcome, i.index
FROM exchange.outbox o
JOIN exchange.receipt r ON r.outbox = o.id
JOIN audit.index i ON i.entry = o.audit_id
WHERE o.state = 'delivered' AND o.agreement = 'adult-care-acute' AND o.kind IN ('put', 'correct')
ORDER BY (SELECT count(DISTINCT p.source) FROM identity.person_row p WHERE p.person = o.person) DESC, o.id LIMIT 1
"""


def summarise(stage: Stage, hub: Hub, runs: Mapping[str, Sequence[Mapping[str, str]]]) -> Json:
    """Give the whole summary; every number is counted now, none is carried along."""
    scored = score_people(hub, stage)
    with connect(stage.settings.auditor_database_url or stage.databases["hub"]) as trail:
        verified = verify(trail, hub.keys)
    return {
        "sources": {name: _source(hub, name) for name in hub.source_names},
        "quarantine": _pairs(
            hub, "SELECT rule, count(*) FROM intake.quarantine WHERE cleared_at IS NULL GROUP BY rule"
        ),
        "people": {
            "indexed": _number(
                hub, "SELECT count(DISTINCT person) FROM identity.person_link WHERE superseded_at IS NULL"
            ),
            "doubtful": _number(hub, "SELECT count(*) FROM identity.doubt WHERE decided_at IS NULL"),
            "precision": round(scored.precision, 4),
            "recall": round(scored.recall, 4),
        },
        "agreements": {name: _agreement(stage, hub, name) for name in hub.feeds},
        "refused_agreements": dict(hub.refused),
        "audit": {
            "entries": verified.entries,
            "checkpoint": verified.size,
            "verified": verified.ok,
            "first_wrong": verified.first_wrong,
        },
        "followed": _followed(stage, hub),
        "airflow": dict(runs),
    }


def _source(hub: Hub, name: str) -> Json:
    return {
        "read": _number(hub, "SELECT coalesce(sum(rows_read), 0) FROM intake.batch WHERE source = %s", name),
        "quarantined": _number(
            hub, "SELECT count(DISTINCT record) FROM intake.quarantine WHERE source = %s AND cleared_at IS NULL", name
        ),
        "rules": _pairs(
            hub,
            "SELECT rule, count(*) FROM intake.quarantine WHERE source = %s AND cleared_at IS NULL GROUP BY rule",
            name,
        ),
    }


def _agreement(stage: Stage, hub: Hub, name: str) -> Json:
    """Count the unit (agreement, person): considered by SQL from the subject clause, released from the outbox,
    withheld from the audit entries, received from the partner's own database.
    """
    agreement = hub.agreements[name].agreement
    partner = agreement.recipient
    released = _number(
        hub,
        "SELECT count(*) FROM (SELECT DISTINCT ON (person) kind FROM exchange.outbox WHERE agreement = %s"
        " AND state IN ('waiting', 'numbered', 'published', 'delivered') ORDER BY person, created_at DESC, id DESC) AS last"
        " WHERE kind <> 'withdraw'",
        name,
    )
    confirmed = _number(
        hub,
        "SELECT count(*) FROM (SELECT DISTINCT ON (person) kind, state FROM exchange.outbox WHERE agreement = %s"
        " AND state IN ('waiting', 'numbered', 'published', 'delivered') ORDER BY person, created_at DESC, id DESC) AS last"
        " WHERE kind <> 'withdraw' AND state = 'delivered'",
        name,
    )
    newest: dict[UUID, tuple[str, tuple[str, ...]]] = {}
    found = search(hub.conn, hub.keys, agreement=name, searcher=hub.actor, purpose="summary of the demo", at=hub.at())
    for entry in sorted(found, key=lambda each: each.event.at if each.event else hub.at()):
        event = entry.event
        if event is not None and event.outcome == OUTCOME and event.person in newest:
            continue  # who waits keeps what the recipient holds
        if event is not None and event.person is not None and event.kind in {EventKind.DISCLOSURE, EventKind.REFUSAL}:
            newest[event.person] = (event.kind.value, event.reasons)
    # Who is no subject any more (or was merged into another person) is not considered: earlier refusals are history.
    subjects = set(considered_persons(hub.conn, agreement, hub.at()))
    withheld = [
        reasons for person, (kind, reasons) in newest.items() if kind == EventKind.REFUSAL.value and person in subjects
    ]
    reasons: dict[str, int] = {}
    for each in withheld:
        word = each[0] if each else "unknown"
        reasons[word] = reasons.get(word, 0) + 1
    database = stage.databases.get(partner, stage.databases["finance"])
    with psycopg.connect(database) as conn:
        held = conn.execute("SELECT count(*) FROM partner.held WHERE agreement = %s", (name,)).fetchone()
    return {
        "considered": len(subjects),
        "released": released,
        "withheld": len(withheld),
        "withheld_by_reason": dict(sorted(reasons.items())),
        "confirmed": confirmed,
        "received": int(held[0]) if held else 0,
    }


def _followed(stage: Stage, hub: Hub) -> Json | None:
    """Follow one person from source rows to receipt, by ids and names of fields: no value of theirs is shown."""
    found = hub.conn.execute(FOLLOWED).fetchone()
    if found is None:
        return None
    person, message, agreement, partner, subject, entry, sequence, outcome, index = found
    rows = hub.conn.execute(
        "SELECT source, stream, record::text, array_agg(DISTINCT entity) FROM identity.person_row WHERE person = %s"
        " GROUP BY source, stream, record ORDER BY source, stream, record",
        (person,),
    ).fetchall()
    golden = hub.conn.execute(
        "SELECT attribute, source, reason FROM identity.golden WHERE person = %s AND superseded_at IS NULL ORDER BY attribute",
        (person,),
    ).fetchall()
    database = stage.databases.get(str(partner), stage.databases["finance"])
    with psycopg.connect(database) as conn:
        kept = conn.execute(
            "SELECT leaf FROM partner.held WHERE agreement = %s AND subject = %s", (agreement, subject)
        ).fetchone()
    return {
        "person": str(person),
        "rows": [
            {"source": source, "stream": stream, "record": record, "became": became}
            for source, stream, record, became in rows
        ],
        "golden": [{"attribute": name, "source": source, "why": why} for name, source, why in golden],
        "agreement": agreement,
        "message": str(message),
        "sequence": sequence,
        "audit_entry": str(entry),
        "audit_index": index,
        "partner": partner,
        "partner_holds_leaf": kept[0] if kept else None,
        "receipt": outcome,
    }


def _number(hub: Hub, query: LiteralString, *words: object) -> int:
    found = hub.conn.execute(query, words).fetchone()
    return int(str(found[0])) if found else 0


def _pairs(hub: Hub, query: LiteralString, *words: object) -> dict[str, int]:
    return {str(name): int(cast("int", count)) for name, count in hub.conn.execute(query, words)}
