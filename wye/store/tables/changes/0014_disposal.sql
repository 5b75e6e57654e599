-- Keep what a lawful destruction leaves provable, and look a person up without reading whole tables.

-- What identity.reach and keys.destroy look for, and what nothing else was found by. Ended rows have an index of their own:
-- one over all would cost each row that is written, and the two are read as one where the condition names both.
CREATE INDEX row_subject_ever ON canonical.row (subject) WHERE superseded_at IS NOT NULL;
CREATE INDEX row_other_ever ON canonical.row ((body ->> 'other')) WHERE body ->> 'other' IS NOT NULL;

-- How many reports to these people are drafted and not released: for each of them the newest draft counts. A number is all
-- that is told: the hub's application may not see reports, and must know that one is open before anything is destroyed.
CREATE FUNCTION keys.reports_open(persons uuid[]) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*) FROM (
        SELECT DISTINCT ON (w.holder) d.id
        FROM keys.wrap AS w JOIN report.draft AS d ON d.id = w.value
        WHERE w.holder = ANY(persons) ORDER BY w.holder, d.drafted_at DESC, d.id DESC
    ) AS newest WHERE NOT EXISTS (SELECT FROM report.release AS r WHERE r.report = newest.id)
$$;
REVOKE ALL ON FUNCTION keys.reports_open(uuid[]) FROM PUBLIC;

-- Run after every migration, as the rights of 0010.
CREATE OR REPLACE FUNCTION report.grant_rights() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'wye_auditor') THEN
        GRANT USAGE ON SCHEMA report TO wye_auditor;
        GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA report TO wye_auditor;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'wye_application') THEN
        GRANT EXECUTE ON FUNCTION keys.reports_open(uuid[]) TO wye_application;
    END IF;
END
$$;

COMMENT ON TABLE exchange.receipt IS
 'Erasure: an id and an outcome, kept as proof of delivery; jws is emptied, since it holds the hash of the body.';

-- Whom a shred reaches: the persons whose records are all this person's now; `own`, the records of entity person whose
-- newest link is to this person; `records`, these and all that is about them alone; `mixed`, what is about them and about
-- somebody else who stays: its rows about them go, its landed row stays.
CREATE OR REPLACE FUNCTION identity.reach(who uuid, OUT persons uuid[], OUT own uuid[], OUT records uuid[], OUT mixed uuid[])
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_variable
BEGIN
    SELECT coalesce(array_agg(n.record), '{}') INTO own FROM (
        SELECT DISTINCT ON (l.record) l.record, l.person FROM identity.person_link AS l
        WHERE l.record IN (SELECT h.record FROM identity.person_link AS h WHERE h.person = who)
        ORDER BY l.record, l.recorded_at DESC) AS n WHERE n.person = who;
    SELECT array_agg(DISTINCT p.person) INTO persons FROM (
        SELECT who AS person UNION
        SELECT l.person FROM identity.person_link AS l WHERE l.record = ANY(own) AND NOT EXISTS (
            SELECT FROM identity.person_link AS m WHERE m.person = l.person AND m.record <> ALL(own))) AS p;
    SELECT coalesce(array_agg(DISTINCT f.record), '{}') INTO records FROM (
        SELECT unnest(own) AS record
        UNION SELECT r.record FROM canonical.row AS r WHERE r.subject = ANY(own) AND r.superseded_at IS NULL
        UNION SELECT r.record FROM canonical.row AS r WHERE r.subject = ANY(own) AND r.superseded_at IS NOT NULL
        UNION SELECT r.record FROM canonical.row AS r WHERE r.body ->> 'other' = ANY(own::text[])
        UNION SELECT p.record FROM canonical.pending_protection AS p WHERE p.subject = ANY(own)) AS f;
    SELECT coalesce(array_agg(DISTINCT r.record), '{}') INTO mixed FROM canonical.row AS r
    WHERE r.record = ANY(records) AND r.record <> ALL(own) AND r.subject <> ALL(own)
      AND coalesce(r.body ->> 'other', '') <> ALL(own::text[]);
    records := ARRAY(SELECT f FROM unnest(records) AS f WHERE f <> ALL(mixed));
END
$$;

-- Do what was asked: delete every wrap, token and row by which this person could be read, as the owner of the tables, so
-- that nothing else can. `items`: what was handed on about them. Refuses the account that asked, and a standing hold.
CREATE OR REPLACE FUNCTION keys.destroy(
    request uuid, by_account text, items uuid[], instant timestamptz,
    OUT wraps bigint, OUT entries bigint, OUT rows bigint, OUT still_readable bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked keys.shred;
    reached record;
    holders uuid[];
    touched uuid[];
    events uuid[];
    ever uuid[];
    statement text;
    gone_now bigint;
BEGIN
    SELECT * INTO asked FROM keys.shred WHERE id = request AND state = 'asked' FOR UPDATE;
    IF asked.id IS NULL THEN
        RAISE EXCEPTION 'shred % is not asked for', request;
    ELSIF asked.asked_by = by_account THEN
        RAISE EXCEPTION 'a shred is approved by another account than the one that asked for it';
    END IF;
    SELECT * INTO reached FROM identity.reach(asked.person);
    IF EXISTS (SELECT FROM keys.legal_hold WHERE person = ANY(reached.persons) AND lifted_at IS NULL) THEN
        RAISE EXCEPTION 'a legal hold stands';
    END IF;
    PERFORM set_config('wye.shred', request::text, true);

    -- What only they held is unreadable from here on. Items are destroyed only if they were handed on.
    holders := reached.persons || reached.records
        || ARRAY(SELECT h.item FROM exchange.handed_on AS h WHERE h.item = ANY(items || reached.records));
    WITH gone AS (DELETE FROM keys.wrap WHERE holder = ANY(holders) RETURNING value)
    SELECT count(*), coalesce(array_agg(DISTINCT value), '{}') INTO wraps, touched FROM gone;
    SELECT count(*) INTO still_readable FROM unnest(touched) AS t (value)
    WHERE EXISTS (SELECT FROM keys.wrap AS w WHERE w.value = t.value);
    still_readable := still_readable + (SELECT count(*) FROM keys.wrap AS w WHERE w.holder = ANY(reached.mixed));
    INSERT INTO audit.destroyed (entry, shred) SELECT e.id, request FROM audit.entry AS e WHERE e.id = ANY(touched)
        AND NOT EXISTS (SELECT FROM keys.wrap AS w WHERE w.value = e.id);
    GET DIAGNOSTICS entries = ROW_COUNT;
    DELETE FROM audit.token WHERE entry IN (SELECT d.entry FROM audit.destroyed AS d WHERE d.shred = request);
    UPDATE exchange.outbox SET sealed = '', body_hash = '', fingerprint = ''
    WHERE person = ANY(reached.persons) AND NOT EXISTS (SELECT FROM keys.wrap AS w WHERE w.value = outbox.id);

    -- The hash of the body that a recipient signed for is one that values can be guessed by, as the outbox's own.
    UPDATE exchange.receipt SET jws = '' WHERE outbox IN (
        SELECT o.id FROM exchange.outbox AS o WHERE o.person = ANY(reached.persons) AND o.body_hash = '');

    -- Whose golden records these records ever fed: those whom they were taken for.
    ever := reached.persons || ARRAY(SELECT DISTINCT l.person FROM identity.person_link AS l
                                     WHERE l.record = ANY(reached.own) AND l.person <> ALL(reached.persons));
    SELECT coalesce(array_agg(e.id), '{}') INTO events FROM identity.event AS e
    WHERE e.kept = ANY(reached.persons) OR e.other = ANY(reached.persons) OR e.records && reached.own
       OR EXISTS (SELECT FROM identity.word AS w WHERE w.event = e.id
                  AND (w.record_a = ANY(reached.own) OR w.record_b = ANY(reached.own)));
    events := events || ARRAY(SELECT e.id FROM identity.event AS e WHERE e.undoes = ANY(events) AND e.id <> ALL(events));
    rows := 0;
    FOREACH statement IN ARRAY ARRAY[
        'exchange.recipient_state WHERE person = ANY($1)',
        'exchange.proposal WHERE person = ANY($1) OR record = ANY($2)'
        ' OR correction IN (SELECT id FROM identity.correction WHERE person = ANY($1) OR record = ANY($2))',
        'identity.correction WHERE person = ANY($1) OR record = ANY($2)',
        'identity.correction_draft WHERE persons && $1 OR parting = ANY($4)',
        'identity.mixed_disclosure WHERE person = ANY($1) OR parting = ANY($4)',
        'scorecard.sample WHERE person = ANY($1) OR record = ANY($2)',
        'scorecard.failing WHERE record = ANY($2)',
        'sharing.due WHERE person = ANY($1)',
        'sharing.wait WHERE person = ANY($1)',
        'identity.second_look WHERE record_a = ANY($3) OR record_b = ANY($3)',
        'identity.review_skip WHERE record_a = ANY($3) OR record_b = ANY($3)',
        'identity.doubt WHERE record_a = ANY($3) OR record_b = ANY($3)',
        'identity.unsettled WHERE record = ANY($3)',
        'identity.sealing WHERE record = ANY($3)',
        'identity.word WHERE event = ANY($4)',
        'identity.event WHERE id = ANY($4)',
        -- of others too, while these records were taken for theirs: what each source said stands beside the value
        'identity.golden WHERE person = ANY($5) AND (person = ANY($1) OR record = ANY($2) OR (superseded_at IS NOT NULL'
        ' AND EXISTS (SELECT FROM unnest($3::text[]) AS r WHERE contributors::text LIKE ''%'' || r || ''%'')))',
        'identity.block WHERE record = ANY($3)',
        'identity.feature WHERE record = ANY($3)',
        'canonical.changed WHERE subject = ANY($3)',
        'canonical.pending_protection WHERE record = ANY($2) OR subject = ANY($3)',
        -- said twice, for the two indices
        'canonical.row WHERE subject = ANY($3) AND superseded_at IS NULL OR subject = ANY($3) AND superseded_at IS NOT NULL'
        ' OR record = ANY($3) OR body ->> ''other'' = ANY($3::text[])',
        'intake.quarantine WHERE record = ANY($2)',
        'intake.quarantine_decision WHERE record = ANY($2)',
        'intake.present WHERE record = ANY($2)',
        'keys.legal_hold WHERE person = ANY($1)',
        'keys.shred WHERE person = ANY($1) AND state = ''withdrawn''',
        'identity.person_link WHERE record = ANY($3)'
    ] LOOP
        EXECUTE 'DELETE FROM ' || statement USING reached.persons, reached.records, reached.own, events, ever;
        GET DIAGNOSTICS gone_now = ROW_COUNT;
        rows := rows + gone_now;
    END LOOP;
    UPDATE identity.feature SET duplicates = ARRAY(SELECT d FROM unnest(duplicates) AS d WHERE d <> ALL(reached.own::text[]))
    WHERE duplicates && reached.own::text[];
    UPDATE keys.shred SET state = 'done', reason = '', decided_by = by_account, decided_at = instant WHERE id = request;
    PERFORM set_config('wye.shred', '', true);
END
$$;
