CREATE SCHEMA exchange;

CREATE TABLE exchange.outbox (
    id uuid PRIMARY KEY,                 -- UUIDv7: the CloudEvents id
    agreement text NOT NULL,
    version text NOT NULL,
    partner text NOT NULL,
    person uuid NOT NULL,
    subject text NOT NULL,               -- the person's pseudonym for this partner
    kind text NOT NULL CHECK (kind IN ('put', 'withdraw', 'correct', 'merge', 'split', 'void')),
    sealed bytea NOT NULL,               -- the shaped body, under the key of value `id`, held by `person`
    body_hash bytea NOT NULL,            -- SHA-256 of the shaped body
    fingerprint bytea NOT NULL,          -- SHA-256 of the decision: what is compared when the relay decides again
    audit_id uuid NOT NULL REFERENCES audit.entry,
    state text NOT NULL CHECK (state IN ('waiting', 'numbered', 'published', 'delivered', 'rejected', 'superseded')),
    reason text,
    sequence bigint,                     -- per (partner, subject), given by the relay
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    settled_at timestamptz,
    superseded_by uuid REFERENCES exchange.outbox,
    UNIQUE (partner, subject, sequence)
);
CREATE INDEX outbox_waiting ON exchange.outbox (agreement, created_at, id) WHERE state IN ('waiting', 'numbered');
CREATE INDEX outbox_person ON exchange.outbox (person);

CREATE TABLE exchange.subject_sequence (
    partner text NOT NULL,
    subject text NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (partner, subject)
);

-- What each recipient holds now, as far as we know.
CREATE TABLE exchange.recipient_state (
    agreement text NOT NULL,
    partner text NOT NULL,
    person uuid NOT NULL,
    fingerprint bytea NOT NULL,
    outbox uuid NOT NULL REFERENCES exchange.outbox,
    since timestamptz NOT NULL,
    PRIMARY KEY (agreement, partner, person)
);

CREATE TABLE exchange.session_key (
    kid text PRIMARY KEY,
    agreement text NOT NULL,
    partner text NOT NULL,
    sealed bytea NOT NULL,               -- the 32-byte key, under a key of value/holder `value`
    value uuid NOT NULL,
    created_at timestamptz NOT NULL,
    announced_at timestamptz,
    retired_at timestamptz,
    messages bigint NOT NULL DEFAULT 0   -- counted before they are sealed: random nonces bound how many a key may seal
);

-- Messages that partners sent, by the sender's id: each is landed once.
CREATE TABLE exchange.inbound (
    partner text NOT NULL,
    id uuid NOT NULL,
    agreement text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('landed', 'refused')),
    reason text,
    batch uuid REFERENCES intake.batch,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (partner, id)
);

CREATE TABLE exchange.receipt (
    outbox uuid PRIMARY KEY REFERENCES exchange.outbox,
    partner text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('applied', 'refused', 'kept-under-own-duty')),
    jws text NOT NULL,
    received_at timestamptz NOT NULL
);

-- What Wye writes to council systems because a partner or a decision said so: each item once, in the batch and with the
-- content that were reserved for it before it was written.
CREATE TABLE exchange.handed_on (
    system text NOT NULL,
    stream text NOT NULL,
    item uuid NOT NULL,
    batch text NOT NULL,
    sealed bytea NOT NULL,               -- the item as it is written, under the key of value and holder `item`
    at timestamptz NOT NULL,
    written_at timestamptz,
    PRIMARY KEY (system, stream, item)
);
CREATE INDEX handed_on_unwritten ON exchange.handed_on (system, stream, batch) WHERE written_at IS NULL;
