-- What table rules found, and what people decided about it. Numbers and names of rules and columns: never a value.
CREATE SCHEMA quality;

-- One read of one stream that came to its end: what can be told only while it is read.
CREATE TABLE quality.read (
    read uuid PRIMARY KEY,
    source text NOT NULL,
    stream text NOT NULL,
    rows bigint NOT NULL,
    repeated bigint NOT NULL,    -- rows whose key had come before in the same read, with nothing to say which is newer
    read_at timestamptz NOT NULL
);
CREATE INDEX read_of_stream ON quality.read (source, stream, read_at);

-- One look at all that waited of one stream. `figures` is the profile; those of `accepted` looks are the history.
CREATE TABLE quality.table_check (
    id uuid PRIMARY KEY,
    source text NOT NULL,
    stream text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('pass', 'warn', 'hold', 'broken')),
    figures jsonb NOT NULL,
    accepted boolean NOT NULL,
    checked_at timestamptz NOT NULL
);
CREATE INDEX table_check_of_stream ON quality.table_check (source, stream, id);

CREATE TABLE quality.check_result (
    table_check uuid NOT NULL REFERENCES quality.table_check,
    rule text NOT NULL,
    dimension text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('error', 'warning')),
    outcome text NOT NULL CHECK (outcome IN ('pass', 'warn', 'hold', 'broken')),
    observed double precision,
    low double precision,
    high double precision,
    said text NOT NULL,          -- in words of ours: what the figures are, or why nothing could be said
    PRIMARY KEY (table_check, rule)
);

-- A person's word that what a look holds is right as it is. The history begins anew with that look.
CREATE TABLE quality.release (
    release uuid PRIMARY KEY,
    source text NOT NULL,
    stream text NOT NULL,
    table_check uuid NOT NULL REFERENCES quality.table_check,
    whole boolean NOT NULL,      -- everything that the look holds, rather than one batch of it
    reason text NOT NULL,
    actor text NOT NULL,
    released_at timestamptz NOT NULL
);
CREATE INDEX release_of_stream ON quality.release (source, stream, table_check);

-- Which look holds a batch; the state itself is the batch's own. Once released, table rules hold it no longer, but its
-- row rules still apply.
CREATE TABLE quality.hold (
    batch uuid PRIMARY KEY REFERENCES intake.batch,
    table_check uuid NOT NULL REFERENCES quality.table_check,
    release uuid REFERENCES quality.release
);
