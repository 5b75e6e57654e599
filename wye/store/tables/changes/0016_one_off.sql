-- Keep requests for one-off disclosures, what was decided on each and why, and its review by another. What these rows say
-- in clear is who of us did what when; of whom, to whom and why is sealed, each part under a key of its own.
CREATE TABLE sharing.one_off (
    id uuid PRIMARY KEY,
    noted_by text NOT NULL,
    noted_at timestamptz NOT NULL,
    emergency boolean NOT NULL,
    ciphertext bytea NOT NULL            -- who asks, the need, the power, which fields of whom; held by each person named
);

CREATE TABLE sharing.one_off_decision (
    id uuid PRIMARY KEY,
    request uuid NOT NULL UNIQUE REFERENCES sharing.one_off,
    word text NOT NULL CHECK (word IN ('share', 'withhold')),
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    review_due timestamptz NOT NULL,
    ciphertext bytea NOT NULL,           -- the reasons, and each protection that was overridden with why
    UNIQUE (id, decided_by),
    CHECK (review_due > decided_at)
);

-- What was handed over of one person, word for word, under the key of value `id`, held by that person.
CREATE TABLE sharing.one_off_given (
    id uuid PRIMARY KEY,
    decision uuid NOT NULL REFERENCES sharing.one_off_decision,
    place smallint NOT NULL CHECK (place > 0),   -- the person's place in the request
    fields int NOT NULL CHECK (fields > 0),
    ciphertext bytea NOT NULL,
    UNIQUE (decision, place)
);

-- INVARIANT: nobody reviews their own decision: the row carries the decider, and the database compares.
CREATE TABLE sharing.one_off_review (
    id uuid PRIMARY KEY,
    decision uuid NOT NULL,
    decided_by text NOT NULL,
    finding text NOT NULL CHECK (finding IN ('right', 'wrong')),
    reviewed_by text NOT NULL,
    reviewed_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL,           -- the reviewer's reasons and what is to follow
    FOREIGN KEY (decision, decided_by) REFERENCES sharing.one_off_decision (id, decided_by),
    CONSTRAINT reviewed_by_another CHECK (reviewed_by <> decided_by)
);
CREATE INDEX one_off_review_decision ON sharing.one_off_review (decision);

COMMENT ON TABLE sharing.one_off IS
 'Erasure: sealed under wraps held by each person named; deleting theirs in keys.wrap is enough. Kept as long as the person.';
COMMENT ON TABLE sharing.one_off_decision IS
 'Erasure: sealed under wraps held by each person named; deleting theirs in keys.wrap is enough. Kept as long as the person.';
COMMENT ON TABLE sharing.one_off_given IS
 'Erasure: sealed under wraps held by the person; deleting these in keys.wrap is enough. Kept as long as the person.';
COMMENT ON TABLE sharing.one_off_review IS
 'Erasure: sealed under wraps held by each person named; deleting theirs in keys.wrap is enough. Kept as long as the person.';

CREATE FUNCTION sharing.refuse_to_alter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sharing.% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END
$$;
CREATE TRIGGER one_off_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.one_off
    EXECUTE FUNCTION sharing.refuse_to_alter();
CREATE TRIGGER one_off_decision_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.one_off_decision
    EXECUTE FUNCTION sharing.refuse_to_alter();
CREATE TRIGGER one_off_given_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.one_off_given
    EXECUTE FUNCTION sharing.refuse_to_alter();
CREATE TRIGGER one_off_review_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.one_off_review
    EXECUTE FUNCTION sharing.refuse_to_alter();
