-- Let people work quarantine off, and know which protections wait unread.

-- What a steward decided about one version of a record. It never touches another version.
CREATE TABLE intake.quarantine_decision (
    id uuid PRIMARY KEY,
    record uuid NOT NULL,
    value uuid NOT NULL REFERENCES intake.landed,
    decision text NOT NULL CHECK (decision IN ('accept', 'discard', 'ask')),
    rules text[] NOT NULL,               -- that were open, and that `accept` waives for this version
    ended boolean NOT NULL DEFAULT false, -- a discard that ended the last good version too
    reason text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    undone_at timestamptz
);
CREATE INDEX quarantine_decision_value ON intake.quarantine_decision (value);

ALTER TABLE intake.quarantine ADD COLUMN decision uuid REFERENCES intake.quarantine_decision; -- that closed it
CREATE INDEX quarantine_waiting ON intake.quarantine (id) WHERE cleared_at IS NULL;

-- What versions that wait, in quarantine or in a held batch, may say of protections (restriction, sealed identity, safe
-- address, objection, refusal). `subject` is the record of the person whom it is about. Rests in clear as canonical rows do.
CREATE TABLE canonical.pending_protection (
    value uuid NOT NULL REFERENCES intake.landed,
    subject uuid NOT NULL,
    record uuid NOT NULL,
    source text NOT NULL,
    stream text NOT NULL,
    cause text NOT NULL CHECK (cause IN ('quarantined', 'held', 'unmapped')),
    own boolean NOT NULL,                -- the row is the person's own record
    unread boolean NOT NULL,             -- not all that it says of protections could be read
    stated jsonb NOT NULL,               -- the protections that could: [{"entity": ..., "values": {...}}]
    since timestamptz NOT NULL,
    cleared_at timestamptz,
    PRIMARY KEY (value, subject)
);
CREATE INDEX pending_protection_subject ON canonical.pending_protection (subject) WHERE cleared_at IS NULL;
CREATE INDEX pending_protection_record ON canonical.pending_protection (record) WHERE cleared_at IS NULL;

-- Who waits under which agreement: nothing new is disclosed about them and nothing withdrawn. One audit entry to a wait.
CREATE TABLE sharing.wait (
    agreement text NOT NULL,
    person uuid NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (agreement, person)
);

-- A row of the outbox whose person waits is not looked at again before this.
ALTER TABLE exchange.outbox ADD COLUMN not_before timestamptz;
