-- Keep who broke the glass and what came of it; and what a waiting version said before it was noted again, so that what was
-- known at an instant can be told.

-- One opening: an account says that it has a relationship to a person which no system tells of. It ends by itself at
-- `until`. Which relationship and why are sealed under the key of value `id`, held by the person.
CREATE TABLE sharing.break_glass (
    id uuid PRIMARY KEY,                 -- UUIDv7
    agreement text NOT NULL,
    version text NOT NULL,
    person uuid NOT NULL,
    opened_by text NOT NULL,             -- the account
    opened_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    review_due timestamptz NOT NULL,
    ciphertext bytea NOT NULL,
    UNIQUE (id, opened_by),
    CHECK (until > opened_at AND until <= opened_at + interval '8 hours'),
    CHECK (review_due > opened_at)
);
CREATE INDEX break_glass_window ON sharing.break_glass (person, opened_by, until);

-- INVARIANT: nobody reviews their own opening: the row carries who opened, and the database compares.
CREATE TABLE sharing.break_glass_review (
    id uuid PRIMARY KEY,
    break_glass uuid NOT NULL,
    opened_by text NOT NULL,
    finding text NOT NULL CHECK (finding IN ('right', 'wrong')),
    reviewed_by text NOT NULL,
    reviewed_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL,           -- the reviewer's reasons and what is to follow
    FOREIGN KEY (break_glass, opened_by) REFERENCES sharing.break_glass (id, opened_by),
    CONSTRAINT reviewed_by_another CHECK (reviewed_by <> opened_by)
);
CREATE INDEX break_glass_review_of ON sharing.break_glass_review (break_glass);

-- One notice to an opening: that somebody looked. `held`: it waits for a named reviewer, since telling might endanger
-- somebody. To whom it goes and why it is held are sealed under the key of value `id`, held by the person.
CREATE TABLE sharing.break_glass_notice (
    id uuid PRIMARY KEY,
    break_glass uuid NOT NULL UNIQUE,
    opened_by text NOT NULL,
    held boolean NOT NULL,
    made_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL,
    FOREIGN KEY (break_glass, opened_by) REFERENCES sharing.break_glass (id, opened_by),
    UNIQUE (id, opened_by)
);

-- What others than the account that opened decided about a notice: let it go, keep it back, or that it was sent. The newest
-- counts; why is sealed as above, under `id`.
CREATE TABLE sharing.break_glass_notice_word (
    id uuid PRIMARY KEY,
    notice uuid NOT NULL,
    opened_by text NOT NULL,
    word text NOT NULL CHECK (word IN ('release', 'withhold', 'sent')),
    said_by text NOT NULL,
    said_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL,
    FOREIGN KEY (notice, opened_by) REFERENCES sharing.break_glass_notice (id, opened_by),
    CONSTRAINT said_by_another CHECK (said_by <> opened_by)
);
CREATE INDEX break_glass_notice_word_of ON sharing.break_glass_notice_word (notice);

COMMENT ON TABLE sharing.break_glass IS
 'Erasure: sealed under wraps held by the person; the id stays, a random one that nothing leads to any more.';
COMMENT ON TABLE sharing.break_glass_review IS
 'Erasure: sealed under wraps held by the person; deleting these in keys.wrap is enough. Kept as long as the person.';
COMMENT ON TABLE sharing.break_glass_notice IS
 'Erasure: sealed under wraps held by the person; deleting these in keys.wrap is enough. Kept as long as the person.';
COMMENT ON TABLE sharing.break_glass_notice_word IS
 'Erasure: sealed under wraps held by the person; deleting these in keys.wrap is enough. Kept as long as the person.';

CREATE TRIGGER break_glass_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.break_glass
    EXECUTE FUNCTION sharing.refuse_to_alter();
CREATE TRIGGER break_glass_review_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.break_glass_review
    EXECUTE FUNCTION sharing.refuse_to_alter();
CREATE TRIGGER break_glass_notice_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.break_glass_notice
    EXECUTE FUNCTION sharing.refuse_to_alter();
CREATE TRIGGER break_glass_notice_word_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sharing.break_glass_notice_word
    EXECUTE FUNCTION sharing.refuse_to_alter();

-- A version that waits may be noted again: its batch is let through and the row is quarantined, or a decision is undone.
-- What the line said before is kept here. `noted_at`: since when it says what it says; null, since it was first noted.
ALTER TABLE canonical.pending_protection ADD COLUMN noted_at timestamptz;
CREATE TABLE canonical.pending_protection_before (
    value uuid NOT NULL,
    subject uuid NOT NULL,
    cause text NOT NULL,
    unread boolean NOT NULL,
    stated jsonb NOT NULL,
    noted_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    known boolean NOT NULL,              -- false: of the time before this was kept; nobody can tell what it said when
    FOREIGN KEY (value, subject) REFERENCES canonical.pending_protection ON DELETE CASCADE
);
CREATE INDEX pending_protection_before_of ON canonical.pending_protection_before (value, subject);
COMMENT ON TABLE canonical.pending_protection_before IS 'Erasure: goes with its line of canonical.pending_protection.';

INSERT INTO canonical.pending_protection_before
SELECT value, subject, cause, unread, stated, since, coalesce(cleared_at, now()), false FROM canonical.pending_protection;
UPDATE canonical.pending_protection SET noted_at = coalesce(cleared_at, now());

CREATE FUNCTION canonical.keep_what_a_version_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO canonical.pending_protection_before
    VALUES (OLD.value, OLD.subject, OLD.cause, OLD.unread, OLD.stated, coalesce(OLD.noted_at, OLD.since),
            coalesce(OLD.cleared_at, NEW.noted_at, now()), true);
    RETURN NULL;
END
$$;
CREATE TRIGGER noted_again AFTER UPDATE ON canonical.pending_protection FOR EACH ROW
    WHEN ((OLD.cause, OLD.unread, OLD.stated, OLD.noted_at) IS DISTINCT FROM (NEW.cause, NEW.unread, NEW.stated, NEW.noted_at))
    EXECUTE FUNCTION canonical.keep_what_a_version_said();
