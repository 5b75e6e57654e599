CREATE SCHEMA sharing;

-- States of agreements are events; the newest of a version counts. `digest` is of the signed bytes.
CREATE TABLE sharing.agreement_event (
    id uuid PRIMARY KEY,
    agreement text NOT NULL,
    version text NOT NULL,
    digest bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'suspended', 'terminated')),
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL
);

-- What may have changed for whom. Drained to empty in the transaction that decides.
CREATE TABLE sharing.due (
    agreement text NOT NULL,
    person uuid NOT NULL,
    not_before timestamptz NOT NULL,
    cause text NOT NULL,
    PRIMARY KEY (agreement, person, not_before)
);
CREATE INDEX due_ready ON sharing.due (agreement, not_before);
