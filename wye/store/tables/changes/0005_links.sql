-- Let links respect people: the words of humans with their history, second looks, sealed identities, corrections.

-- What a human says or takes back is an event too. `number` is the order of saying; `undoes` is the event taken back.
ALTER TABLE identity.event DROP CONSTRAINT event_kind_check;
ALTER TABLE identity.event ADD CONSTRAINT event_kind_check
    CHECK (kind IN ('merge', 'unmerge', 'same', 'different', 'split', 'undo'));
ALTER TABLE identity.event ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE identity.event ADD COLUMN undoes uuid REFERENCES identity.event;
CREATE UNIQUE INDEX event_undoes ON identity.event (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX event_kept ON identity.event (kept);
CREATE INDEX event_other ON identity.event (other);

-- What an event says of pairs of records. Append-only: a change of mind is a newer word, and the old one stays.
CREATE TABLE identity.word (
    record_a uuid NOT NULL,
    record_b uuid NOT NULL,
    event uuid NOT NULL,
    said text NOT NULL CHECK (said IN ('same', 'different')),
    PRIMARY KEY (record_a, record_b, event),
    CHECK (record_a < record_b)
);
CREATE INDEX word_event ON identity.word (event);
CREATE FUNCTION identity.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'identity.% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END
$$;
CREATE TRIGGER word_is_append_only BEFORE UPDATE OR DELETE ON identity.word EXECUTE FUNCTION identity.refuse();
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON identity.event EXECUTE FUNCTION identity.refuse();

-- Of each pair the newest word that was not taken back.
CREATE VIEW identity.word_in_force AS
SELECT DISTINCT ON (w.record_a, w.record_b) w.record_a, w.record_b, w.said, w.event, e.actor, e.reason, e.at
FROM identity.word w JOIN identity.event e ON e.id = w.event
WHERE NOT EXISTS (SELECT FROM identity.event u WHERE u.undoes = e.id)
ORDER BY w.record_a, w.record_b, e.number DESC;

-- The queue, and beside each pair the word in force. `queued`: linking asked; else the row is here for a word alone.
ALTER TABLE identity.doubt ADD COLUMN pair uuid GENERATED ALWAYS AS (md5(record_a::text || record_b::text)::uuid) STORED;
ALTER TABLE identity.doubt ADD COLUMN queued boolean NOT NULL DEFAULT true;
ALTER TABLE identity.doubt ADD COLUMN event uuid;
ALTER TABLE identity.doubt ADD COLUMN actor text;
ALTER TABLE identity.doubt ADD COLUMN reason text;
CREATE UNIQUE INDEX doubt_pair ON identity.doubt (pair);
CREATE INDEX doubt_waiting ON identity.doubt (weight DESC) WHERE decided_at IS NULL;
CREATE INDEX doubt_b ON identity.doubt (record_b);
CREATE INDEX doubt_same ON identity.doubt (record_a) WHERE decision = 'same';

-- Records of which a word changed: the next run of identify gathers them anew.
CREATE TABLE identity.unsettled (
    record uuid PRIMARY KEY
);

-- Decided pairs that are shown to a second account, who does not see the first answer.
CREATE TABLE identity.second_look (
    record_a uuid NOT NULL,
    record_b uuid NOT NULL,
    first_event uuid NOT NULL,
    first_by text NOT NULL,
    first_said text NOT NULL CHECK (first_said IN ('same', 'different')),
    first_at timestamptz NOT NULL,
    weight double precision NOT NULL,    -- as the first reviewer saw them
    objections text[] NOT NULL,
    second_by text,
    second_said text CHECK (second_said IN ('same', 'different')),
    second_reason text,
    second_at timestamptz,
    state text NOT NULL CHECK (state IN ('waiting', 'agreed', 'disputed', 'settled', 'dropped')),
    settled_by uuid,                     -- the event of the third word
    PRIMARY KEY (record_a, record_b, first_event)
);
CREATE UNIQUE INDEX second_look_open ON identity.second_look (record_a, record_b) WHERE state IN ('waiting', 'disputed');

-- Pairs that an account put aside for later: they come last in that account's queue.
CREATE TABLE identity.review_skip (
    record_a uuid NOT NULL,
    record_b uuid NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (record_a, record_b, actor)
);

-- Records whose former identity is sealed. Kept when the record leaves its source: what was sealed stays sealed.
CREATE TABLE identity.sealing (
    record uuid PRIMARY KEY,
    since timestamptz NOT NULL,
    ended_at timestamptz
);
-- Sealed as identify last saw it, or as the source says since: nothing is told of these by way of another person.
CREATE VIEW identity.sealed_record AS
SELECT record FROM identity.sealing WHERE ended_at IS NULL
UNION ALL
SELECT subject FROM canonical.row
WHERE entity = 'flag' AND superseded_at IS NULL AND body->>'kind' = 'former-identity-sealed';

-- Disclosures made of two as if they were one, kept with the event (none: a sealing) that parted them.
CREATE TABLE identity.mixed_disclosure (
    parting uuid NOT NULL,               -- the event that parted them, or an id of its own
    entry uuid NOT NULL,                 -- its audit entry
    message uuid,
    person uuid NOT NULL,
    agreement text,
    recipient text,
    at timestamptz NOT NULL,
    PRIMARY KEY (parting, entry)
);
CREATE INDEX mixed_disclosure_person ON identity.mixed_disclosure (person);

-- What a recipient has to be told, drafted for a human. `persons`: those to decide again.
CREATE TABLE identity.correction_draft (
    id uuid PRIMARY KEY,
    parting uuid NOT NULL,
    agreement text NOT NULL,
    recipient text NOT NULL,
    persons uuid[] NOT NULL,
    entries uuid[] NOT NULL,
    words text NOT NULL,
    drafted_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'approved')),
    decided_by text,
    reason text,
    decided_at timestamptz
);
CREATE INDEX correction_draft_open ON identity.correction_draft (drafted_at) WHERE state = 'draft';

-- What was decided before words had a history: each to the event that said it.
INSERT INTO identity.word (record_a, record_b, event, said)
SELECT DISTINCT ON (d.record_a, d.record_b) d.record_a, d.record_b, e.id, d.decision
FROM identity.doubt d JOIN identity.event e ON e.at = d.decided_at AND e.actor <> 'wye'
 AND (d.record_a = ANY(e.records) OR d.record_b = ANY(e.records))
WHERE d.decision IS NOT NULL ORDER BY d.record_a, d.record_b, e.id;
UPDATE identity.doubt d SET event = w.event, actor = w.actor, reason = w.reason, queued = d.weight <> 0
FROM identity.word_in_force w WHERE (w.record_a, w.record_b) = (d.record_a, d.record_b);
