-- Know at once whom no waiting version names, and say of each table what an erasure must reach.

-- Of a version that waits somebody is known whom it is about: the row is a person's own, or a subject has a person. Noted
-- when versions are noted and when records are linked; false is looked at again, so it only ever costs time.
-- INVARIANT: a record that has a person is never left without one but by an erasure, which takes its lines here with it;
-- so what is placed stays placed while it waits.
ALTER TABLE canonical.pending_protection ADD COLUMN placed boolean NOT NULL DEFAULT false;
CREATE INDEX pending_protection_unplaced ON canonical.pending_protection (value) WHERE cleared_at IS NULL AND NOT placed;
UPDATE canonical.pending_protection p SET placed = true WHERE p.cleared_at IS NULL AND EXISTS (
 SELECT FROM canonical.pending_protection q WHERE q.value = p.value AND q.cleared_at IS NULL AND (q.own OR EXISTS (
  SELECT FROM identity.person_link l WHERE l.record = q.subject AND l.superseded_at IS NULL)));

-- An erasure may take the one who was known out of a version that is about somebody else too: it is asked again.
CREATE FUNCTION canonical.ask_again_who_is_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE canonical.pending_protection SET placed = false WHERE placed AND value IN (SELECT gone.value FROM gone);
    RETURN NULL;
END
$$;
CREATE TRIGGER placed_is_asked_again AFTER DELETE ON canonical.pending_protection REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION canonical.ask_again_who_is_placed();

-- A steward's decision closes what it waives: the scorecard looks it up.
CREATE INDEX quarantine_decided ON intake.quarantine (decision) WHERE decision IS NOT NULL;

-- What an erasure must reach. `record` is a UUIDv5 of source, stream and the source's own key: whoever has the source can
-- tell whose it is, and equal keys give it again. The record ids of a person come from identity.person_link, ended links
-- too, and from canonical.row, whose `subject` is that person's record.
COMMENT ON TABLE intake.landed IS 'Erasure: sealed under wraps held by record; deleting these in keys.wrap is enough.';
COMMENT ON TABLE intake.present IS
 'Erasure: delete by record: a hash under a key of the hub''s, which tells that a row is what it was.';
COMMENT ON TABLE intake.quarantine IS 'Erasure: delete by record: ids and names of rules and columns, no value.';
COMMENT ON TABLE intake.quarantine_decision IS
 'Erasure: delete by record, after the decision in intake.quarantine: a steward''s reason may name a person.';
COMMENT ON TABLE canonical.row IS
 'Erasure: delete by record, subject and the other record in body, ended versions too: values in clear.';
COMMENT ON TABLE canonical.changed IS 'Erasure: delete by subject: an id, until identify has run.';
COMMENT ON TABLE canonical.pending_protection IS
 'Erasure: delete by record and subject, cleared ones too: stated holds protections in clear.';
COMMENT ON TABLE identity.person IS 'Erasure: an id alone, kept: it says nothing once no link and no wrap names it.';
COMMENT ON TABLE identity.person_link IS 'Erasure: delete by record and person last, ended links too: they find the rest.';
COMMENT ON TABLE identity.event IS
 'Erasure: delete by kept, other and records: reason may name a person. Its trigger refuses all but an erasure.';
COMMENT ON TABLE identity.word IS
 'Erasure: delete by record_a and record_b, before its event. Its trigger refuses all but an erasure.';
COMMENT ON TABLE identity.doubt IS 'Erasure: delete by record_a and record_b: a reviewer''s reason may name a person.';
COMMENT ON TABLE identity.unsettled IS 'Erasure: delete by record: an id, until identify has run.';
COMMENT ON TABLE identity.second_look IS 'Erasure: delete by record_a and record_b: a reviewer''s reason may name a person.';
COMMENT ON TABLE identity.review_skip IS 'Erasure: delete by record_a and record_b: ids.';
COMMENT ON TABLE identity.sealing IS
 'Erasure: delete by record: that an identity is sealed is itself of a special kind. Nothing else says so any more then.';
COMMENT ON TABLE identity.mixed_disclosure IS 'Erasure: delete by person: ids of a person, entries and messages.';
COMMENT ON TABLE identity.correction_draft IS
 'Erasure: delete by persons, and drafts whose entries are about them: words and reason may name a person.';
COMMENT ON TABLE identity.golden IS 'Erasure: delete by person, ended versions too: value and contributors are in clear.';
COMMENT ON TABLE identity.feature IS 'Erasure: delete by record, and by record in duplicates of others: values in clear.';
COMMENT ON TABLE identity.block IS
 'Erasure: delete by record, with its feature: hashes without a key, from which a name or number can be guessed.';
COMMENT ON TABLE identity.correction IS
 'Erasure: delete by person and record, after its proposals: value, evidence and reason are in clear.';
COMMENT ON TABLE scorecard.failing IS 'Erasure: delete by record: names of rules and columns that one record fails.';
COMMENT ON TABLE scorecard.sample IS 'Erasure: delete by person and record: a steward''s reason may name a person.';
COMMENT ON TABLE sharing.due IS 'Erasure: delete by person: an id, until it is decided.';
COMMENT ON TABLE sharing.wait IS 'Erasure: delete by person: an id.';
COMMENT ON TABLE exchange.outbox IS
 'Erasure: sealed is under wraps held by person, fingerprint and body_hash are not: values can be guessed by them. The'
 ' subject is that recipient''s pseudonym. What waits is withdrawn first.';
COMMENT ON TABLE exchange.recipient_state IS
 'Erasure: delete by person, once the recipient was told to withdraw: a value can be guessed by fingerprint.';
COMMENT ON TABLE exchange.subject_sequence IS
 'Erasure: a recipient''s pseudonym and a number, kept: a number that was given is never given again.';
COMMENT ON TABLE exchange.inbound IS 'Erasure: a partner''s id of a message; what it held is in intake.landed by batch.';
COMMENT ON TABLE exchange.receipt IS
 'Erasure: an id and an outcome, kept as proof of delivery; but the hash of the body in jws is one that can be guessed by.';
COMMENT ON TABLE exchange.handed_on IS
 'Erasure: sealed under wraps held by item itself, not by its person: proposals give theirs by exchange.proposal (id, and'
 ' the UUIDv5 of id and withdrawn), notices by the record that item is.';
COMMENT ON TABLE exchange.proposal IS 'Erasure: delete by person and record: ids and the name of an attribute, no value.';
COMMENT ON TABLE audit.entry IS
 'Erasure: append-only. ciphertext is under wraps held by person, gone with these; the header repeats nothing of anybody.';
COMMENT ON TABLE audit.token IS 'Erasure: delete those of entries that no living holder can read: keyed hashes of who it is.';
COMMENT ON TABLE keys.wrap IS
 'Erasure: delete by holder: the person, every person whose links were hers or his, and their records.';
