CREATE SCHEMA IF NOT EXISTS partner;

-- Every message ever used or refused, by its id: each is applied once. `receipted` once the broker has the receipt.
CREATE TABLE IF NOT EXISTS partner.inbox (
    id uuid PRIMARY KEY,
    agreement text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    body_hash text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('applied', 'refused')),
    refusal text,
    applied_at timestamptz NOT NULL,
    receipted boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS inbox_unreceipted ON partner.inbox (id) WHERE NOT receipted;

-- What we hold of a subject under an agreement now.
CREATE TABLE IF NOT EXISTS partner.held (
    agreement text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    body text NOT NULL,
    media_type text NOT NULL,
    leaf text NOT NULL,
    PRIMARY KEY (agreement, subject)
);

-- Sequence numbers run per subject over all our feeds.
CREATE TABLE IF NOT EXISTS partner.position (
    subject text PRIMARY KEY,
    last bigint NOT NULL
);

-- Messages that came before an earlier one of their subject, as they came: still sealed.
CREATE TABLE IF NOT EXISTS partner.waiting (
    subject text NOT NULL,
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    agreement text NOT NULL,
    headers jsonb NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (subject, sequence)
);

-- The newest checkpoint of a hub's audit log that it brought us: we hold it, and give it back with our receipts.
CREATE TABLE IF NOT EXISTS partner.checkpoint (
    origin text PRIMARY KEY,
    size bigint NOT NULL,
    note text NOT NULL
);

CREATE TABLE IF NOT EXISTS partner.session_key (
    kid text PRIMARY KEY,
    agreement text NOT NULL,
    key bytea NOT NULL,
    received_at timestamptz NOT NULL
);

-- What did not open, by the hash of its bytes; never its content.
CREATE TABLE IF NOT EXISTS partner.unopened (
    raw_hash text PRIMARY KEY,
    agreement text NOT NULL,
    claimed_id text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS partner.outgoing (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY,
    agreement text NOT NULL,
    version text NOT NULL,
    subject text NOT NULL,
    media_type text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz
);
CREATE INDEX IF NOT EXISTS outgoing_unsent ON partner.outgoing (number) WHERE sent_at IS NULL;

-- What the hub called back, by the message that asked: our answer, once there is one.
CREATE TABLE IF NOT EXISTS partner.recall (
    id uuid PRIMARY KEY REFERENCES partner.inbox,
    agreement text NOT NULL,
    subject text NOT NULL,
    ground text NOT NULL,
    answer_by text NOT NULL,
    answer text CHECK (answer IN ('returned', 'deleted', 'kept-under-own-duty', 'cannot')),
    answered_at timestamptz
);
