-- Keep search tokens by month, what the search index was last found to be, and which accounts belong to which people.

-- The tables of the months are in a schema in which nobody has rights: they are reached through audit.token alone.
CREATE SCHEMA audit_token;
ALTER TABLE audit.token SET SCHEMA audit_token;
ALTER TABLE audit_token.token RENAME TO before;

-- An entry's id is a UUIDv7: its first 48 bits are milliseconds, so ids of one month are one range, and a token's month is
-- its entry's. No foreign key: making a month would otherwise stop every writer of entries, and each token would cost a
-- look-up. That a token is of no entry, `wye audit index --full` finds; entries are never deleted.
CREATE TABLE audit.token (
    entry uuid NOT NULL,
    field text NOT NULL CHECK (field IN ('person', 'nhs-number', 'actor', 'recipient', 'agreement', 'message')),
    token bytea NOT NULL,
    PRIMARY KEY (entry, field, token)
) PARTITION BY RANGE (entry);
CREATE INDEX token_search ON audit.token (field, token);

-- Takes what has no month: a month that nobody made, ids that are no UUIDv7. Entries are never refused for want of a table.
CREATE TABLE audit_token.other PARTITION OF audit.token DEFAULT;
COMMENT ON TABLE audit.token IS 'Erasure: delete those of entries that no living holder can read: keyed hashes of who it is.';
COMMENT ON TABLE audit_token.other IS 'Erasure: part of audit.token: deleted through it.';

CREATE FUNCTION audit.first_id(instant timestamptz) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM instant) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
CREATE FUNCTION audit.made_at(id uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
$$;

-- Make the tables of the months from `since` (this month, if it is not given) to three months from now, and of what lies in
-- `other`, which moves. Run as the owner of the tables, since only the owner may make tables; safe to run twice and by two
-- at once; gives how many it made. Only what goes to `other` waits for it.
CREATE FUNCTION audit.make_months(since date DEFAULT NULL) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '10s' SET timezone = 'UTC' AS $$
DECLARE
    this_month CONSTANT date := date_trunc('month', now());
    month date;
    name text;
    first uuid;
    beyond uuid;
    made int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7796);
    FOR month IN
        SELECT wanted.month FROM (
            SELECT generate_series(date_trunc('month', coalesce(since, this_month)::timestamp),
                                   this_month + interval '3 months', interval '1 month')::date AS month
            UNION SELECT date_trunc('month', audit.made_at(o.entry))::date FROM audit_token.other AS o
        ) AS wanted
        WHERE wanted.month BETWEEN '2020-01-01' AND this_month + interval '3 months'
          AND to_regclass('audit_token.month_' || to_char(wanted.month, 'YYYY_MM')) IS NULL
        ORDER BY 1
    LOOP
        name := 'month_' || to_char(month, 'YYYY_MM');
        first := audit.first_id(month::timestamptz);
        beyond := audit.first_id((month + interval '1 month')::timestamptz);
        LOCK TABLE audit_token.other IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('CREATE TABLE audit_token.%I (LIKE audit.token INCLUDING ALL)', name);
        EXECUTE format('WITH moved AS (DELETE FROM audit_token.other WHERE entry >= $1 AND entry < $2 RETURNING *)'
                       ' INSERT INTO audit_token.%I SELECT * FROM moved', name) USING first, beyond;
        EXECUTE format('ALTER TABLE audit.token ATTACH PARTITION audit_token.%I FOR VALUES FROM (%L) TO (%L)',
                       name, first, beyond);
        EXECUTE format('COMMENT ON TABLE audit_token.%I IS ''Erasure: part of audit.token: deleted through it.''', name);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
REVOKE ALL ON FUNCTION audit.make_months(date) FROM PUBLIC;

-- What was there moves to its months.
SELECT audit.make_months((SELECT min(audit.made_at(entry))::date FROM audit_token.before));
INSERT INTO audit.token (entry, field, token) SELECT entry, field, token FROM audit_token.before ORDER BY entry;
DROP TABLE audit_token.before;

-- Each time that tokens were rebuilt from their entries: entries `first` to `beyond` - 1, and of older ones again those
-- from `again_first` to `again_beyond` - 1. `verified`: so many entries from the first are as they should be after it.
CREATE TABLE audit.index_check (
    id uuid PRIMARY KEY,                 -- UUIDv7: the newest counts
    at timestamptz NOT NULL,
    actor text NOT NULL,
    first bigint NOT NULL,
    beyond bigint NOT NULL,
    again_first bigint NOT NULL,
    again_beyond bigint NOT NULL,
    size bigint NOT NULL,
    findings int NOT NULL,
    verified bigint NOT NULL CHECK (verified <= size),
    entry uuid REFERENCES audit.entry    -- that tells of it, if there were findings or an account asked
);
CREATE TRIGGER index_check_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.index_check
    EXECUTE FUNCTION audit.refuse();

-- Whose an account is: what finds looks at oneself and at one's own. Append-only, the newest of an account counts. Nobody
-- says it of their own account, nor takes it back.
CREATE TABLE audit.account (
    id uuid PRIMARY KEY,                 -- UUIDv7
    account text NOT NULL,
    said text NOT NULL CHECK (said IN ('declared', 'ended')),
    said_by text NOT NULL,
    said_at timestamptz NOT NULL,
    ciphertext bytea NOT NULL,           -- person, workers and teams, and why, under the key of value `id`
    CONSTRAINT said_by_another CHECK (said_by <> account)
);
CREATE INDEX account_newest ON audit.account (account, id DESC);
CREATE TRIGGER account_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.account
    EXECUTE FUNCTION audit.refuse();
COMMENT ON TABLE audit.account IS
 'Erasure: sealed under wraps held by the person; deleting these in keys.wrap is enough.';

-- Whose what was a person's is now: themselves while a record is theirs, else whoever has their records.
CREATE FUNCTION audit.persons_now(asked uuid) RETURNS SETOF uuid LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT c.person FROM identity.person_link AS h JOIN identity.person_link AS c USING (record)
    WHERE h.person = asked AND c.superseded_at IS NULL AND (c.person = asked OR NOT EXISTS (
        SELECT FROM identity.person_link AS o WHERE o.person = asked AND o.superseded_at IS NULL))
$$;

-- Tell the auditor what the person of an account and one who was looked at have in common: yes or no, never a value.
CREATE FUNCTION audit.compare_people(questions jsonb) RETURNS TABLE (
    n int, known boolean, same_person boolean, same_name boolean, same_address boolean, related boolean,
    worked_with boolean, guarded boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
WITH q AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(questions) AS q (n int, own uuid, looked uuid, day date, workers text[], teams text[])
), asked AS MATERIALIZED (
    SELECT a.person AS asked, p.person
    FROM (SELECT own AS person FROM q WHERE own IS NOT NULL UNION SELECT looked FROM q) AS a
    CROSS JOIN LATERAL audit.persons_now(a.person) AS p (person)
), mine AS MATERIALIZED (
    SELECT a.asked, l.record, a.person FROM asked AS a
    JOIN identity.person_link AS l ON l.person = a.person AND l.superseded_at IS NULL
), grouped AS (
    SELECT m.asked, array_agg(DISTINCT m.person) AS persons, array_agg(DISTINCT m.record) AS records FROM mine AS m GROUP BY m.asked
), has AS MATERIALIZED (
    SELECT g.asked, g.persons, g.records,
        ARRAY(SELECT DISTINCT n.name || ' ' || f.family FROM identity.feature AS f
              CROSS JOIN LATERAL (VALUES (f.given), (f.known_as)) AS n (name)
              WHERE f.record = ANY(g.records) AND n.name || f.family IS NOT NULL) AS names,
        ARRAY(SELECT unnest(f.homes) FROM identity.feature AS f WHERE f.record = ANY(g.records)
              UNION SELECT 'uprn ' || ltrim(r.body ->> 'uprn', '0') FROM canonical.row AS r
              WHERE r.subject = ANY(g.records) AND r.superseded_at IS NULL AND r.entity = 'address'
                AND r.body ->> 'uprn' IS NOT NULL) AS doors,
        EXISTS (SELECT FROM identity.sealed_record AS s WHERE s.record = ANY(g.records))
        OR EXISTS (SELECT FROM canonical.pending_protection AS p WHERE p.subject = ANY(g.records) AND p.cleared_at IS NULL)
        OR EXISTS (SELECT FROM canonical.row AS r WHERE r.subject = ANY(g.records) AND r.superseded_at IS NULL
                   AND r.entity = 'flag' AND r.body ->> 'kind' IN ('safe-address', 'restricted-record', 'former-identity-sealed')
                  ) AS guarded
    FROM grouped AS g
)
SELECT q.n, l.asked IS NOT NULL,
    coalesce(o.persons && l.persons, false),
    coalesce(o.names && l.names, false)
        OR coalesce(ARRAY(SELECT upper(regexp_replace(w, '[^[:alpha:] ]', '', 'g')) FROM unnest(q.workers) AS w) && l.names, false),
    coalesce(o.doors && l.doors, false),
    EXISTS (SELECT FROM canonical.row AS r WHERE r.entity = 'relationship' AND r.superseded_at IS NULL
            AND r.body ->> 'kind' <> 'duplicate'
            AND ((r.subject = ANY(o.records) AND r.body ->> 'other' = ANY(l.records::text[]))
              OR (r.subject = ANY(l.records) AND r.body ->> 'other' = ANY(o.records::text[])))),
    EXISTS (SELECT FROM (
                SELECT DISTINCT ON (r.record, r.part) r.body, r.superseded_at FROM canonical.row AS r
                -- said twice, for the two indices: of what is current, and of what has ended
                WHERE (r.subject = ANY(l.records) AND r.superseded_at IS NULL
                    OR r.subject = ANY(l.records) AND r.superseded_at IS NOT NULL) AND r.entity = 'involvement'
                ORDER BY r.record, r.part, r.recorded_at DESC) AS i
            WHERE (i.body ->> 'worker' = ANY(q.workers) OR i.body ->> 'team' = ANY(q.teams))
              AND coalesce((i.body ->> 'from_date')::date, '-infinity') <= q.day
              AND coalesce((i.body ->> 'to_date')::date, i.superseded_at::date, 'infinity') >= q.day),
    coalesce(o.guarded, false) OR coalesce(l.guarded, false)
FROM q LEFT JOIN has AS l ON l.asked = q.looked LEFT JOIN has AS o ON o.asked = q.own
$$;
REVOKE ALL ON FUNCTION audit.compare_people(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit.persons_now(uuid) FROM PUBLIC;

-- Run after every migration, as the rights of 0010, which know nothing of these.
CREATE FUNCTION audit.grant_search_rights() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'wye_application') THEN
        GRANT SELECT, INSERT ON audit.index_check TO wye_application;
        GRANT EXECUTE ON FUNCTION audit.make_months(date) TO wye_application;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'wye_auditor') THEN
        GRANT INSERT ON audit.index_check, audit.account TO wye_auditor;
        GRANT EXECUTE ON FUNCTION audit.make_months(date), audit.compare_people(jsonb) TO wye_auditor;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION audit.grant_search_rights() FROM PUBLIC;
