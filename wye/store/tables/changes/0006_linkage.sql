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
