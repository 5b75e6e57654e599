-- Keep the life of each agreement version: approved, in force, suspended, ended.

-- Every text under which something was ever decided here, byte by byte, with the signatures and the list of signers that
-- were believed: what was in force on a day can be shown and verified years later.
CREATE TABLE sharing.agreement_text (
    digest bytea PRIMARY KEY CHECK (length(digest) = 32),
    agreement text NOT NULL,
    version text NOT NULL,
    files jsonb NOT NULL,                -- path below the folder of agreements -> base64
    kept_by text NOT NULL,
    kept_at timestamptz NOT NULL,
    UNIQUE (agreement, version)          -- INVARIANT: a version has one text, for ever
);

-- A version is proposed, put in force, suspended, put in force again, replaced, ended. Ended and replaced are for ever.
ALTER TABLE sharing.agreement_event DROP CONSTRAINT agreement_event_state_check;
ALTER TABLE sharing.agreement_event ADD CONSTRAINT agreement_event_state_check
    CHECK (state IN ('proposed', 'active', 'suspended', 'superseded', 'terminated'));
CREATE INDEX agreement_event_of ON sharing.agreement_event (agreement, version, at);

-- What each party did with what it held when an agreement ended; without an outcome, what is still owed.
CREATE TABLE sharing.agreement_certificate (
    agreement text NOT NULL,
    version text NOT NULL,
    party text NOT NULL,
    asked_at timestamptz NOT NULL,
    due_on date NOT NULL,
    outcome text CHECK (outcome IN ('returned', 'deleted', 'kept-under-own-duty')),
    reference text,                      -- the party's letter, and the law by which it keeps what it keeps
    recorded_by text,
    recorded_at timestamptz,
    PRIMARY KEY (agreement, version, party),
    CHECK ((outcome IS NULL) = (recorded_at IS NULL) AND (outcome IS NULL) = (recorded_by IS NULL)
       AND (outcome IS NULL) = (reference IS NULL))
);

-- Which warning of a lapse was given, once for each step (days before: 60, 30, 7, 1, 0).
CREATE TABLE sharing.lapse_warning (
    agreement text NOT NULL,
    version text NOT NULL,
    what text NOT NULL CHECK (what IN ('review', 'expiry', 'confidentiality')),
    day date NOT NULL,
    step int NOT NULL,
    warned_at timestamptz NOT NULL,
    PRIMARY KEY (agreement, version, what, day, step)
);

CREATE FUNCTION sharing.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sharing.% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END
$$;
CREATE TRIGGER agreement_event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.agreement_event
    EXECUTE FUNCTION sharing.refuse();
CREATE TRIGGER agreement_text_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.agreement_text
    EXECUTE FUNCTION sharing.refuse();
CREATE TRIGGER lapse_warning_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.lapse_warning
    EXECUTE FUNCTION sharing.refuse();

-- A certificate is given once and not changed: what a party wrote stands.
CREATE FUNCTION sharing.guard_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.outcome IS NOT NULL OR (NEW.agreement, NEW.version, NEW.party, NEW.asked_at, NEW.due_on)
        IS DISTINCT FROM (OLD.agreement, OLD.version, OLD.party, OLD.asked_at, OLD.due_on)
    THEN
        RAISE EXCEPTION 'a certificate is given once, and what was asked for is not changed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER agreement_certificate_is_guarded BEFORE UPDATE OR DELETE ON sharing.agreement_certificate
    FOR EACH ROW EXECUTE FUNCTION sharing.guard_certificate();
