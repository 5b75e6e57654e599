CREATE SCHEMA audit;

-- Staged in the transaction that it records. The header is what the Merkle leaf hashes, byte for byte.
CREATE TABLE audit.entry (
    id uuid PRIMARY KEY,                 -- UUIDv7
    header bytea NOT NULL,
    ciphertext bytea NOT NULL,           -- the sealed body, under the key of value `id`
    token_salt bytea NOT NULL,           -- opens the header's commitment to the search tokens
    staged_at timestamptz NOT NULL
);

-- Entries that wait for their index, written with the entry and removed with the index: what the sequencer drains,
-- so that its work grows with what waits and not with the log. It proves nothing; verification compares entry and index.
CREATE TABLE audit.staged (
    entry uuid PRIMARY KEY REFERENCES audit.entry
);

CREATE TABLE audit.token (
    entry uuid NOT NULL REFERENCES audit.entry,
    field text NOT NULL CHECK (field IN ('person', 'nhs-number', 'actor', 'recipient', 'agreement', 'message')),
    token bytea NOT NULL,
    PRIMARY KEY (entry, field, token)
);
CREATE INDEX token_search ON audit.token (field, token);

-- Dense from 0; only the sequencer inserts.
CREATE TABLE audit.index (
    index bigint PRIMARY KEY,
    entry uuid NOT NULL UNIQUE REFERENCES audit.entry,
    leaf bytea NOT NULL
);

-- Full Merkle nodes: hash of the 2^level leaves from position * 2^level (RFC 6962 section 2.1). Level 0 is audit.index.
CREATE TABLE audit.node (
    level smallint NOT NULL CHECK (level > 0),
    position bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, position)
);

CREATE TABLE audit.checkpoint (
    size bigint PRIMARY KEY,
    root bytea NOT NULL,
    note text NOT NULL,                  -- C2SP signed note
    at timestamptz NOT NULL
);

CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit.% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END
$$;
CREATE TRIGGER entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.entry EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER index_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.index EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER node_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.node EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER checkpoint_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.checkpoint EXECUTE FUNCTION audit.refuse();
