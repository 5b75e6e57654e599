CREATE SCHEMA identity;

CREATE TABLE identity.person (
    person uuid PRIMARY KEY,
    created_at timestamptz NOT NULL
);

-- Append-only: a link ends by superseded_at, once, and is never changed otherwise. `record` is a record of entity person.
CREATE TABLE identity.person_link (
    record uuid NOT NULL,
    person uuid NOT NULL REFERENCES identity.person,
    kind text NOT NULL CHECK (kind IN ('auto', 'system', 'verified')),
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz,
    PRIMARY KEY (record, recorded_at)
);
CREATE UNIQUE INDEX person_link_current ON identity.person_link (record) WHERE superseded_at IS NULL;
CREATE INDEX person_link_person ON identity.person_link (person) WHERE superseded_at IS NULL;

-- Merge and unmerge are events; `records` are the records that moved.
CREATE TABLE identity.event (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('merge', 'unmerge')),
    kept uuid NOT NULL REFERENCES identity.person,
    other uuid NOT NULL REFERENCES identity.person,
    records uuid[] NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL
);

-- Pairs that are neither surely one nor surely two: a human's queue. record_a < record_b.
CREATE TABLE identity.doubt (
    record_a uuid NOT NULL,
    record_b uuid NOT NULL,
    weight double precision NOT NULL,
    found_at timestamptz NOT NULL,
    decided_at timestamptz,
    decision text CHECK (decision IN ('same', 'different')),
    PRIMARY KEY (record_a, record_b)
);

-- The best known value of each attribute of the entity person, with every source that was weighed and why this one won.
CREATE TABLE identity.golden (
    person uuid NOT NULL REFERENCES identity.person,
    attribute text NOT NULL,
    recorded_at timestamptz NOT NULL,
    superseded_at timestamptz,
    value jsonb NOT NULL,
    source text NOT NULL,
    record uuid NOT NULL,
    reason text NOT NULL,
    contributors jsonb NOT NULL,
    PRIMARY KEY (person, attribute, recorded_at)
);
CREATE UNIQUE INDEX golden_current ON identity.golden (person, attribute) WHERE superseded_at IS NULL;

-- What linking compares, one narrow row to a record of entity person, made anew when its canonical rows change.
-- Normalised, never shown; never a NINO or UPN. A record whose features did not change is not linked again.
CREATE TABLE identity.feature (
    record uuid PRIMARY KEY,
    source text NOT NULL,
    given text,
    known_as text,
    middle text,
    family text,
    birth_date text,
    sex text,
    nhs_number text,
    postcodes text[] NOT NULL,
    homes text[] NOT NULL,
    phones text[] NOT NULL,
    emails text[] NOT NULL,
    duplicates text[] NOT NULL,          -- records that their own system marks as the same person
    sealed boolean NOT NULL
);

-- The parameters of the linkage model, learnt from the records themselves; the newest counts. No personal data.
CREATE TABLE identity.model (
    id uuid PRIMARY KEY,
    trained_at timestamptz NOT NULL,
    records bigint NOT NULL,
    parameters jsonb NOT NULL
);

-- What is known now, by person: canonical rows through the links in force.
CREATE VIEW identity.person_row AS
SELECT l.person, r.record, r.entity, r.part, r.subject, r.source, r.stream, r.controller, r.observed_at, r.agreement, r.body,
       r.recorded_at
FROM identity.person_link AS l
JOIN canonical.row AS r ON r.subject = l.record AND r.superseded_at IS NULL
WHERE l.superseded_at IS NULL;
