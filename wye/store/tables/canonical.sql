CREATE SCHEMA canonical;

-- Canonical records; `body` holds the entity's fields (schemas/), `subject` the record of the person it is about.
-- A new version supersedes the old one; nothing is updated in place, so any instant can be read again.
CREATE TABLE canonical.row (
    record uuid NOT NULL,
    entity text NOT NULL,
    part smallint NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz,
    subject uuid NOT NULL,
    source text NOT NULL,
    stream text NOT NULL,
    controller text NOT NULL,
    observed_at timestamptz NOT NULL,
    agreement text,           -- for rows that a partner sent: the agreement whose onward terms they carry
    body jsonb NOT NULL,
    PRIMARY KEY (record, entity, part, recorded_at)
);
CREATE UNIQUE INDEX row_current ON canonical.row (record, entity, part) WHERE superseded_at IS NULL;
CREATE INDEX row_subject ON canonical.row (subject) WHERE superseded_at IS NULL;
CREATE INDEX row_entity ON canonical.row (entity) WHERE superseded_at IS NULL;

-- Records whose canonical rows changed and whose person has to be looked at again. Drained by identify.
CREATE TABLE canonical.changed (
    subject uuid PRIMARY KEY,
    changed_at timestamptz NOT NULL
);
