-- Reports to people on who received data about them (UK GDPR Article 15), drafted by one account and decided by another.
CREATE SCHEMA report;

CREATE TABLE report.draft (
    id uuid PRIMARY KEY,
    drafted_by text NOT NULL,
    drafted_at timestamptz NOT NULL,
    lines int NOT NULL,
    marked int[] NOT NULL,               -- numbers of the lines that wait for a second person
    ciphertext bytea NOT NULL,           -- whose, and the lines: ids and names of fields, under the key of value `id`
    UNIQUE (id, drafted_by)
);

-- INVARIANT: whoever drafted decides nothing: the row carries the drafter, and the database compares.
CREATE TABLE report.decision (
    id uuid PRIMARY KEY,
    report uuid NOT NULL,
    drafted_by text NOT NULL,
    line int NOT NULL CHECK (line > 0),
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL,           -- the word with its exemption and reason, under the key of value `id`
    FOREIGN KEY (report, drafted_by) REFERENCES report.draft (id, drafted_by),
    CONSTRAINT decided_by_another CHECK (decided_by <> drafted_by)
);
CREATE INDEX decision_report ON report.decision (report);

CREATE TABLE report.release (
    id uuid PRIMARY KEY,
    report uuid NOT NULL REFERENCES report.draft,
    released_by text NOT NULL,
    released_at timestamptz NOT NULL
);
CREATE INDEX release_report ON report.release (report);

COMMENT ON TABLE report.draft IS
 'Erasure: sealed under wraps held by the person; deleting these in keys.wrap is enough.';
COMMENT ON TABLE report.decision IS
 'Erasure: sealed under wraps held by the person; deleting these in keys.wrap is enough.';

CREATE FUNCTION report.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'report.% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END
$$;
CREATE TRIGGER draft_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON report.draft EXECUTE FUNCTION report.refuse();
CREATE TRIGGER decision_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON report.decision EXECUTE FUNCTION report.refuse();
CREATE TRIGGER release_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON report.release EXECUTE FUNCTION report.refuse();

-- Reports are the auditor's: made of the trail, which nobody else reads. Run after every migration, as the rights of 0010.
CREATE FUNCTION report.grant_rights() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'wye_auditor') THEN
        GRANT USAGE ON SCHEMA report TO wye_auditor;
        GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA report TO wye_auditor;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION report.grant_rights() FROM PUBLIC;
