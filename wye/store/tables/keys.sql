CREATE SCHEMA keys;

-- One row per (sealed value, holder): the value's own random key, wrapped. Shredding deletes rows here and nothing else.
CREATE TABLE keys.wrap (
    value uuid NOT NULL,
    holder uuid NOT NULL,
    provider_key text NOT NULL,
    wrapped bytea NOT NULL,
    PRIMARY KEY (value, holder)
);
CREATE INDEX wrap_holder ON keys.wrap (holder);
