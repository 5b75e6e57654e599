-- Let each process do in the database only what it is for. Three group roles that nobody signs in as; logins are their
-- members. The tables belong to the login that migrates. What each role may do is told here and in docs/roles.md.
--
-- Roles belong to the whole server and not to one database: they may be there already, and two databases may make them
-- at once. A login that may not make roles goes on without: then whoever owns the tables is all there is, and the roles
-- that are missing are told. Run after every migration, so that new tables are never forgotten; run again, it mends.
CREATE FUNCTION public.wye_grant_rights() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    business CONSTANT text[] := ARRAY['intake', 'canonical', 'identity', 'sharing', 'exchange', 'quality', 'scorecard'];
    -- What the planner is told of amid a batch. Only PostgreSQL 17 and later can grant it; before, ANALYZE does nothing.
    analysed CONSTANT text[] := ARRAY[
        'intake.present', 'intake.landed', 'intake.batch', 'intake.quarantine', 'canonical.row', 'identity.person_link',
        'identity.feature', 'identity.golden', 'identity.frequency', 'identity.block', 'scorecard.failing', 'scorecard.rule'
    ];
    missing text[] := '{}';
    each text;
BEGIN
    FOREACH each IN ARRAY ARRAY['wye_application', 'wye_sequencer', 'wye_auditor'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = each) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', each);
            END IF;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;  -- another database made it at this moment
            WHEN insufficient_privilege THEN missing := missing || each;
        END;
    END LOOP;
    IF cardinality(missing) > 0 THEN
        RETURN missing;
    END IF;

    FOREACH each IN ARRAY business || ARRAY['keys', 'audit'] LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM wye_application, wye_sequencer, wye_auditor', each);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM wye_application, wye_sequencer, wye_auditor', each);
    END LOOP;
    GRANT SELECT ON public.wye_revision TO wye_application, wye_sequencer, wye_auditor;

    -- The application: its own tables, and entries that it appends. It gives no index and signs no checkpoint.
    FOREACH each IN ARRAY business LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO wye_application', each);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO wye_application', each);
    END LOOP;
    FOR each IN
        SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE t.tgname LIKE '%\_is\_append\_only' AND n.nspname = ANY(business)
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE ON %s FROM wye_application', each);
    END LOOP;
    GRANT TRUNCATE ON identity.block, identity.frequency TO wye_application;
    IF current_setting('server_version_num')::int >= 170000 THEN
        FOREACH each IN ARRAY analysed LOOP
            EXECUTE format('GRANT MAINTAIN ON %s TO wye_application', each);
        END LOOP;
    END IF;
    GRANT USAGE ON SCHEMA keys, audit TO wye_application;
    GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA keys TO wye_application;
    IF to_regprocedure('keys.destroy(uuid, text, uuid[], timestamptz)') IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION keys.destroy(uuid, text, uuid[], timestamptz) TO wye_application;
        GRANT SELECT ON audit.destroyed TO wye_application;
    END IF;
    GRANT SELECT, INSERT ON audit.entry, audit.token, audit.staged TO wye_application;
    GRANT SELECT ON audit.index TO wye_application;

    -- The sequencer: headers in, indices, tree and checkpoints out. It sees no ciphertext, no token and no wrap.
    GRANT USAGE ON SCHEMA audit TO wye_sequencer;
    GRANT SELECT (id, header) ON audit.entry TO wye_sequencer;
    GRANT SELECT, DELETE ON audit.staged TO wye_sequencer;
    GRANT SELECT, INSERT ON audit.index, audit.node, audit.checkpoint, audit.cosignature TO wye_sequencer;

    -- The auditor: the whole trail and its wraps, nobody's record. What it adds is entries of its own looks, in the
    -- transaction of the look (no entry, no look), and what witnesses cosigned, which proves itself.
    GRANT USAGE ON SCHEMA keys, audit TO wye_auditor;
    GRANT SELECT ON ALL TABLES IN SCHEMA audit TO wye_auditor;
    GRANT SELECT ON ALL TABLES IN SCHEMA keys TO wye_auditor;
    GRANT INSERT ON audit.entry, audit.token, audit.staged, audit.cosignature, keys.wrap TO wye_auditor;
    RETURN missing;
END
$$;
REVOKE ALL ON FUNCTION public.wye_grant_rights() FROM PUBLIC;
