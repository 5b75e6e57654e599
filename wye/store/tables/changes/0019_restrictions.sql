-- Keep restrictions of records that staff set: against everyone, one account or one party; and what was referred to a named
-- human because a restriction met a duty.

-- One restriction; never changed. What decides is in clear; why it was set is sealed under the key of value `id`, held by
-- the person.
CREATE TABLE sharing.restriction (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,                -- whose record it was when it was set
    against text NOT NULL CHECK (against IN ('everyone', 'account', 'party')),
    name text,                           -- the account or the party
    may_look text[] NOT NULL,            -- against everyone: the accounts that may still look, the named humans
    set_by text NOT NULL,                -- the account
    set_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL,
    CHECK ((against = 'everyone') = (name IS NULL)),
    CHECK (against = 'everyone' OR cardinality(may_look) = 0)
);
CREATE INDEX restriction_person ON sharing.restriction (person);

-- Whose records were the person's at that moment: by these a restriction goes along when records are merged and parted.
CREATE TABLE sharing.restriction_record (
    restriction uuid NOT NULL REFERENCES sharing.restriction ON DELETE CASCADE,
    record uuid NOT NULL,
    PRIMARY KEY (restriction, record)
);
CREATE INDEX restriction_record_record ON sharing.restriction_record (record);

-- That it counts no longer, since when, by whom, and (sealed as above, under `id`) why.
CREATE TABLE sharing.restriction_lifted (
    id uuid PRIMARY KEY,
    restriction uuid NOT NULL UNIQUE REFERENCES sharing.restriction ON DELETE CASCADE,
    lifted_by text NOT NULL,
    lifted_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL
);

-- What a restriction withheld though an agreement says that a named human is asked: once for what makes the person a
-- subject, such as one referral (`id` is made of those rows' records).
CREATE TABLE sharing.referred (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,
    agreement text NOT NULL,
    version text NOT NULL,
    recipient text NOT NULL,
    office text NOT NULL,                -- who decides, as the agreement names them
    opened_at timestamptz NOT NULL,
    answer_by timestamptz NOT NULL,
    CHECK (answer_by > opened_at)
);

CREATE INDEX referred_person ON sharing.referred (person);

-- What the named human answered, and (sealed under `id`, held by the person) why. What was disclosed is a one-off disclosure.
CREATE TABLE sharing.referred_answer (
    id uuid PRIMARY KEY,
    referred uuid NOT NULL UNIQUE REFERENCES sharing.referred,
    word text NOT NULL CHECK (word IN ('disclosed', 'withheld')),
    one_off uuid REFERENCES sharing.one_off,
    answered_by text NOT NULL,
    answered_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL,
    CHECK ((word = 'disclosed') = (one_off IS NOT NULL))
);

COMMENT ON TABLE sharing.restriction IS
 'Erasure: deleted with the last of its records (sharing.forget_restrictions, when links are); what is sealed, with its wraps.';
COMMENT ON TABLE sharing.restriction_record IS
 'Erasure: deleted by record (sharing.forget_restrictions, when links are).';
COMMENT ON TABLE sharing.restriction_lifted IS 'Erasure: deleted with its restriction; what is sealed, with its wraps.';
COMMENT ON TABLE sharing.referred IS
 'Erasure: ids alone, kept as proof of who was asked: a random id that nothing leads to any more.';
COMMENT ON TABLE sharing.referred_answer IS
 'Erasure: sealed under wraps held by the person; deleting these in keys.wrap is enough.';

-- As words of consent are: kept while they are, gone when their person is (keys.destroy), and never otherwise.
CREATE TRIGGER restriction_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.restriction
    EXECUTE FUNCTION sharing.refuse_to_alter_consents();
CREATE TRIGGER restriction_record_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.restriction_record
    EXECUTE FUNCTION sharing.refuse_to_alter_consents();
CREATE TRIGGER restriction_lifted_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.restriction_lifted
    EXECUTE FUNCTION sharing.refuse_to_alter_consents();
CREATE TRIGGER referred_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.referred
    EXECUTE FUNCTION sharing.refuse_to_alter();
CREATE TRIGGER referred_answer_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.referred_answer
    EXECUTE FUNCTION sharing.refuse_to_alter();

-- keys.destroy deletes a person's links last, as the owner. A restriction that some living person's record still has stays:
-- it may be theirs.
CREATE FUNCTION sharing.forget_restrictions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sharing.restriction AS w
    WHERE (w.person IN (SELECT g.person FROM gone AS g)
           OR EXISTS (SELECT FROM sharing.restriction_record AS r JOIN gone AS g ON g.record = r.record
                      WHERE r.restriction = w.id))
      AND NOT EXISTS (SELECT FROM sharing.restriction_record AS r JOIN identity.person_link AS l ON l.record = r.record
                      WHERE r.restriction = w.id);
    DELETE FROM sharing.restriction_record AS r USING gone AS g WHERE g.record = r.record;
    RETURN NULL;
END
$$;
CREATE TRIGGER person_link_forgets_restrictions AFTER DELETE ON identity.person_link REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION sharing.forget_restrictions();

-- Whoever has, or had, a safe-address flag: few, and asked for with each batch that is decided or identified.
CREATE INDEX row_safe_address ON canonical.row (subject) WHERE entity = 'flag' AND body ->> 'kind' = 'safe-address';
CREATE INDEX row_relationship ON canonical.row (subject) WHERE superseded_at IS NULL AND entity = 'relationship';
