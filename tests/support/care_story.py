"""Follow people of the care system who flow to the hospital: change them there, walk the road, ask what is held."""

from uuid import UUID

import psycopg
from journey import settle, share_all
from psycopg import sql

from wye.audit.event import Event
from wye.audit.search import search
from wye.demo.stage import Stage
from wye.exchange.pseudonym import pseudonym
from wye.ports import record_id
from wye.road.hub import Hub
from wye.road.ingest import ingest
from wye.vocabulary import EventKind

AGREEMENT, PARTNER = "adult-care-acute", "arrowshire-hospitals"

FLOWING = """
SELECT (p.body->>'case_number')::bigint, p.person FROM exchange.recipient_state s
JOIN identity.person_row p ON p.person = s.person AND p.entity = 'person' AND p.source = 'frameworki'
WHERE s.agreement = %s
AND (SELECT count(*) FROM identity.person_row o WHERE o.person = s.person AND o.entity = 'person' AND o.source = 'frameworki') = 1
AND EXISTS (SELECT FROM identity.person_row a WHERE a.person = s.person AND a.entity = 'address' AND a.source = 'frameworki')
AND NOT EXISTS (SELECT FROM intake.quarantine q WHERE q.record = p.record AND q.cleared_at IS NULL)
AND NOT EXISTS (SELECT FROM identity.person_row f WHERE f.person = p.person AND f.entity = 'flag')
ORDER BY 1
"""


class Story:
    """Follow people of the care system who flow to the hospital."""

    def __init__(self, stage: Stage, hub: Hub) -> None:
        self.stage, self.hub = stage, hub
        self.people = iter(hub.conn.execute(FLOWING, (AGREEMENT,)).fetchall())

    def somebody(self) -> tuple[int, UUID]:
        key, person = next(self.people)
        return int(str(key)), UUID(str(person))

    def change(self, key: int, **values: object) -> None:
        """Change a person in the care system."""
        names = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in values)
        with psycopg.connect(self.stage.databases["mosaic"]) as conn:
            conn.execute(
                sql.SQL("UPDATE mosaic.dm_persons SET {}, last_updated = clock_timestamp() AT TIME ZONE 'UTC' WHERE person_id = %s").format(names),
                [*values.values(), key],
            )  # fmt: skip

    def walk(self) -> None:
        """Read the care system and do all that follows."""
        ingest(self.hub, "frameworki")
        share_all(self.hub)
        settle(self.stage, self.hub)

    def flows(self, person: UUID) -> str:
        """Give what the hospital holds of a person whom it holds."""
        held = self.held(person)
        assert held is not None
        return held

    def held(self, person: UUID) -> str | None:
        """Give what the hospital itself holds of a person."""
        subject = pseudonym(person, self.hub.keys.mac_key(f"pseudonym/{PARTNER}"))
        with psycopg.connect(self.stage.databases[PARTNER]) as conn:
            found = conn.execute(
                "SELECT body FROM partner.held WHERE agreement = %s AND subject = %s", (AGREEMENT, subject)
            ).fetchone()
        return None if found is None else str(found[0])

    def sent(self, person: UUID) -> list[tuple[str, str]]:
        found = self.hub.conn.execute(
            "SELECT kind, state FROM exchange.outbox WHERE agreement = %s AND person = %s ORDER BY id",
            (AGREEMENT, person),
        )
        return [(str(kind), str(state)) for kind, state in found]

    def events(self, person: UUID) -> list[tuple[UUID, Event]]:
        """Read the trail about the person under the agreement, with each entry's id."""
        entries = search(
            self.hub.conn, self.hub.keys, person=person, agreement=AGREEMENT,
            searcher="auditor", purpose="test", at=self.hub.at(),
        )  # fmt: skip
        return [(entry.id, entry.event) for entry in entries if entry.event is not None]

    def waits(self, person: UUID) -> int:
        """Count the entries that say that the person waits under the agreement."""
        return sum(event.kind is EventKind.REFUSAL and event.outcome == "wait" for _, event in self.events(person))

    def entry(self, key: int) -> UUID:
        found = self.hub.conn.execute(
            "SELECT id FROM intake.quarantine WHERE record = %s AND cleared_at IS NULL ORDER BY id",
            (record_id("frameworki", "persons", str(key)),),
        ).fetchone()
        assert found is not None
        return UUID(str(found[0]))
