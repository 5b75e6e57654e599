-- Rotate wrapping keys, and keep what witnesses cosigned.

-- Wrapping keys that are no longer current, and how far their end has come.
CREATE TABLE keys.superseded (
    provider_key text PRIMARY KEY,
    superseded_at timestamptz NOT NULL,
    rewrapped bigint NOT NULL DEFAULT 0, -- wraps moved to the current key so far
    rewrapped_at timestamptz,            -- when none was left
    retired_at timestamptz,              -- from then on no wrap can be made under it
    destroyed_at timestamptz             -- when the provider no longer had it
);

-- A program that has not noticed a rotation may still wrap under the old key. Once that key is retired its wraps could
-- never be opened again: the program's transaction is refused instead. Each insert shares the key's lock until it
-- commits, and retiring takes it alone: no wrap slips in between the last look and the destruction.
CREATE FUNCTION keys.refuse_retired() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used text;
BEGIN
    FOR used IN SELECT DISTINCT made.provider_key FROM made ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock_shared(7795, hashtext(used));
        IF EXISTS (SELECT FROM keys.superseded AS s WHERE s.provider_key = used AND s.retired_at IS NOT NULL) THEN
            RAISE EXCEPTION 'wrapping key % is retired: nothing is wrapped under it any more', used;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER wrap_under_living_key AFTER INSERT ON keys.wrap REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION keys.refuse_retired();
CREATE TRIGGER rewrap_under_living_key AFTER UPDATE ON keys.wrap REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION keys.refuse_retired();

-- What witnesses said of checkpoints: each a line of a C2SP signed note. Size 0 is the log before its first entry.
CREATE TABLE audit.cosignature (
    size bigint NOT NULL,
    witness text NOT NULL,               -- its name in our settings
    line text NOT NULL,
    at timestamptz NOT NULL,             -- when the witness says it cosigned
    PRIMARY KEY (size, witness)
);
CREATE TRIGGER cosignature_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.cosignature
    EXECUTE FUNCTION audit.refuse();
