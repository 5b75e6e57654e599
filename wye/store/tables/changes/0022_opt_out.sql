-- Keep what an agreement to which the national data opt-out applies asked of the national check, and the answer while it may
-- be used: for whom there is no opt-out, and nowhere for whom there is one.

CREATE TABLE sharing.opt_out_check (
    id uuid PRIMARY KEY,
    agreement text NOT NULL,
    version text NOT NULL,
    file_name text NOT NULL UNIQUE,      -- of the question, and of its answer
    asked_by text NOT NULL,              -- the account
    asked_at timestamptz NOT NULL,
    people bigint NOT NULL,
    numbers bigint NOT NULL,
    question_sha256 bytea NOT NULL,
    question bytea,                      -- the numbers asked about, sealed: value `id`; gone once answered
    answer_id uuid,
    answered_by text,
    answered_at timestamptz,
    cleared bigint,                      -- how many numbers the answer names
    answer_sha256 bytea,
    answer bytea,                        -- the numbers it names, sealed: value `answer_id`; gone when too old
    CHECK ((answer_id IS NULL) = (answered_at IS NULL)),
    CHECK (question IS NULL OR answer IS NULL)
);
CREATE INDEX opt_out_check_agreement ON sharing.opt_out_check (agreement, asked_at);

COMMENT ON TABLE sharing.opt_out_check IS
 'Erasure: names nobody; what is sealed are NHS numbers of one extract, destroyed with their wraps when the answer is used no more.';

-- The application deletes no wrap. What is sealed here is destroyed by taking it away: then its own wrap goes too, and no other.
-- The ids of a row are the application's to choose, so only what the opt-out itself holds goes: its holder is nobody else's.
CREATE FUNCTION sharing.destroy_opt_outs() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM keys.wrap AS w
    WHERE w.holder = 'c1f1f3a4-6d0e-5c1b-8f0a-3b7d5e2a9046' AND (
       (OLD.question IS NOT NULL AND NEW.question IS NULL AND w.value = OLD.id)
       OR (OLD.answer IS NOT NULL AND NEW.answer IS NULL AND w.value = OLD.answer_id));
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION sharing.destroy_opt_outs() FROM PUBLIC;
CREATE TRIGGER opt_out_check_destroys AFTER UPDATE ON sharing.opt_out_check
    FOR EACH ROW EXECUTE FUNCTION sharing.destroy_opt_outs();
