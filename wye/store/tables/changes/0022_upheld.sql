-- Keep that an objection was upheld under an agreement: nothing of the person is shared under it while an objection stands.

-- One decision; never changed. Why is sealed under the key of value `id`, held by the person.
CREATE TABLE sharing.objection_upheld (
    id uuid PRIMARY KEY,
    objection uuid NOT NULL REFERENCES sharing.consent_word ON DELETE CASCADE,
    agreement text NOT NULL,             -- whatever its version
    decided_by text NOT NULL,            -- the account
    decided_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL,
    UNIQUE (objection, agreement)
);
COMMENT ON TABLE sharing.objection_upheld IS
 'Erasure: deleted with its objection; what is sealed, with its wraps.';
CREATE TRIGGER objection_upheld_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.objection_upheld
    EXECUTE FUNCTION sharing.refuse_to_alter_consents();
