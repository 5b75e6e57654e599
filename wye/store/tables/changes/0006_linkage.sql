-- Link without reading everything, by a model that has versions.

-- Blocking keys: two records that share one are compared. Hashes of what model.BLOCKS takes from features, the kind of
-- key hashed in; as sensitive as the features they are made from, kept and deleted with them.
CREATE TABLE identity.block (
    key bigint NOT NULL,
    record uuid NOT NULL,
    PRIMARY KEY (key, record)
);

-- How many records bear a name, as counted when identity.footing says; the key is a hash of the name and its column.
CREATE TABLE identity.frequency (
    key bigint PRIMARY KEY,
    records bigint NOT NULL
);

-- What every link in force was weighed on, one row: the form of the model (a digest of what is compared, its parameters
-- and its thresholds) and the names as counted. When it no longer fits, all records are looked at again.
CREATE TABLE identity.footing (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    form text NOT NULL,
    counted_at timestamptz NOT NULL,
    records bigint NOT NULL,             -- records when the names were counted
    given bigint NOT NULL,               -- of these, with a given name
    family bigint NOT NULL,
    features bigint NOT NULL             -- records now
);

-- The numbers and telling words of a record's addresses, for where a postcode is missing or mistyped. What linking
-- compares is made anew for every record, by letting each one count as changed.
ALTER TABLE identity.feature ADD COLUMN address_words text[] NOT NULL DEFAULT '{}';
INSERT INTO canonical.changed SELECT record, now() FROM identity.feature ON CONFLICT (subject) DO NOTHING;

-- Which version of the model was put in force, by whom and why; the newest counts, and none (null) is the one that comes
-- with Wye. A version of identity.model that was never put in force is a candidate. Both are append-only.
CREATE TABLE identity.model_use (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model uuid REFERENCES identity.model,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL
);
CREATE TRIGGER model_use_is_append_only BEFORE UPDATE OR DELETE ON identity.model_use
    EXECUTE FUNCTION identity.refuse();
CREATE TRIGGER model_is_append_only BEFORE UPDATE OR DELETE ON identity.model EXECUTE FUNCTION identity.refuse();
