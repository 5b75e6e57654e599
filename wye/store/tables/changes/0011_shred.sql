-- Destroy what is known of a person so that nobody reads it again, and leave every proof valid.

-- Nobody is shredded while a legal hold stands: an inquiry, a court, a claim. Holds are data, not code.
CREATE TABLE keys.legal_hold (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,
    reason text NOT NULL,
    placed_by text NOT NULL,
    placed_at timestamptz NOT NULL,
    lifted_by text,
    lifted_reason text,
    lifted_at timestamptz,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
CREATE INDEX legal_hold_standing ON keys.legal_hold (person) WHERE lifted_at IS NULL;
COMMENT ON TABLE keys.legal_hold IS 'Erasure: delete by person, all being lifted: a reason may name a person.';

-- What one account asks and another approves. A row that is done stays, without its reason: it tells why nothing is held.
CREATE TABLE keys.shred (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('asked', 'withdrawn', 'done')),
    reason text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    entry uuid REFERENCES audit.entry,   -- that says it was done; readable by whoever reads the trail
    CHECK ((state = 'asked') = (decided_at IS NULL)),
    CHECK (state <> 'done' OR decided_by <> asked_by)
);
CREATE UNIQUE INDEX shred_asked ON keys.shred (person) WHERE state = 'asked';
COMMENT ON TABLE keys.shred IS 'Erasure: kept, its reason emptied: a random id that nothing leads to any more.';

-- Which entries can no longer be read because of which shred: what tells a lawful destruction from a lost wrap.
CREATE TABLE audit.destroyed (
    entry uuid PRIMARY KEY REFERENCES audit.entry,
    shred uuid NOT NULL REFERENCES keys.shred
);
CREATE TRIGGER destroyed_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.destroyed
    EXECUTE FUNCTION audit.refuse();

-- Only keys.destroy, which runs as the owner of the tables, says that a shred is done; afterwards its entry is noted, once.
CREATE FUNCTION keys.guard_shred() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner CONSTANT text := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID);
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state <> 'asked' THEN
        RAISE EXCEPTION 'a shred begins by being asked for';
    ELSIF TG_OP = 'UPDATE' THEN
        IF OLD.state = 'withdrawn' OR (OLD.state = 'done' AND (OLD.entry IS NOT NULL
            OR (NEW.id, NEW.person, NEW.state, NEW.reason, NEW.asked_by, NEW.asked_at, NEW.decided_by, NEW.decided_at)
               IS DISTINCT FROM
               (OLD.id, OLD.person, OLD.state, OLD.reason, OLD.asked_by, OLD.asked_at, OLD.decided_by, OLD.decided_at)))
        THEN
            RAISE EXCEPTION 'shred % is %: it is not changed any more', OLD.id, OLD.state;
        ELSIF (NEW.id, NEW.person, NEW.asked_by, NEW.asked_at) IS DISTINCT FROM (OLD.id, OLD.person, OLD.asked_by, OLD.asked_at)
            OR (OLD.state = 'asked' AND NEW.state = 'done' AND current_user <> owner)
        THEN
            RAISE EXCEPTION 'who asked for whom is not changed, and only keys.destroy says that it is done';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER shred_is_guarded BEFORE INSERT OR UPDATE ON keys.shred FOR EACH ROW EXECUTE FUNCTION keys.guard_shred();

-- Whom a shred reaches: the persons whose records are all this person's now; `own`, the records of entity person whose
-- newest link is to this person; `records`, these and all that is about them alone; `mixed`, what is about them and about
-- somebody else who stays: its rows about them go, its landed row stays.
CREATE FUNCTION identity.reach(who uuid, OUT persons uuid[], OUT own uuid[], OUT records uuid[], OUT mixed uuid[])
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
        UNION SELECT r.record FROM canonical.row AS r WHERE r.subject = ANY(own) OR r.body ->> 'other' = ANY(own::text[])
        UNION SELECT p.record FROM canonical.pending_protection AS p WHERE p.subject = ANY(own)) AS f;
    SELECT coalesce(array_agg(DISTINCT r.record), '{}') INTO mixed FROM canonical.row AS r
    WHERE r.record = ANY(records) AND r.record <> ALL(own) AND r.subject <> ALL(own)
      AND coalesce(r.body ->> 'other', '') <> ALL(own::text[]);
    records := ARRAY(SELECT f FROM unnest(records) AS f WHERE f <> ALL(mixed));
END
$$;

-- Words of humans about people go when a person does, and not otherwise.
CREATE OR REPLACE FUNCTION identity.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('wye.shred', true) <> ''
        AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'identity.% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END
$$;

-- Do what was asked: delete every wrap, token and row by which this person could be read, as the owner of the tables, so
-- that nothing else can. `items`: what was handed on about them. Refuses the account that asked, and a standing hold.
CREATE FUNCTION keys.destroy(
    request uuid, by_account text, items uuid[], instant timestamptz,
    OUT wraps bigint, OUT entries bigint, OUT rows bigint, OUT still_readable bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked keys.shred;
    reached record;
    holders uuid[];
    touched uuid[];
    events uuid[];
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
        'identity.golden WHERE person = ANY($1) OR record = ANY($2) OR (superseded_at IS NOT NULL'
        ' AND EXISTS (SELECT FROM unnest($3::text[]) AS r WHERE contributors::text LIKE ''%'' || r || ''%''))',
        'identity.block WHERE record = ANY($3)',
        'identity.feature WHERE record = ANY($3)',
        'canonical.changed WHERE subject = ANY($3)',
        'canonical.pending_protection WHERE record = ANY($2) OR subject = ANY($3)',
        'canonical.row WHERE subject = ANY($3) OR record = ANY($3) OR body ->> ''other'' = ANY($3::text[])',
        'intake.quarantine WHERE record = ANY($2)',
        'intake.quarantine_decision WHERE record = ANY($2)',
        'intake.present WHERE record = ANY($2)',
        'keys.legal_hold WHERE person = ANY($1)',
        'keys.shred WHERE person = ANY($1) AND state = ''withdrawn''',
        'identity.person_link WHERE record = ANY($3)'
    ] LOOP
        EXECUTE 'DELETE FROM ' || statement USING reached.persons, reached.records, reached.own, events;
        GET DIAGNOSTICS gone_now = ROW_COUNT;
        rows := rows + gone_now;
    END LOOP;
    UPDATE identity.feature SET duplicates = ARRAY(SELECT d FROM unnest(duplicates) AS d WHERE d <> ALL(reached.own::text[]))
    WHERE duplicates && reached.own::text[];
    UPDATE keys.shred SET state = 'done', reason = '', decided_by = by_account, decided_at = instant WHERE id = request;
    PERFORM set_config('wye.shred', '', true);
END
$$;
REVOKE ALL ON FUNCTION keys.destroy(uuid, text, uuid[], timestamptz) FROM PUBLIC;
