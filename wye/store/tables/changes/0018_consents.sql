-- Keep consents and objections that staff record: who gave them, in what capacity, on what evidence.

-- One word of a person, or of whoever may speak for them; never changed. What decides is in clear, as in canonical.row; who
-- said it and where the evidence is are sealed under the key of value `id`, held by the person.
CREATE TABLE sharing.consent_word (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,                -- whose it was when it was recorded
    kind text NOT NULL CHECK (kind IN ('confidentiality', 'uk-gdpr', 'objection')),
    scope text NOT NULL CHECK (scope IN ('share-with-health', 'share-with-police', 'share-inside-council')),
    given boolean NOT NULL,              -- true if given or objected, false if refused or withdrawn
    said_on date NOT NULL,
    capacity text NOT NULL
        CHECK (capacity IN ('person', 'gillick-competent-child', 'parental-responsibility', 'deputy', 'attorney')),
    recorded_by text NOT NULL,           -- the account
    recorded_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL
);
CREATE INDEX consent_word_person ON sharing.consent_word (person);

-- Whose records were the person's at that moment: by these a word goes along when records are merged and parted.
CREATE TABLE sharing.consent_word_record (
    word uuid NOT NULL REFERENCES sharing.consent_word ON DELETE CASCADE,
    record uuid NOT NULL,
    PRIMARY KEY (word, record)
);
CREATE INDEX consent_word_record_record ON sharing.consent_word_record (record);

-- Why processing goes on in spite of an objection that Article 21 reaches: the compelling legitimate grounds, sealed under
-- the key of value `id`, held by the person.
CREATE TABLE sharing.objection_answer (
    id uuid PRIMARY KEY,
    objection uuid NOT NULL REFERENCES sharing.consent_word ON DELETE CASCADE,
    agreement text NOT NULL,
    version text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL,
    UNIQUE (objection, agreement, version)
);

COMMENT ON TABLE sharing.consent_word IS
 'Erasure: deleted with the last of its records (sharing.forget_consents, when links are); what is sealed, with its wraps.';
COMMENT ON TABLE sharing.consent_word_record IS 'Erasure: deleted by record (sharing.forget_consents, when links are).';
COMMENT ON TABLE sharing.objection_answer IS 'Erasure: deleted with its objection; what is sealed, with its wraps.';

-- What people said is kept while they are, and goes when they do (keys.destroy), and not otherwise.
CREATE FUNCTION sharing.refuse_to_alter_consents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('wye.shred', true) <> ''
        AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'sharing.% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END
$$;
CREATE TRIGGER consent_word_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.consent_word
    EXECUTE FUNCTION sharing.refuse_to_alter_consents();
CREATE TRIGGER consent_word_record_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.consent_word_record
    EXECUTE FUNCTION sharing.refuse_to_alter_consents();
CREATE TRIGGER objection_answer_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.objection_answer
    EXECUTE FUNCTION sharing.refuse_to_alter_consents();

-- keys.destroy deletes a person's links last, as the owner. A word that some living person's record still holds stays: it
-- may be theirs.
CREATE FUNCTION sharing.forget_consents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sharing.consent_word AS w
    WHERE (w.person IN (SELECT g.person FROM gone AS g)
           OR EXISTS (SELECT FROM sharing.consent_word_record AS r JOIN gone AS g ON g.record = r.record WHERE r.word = w.id))
      AND NOT EXISTS (SELECT FROM sharing.consent_word_record AS r JOIN identity.person_link AS l ON l.record = r.record
                      WHERE r.word = w.id);
    DELETE FROM sharing.consent_word_record AS r USING gone AS g WHERE g.record = r.record;
    RETURN NULL;
END
$$;
CREATE TRIGGER person_link_forgets_consents AFTER DELETE ON identity.person_link REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION sharing.forget_consents();
