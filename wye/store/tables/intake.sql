CREATE SCHEMA intake;

CREATE TABLE intake.batch (
    batch uuid PRIMARY KEY,
    source text NOT NULL,
    stream text NOT NULL,
    state text NOT NULL CHECK (state IN ('landed', 'held', 'mapped')),
    rows_read bigint NOT NULL,
    rows_quarantined bigint NOT NULL DEFAULT 0,
    held_reason text,
    agreement text,           -- the agreement under whose inbound half a partner's batch came; null for our own systems
    landed_at timestamptz NOT NULL,
    mapped_at timestamptz
);
CREATE INDEX batch_unmapped ON intake.batch (source, stream, landed_at) WHERE state = 'landed';

CREATE TABLE intake.cursor (
    source text NOT NULL,
    stream text NOT NULL,
    cursor text NOT NULL,
    batch uuid NOT NULL REFERENCES intake.batch,
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (source, stream)
);

-- One row per row of a batch; `sealed` is the row as its system held it, under the key of `value`, held by `record`.
CREATE TABLE intake.landed (
    value uuid PRIMARY KEY,
    batch uuid NOT NULL REFERENCES intake.batch,
    record uuid NOT NULL,
    deleted boolean NOT NULL,
    observed_at timestamptz NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX landed_batch ON intake.landed (batch);
CREATE INDEX landed_record ON intake.landed (record);

-- Which rows a source held when last seen: to find deletions, and rows that did not change. The key itself is only in
-- the sealed row; `content` is an HMAC of the row, so that equal rows are known without being opened.
CREATE TABLE intake.present (
    source text NOT NULL,
    stream text NOT NULL,
    record uuid NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (source, stream, record)
);

CREATE TABLE intake.quarantine (
    id uuid PRIMARY KEY,
    record uuid NOT NULL,
    value uuid NOT NULL REFERENCES intake.landed,
    source text NOT NULL,
    stream text NOT NULL,
    rule text NOT NULL,
    "column" text NOT NULL,
    dimension text NOT NULL,
    owner text NOT NULL,
    found_at timestamptz NOT NULL,
    cleared_at timestamptz,
    cleared_by text
);
CREATE INDEX quarantine_open ON intake.quarantine (record) WHERE cleared_at IS NULL;
