-- Draft corrections also to whoever was told by a one-off disclosure, under no agreement; and let a human set a draft aside,
-- with a reason (UK GDPR Article 19: unless telling is impossible or involves disproportionate effort).
ALTER TABLE identity.correction_draft ALTER COLUMN agreement DROP NOT NULL;
ALTER TABLE identity.correction_draft DROP CONSTRAINT correction_draft_state_check;
ALTER TABLE identity.correction_draft ADD CONSTRAINT correction_draft_state_check
    CHECK (state IN ('draft', 'approved', 'set-aside'));
ALTER TABLE identity.correction_draft ADD CONSTRAINT decided_with_a_reason
    CHECK (state = 'draft' OR (decided_by IS NOT NULL AND coalesce(reason, '') <> '' AND decided_at IS NOT NULL)) NOT VALID;

-- A recipient that was told by hand of a rectification may answer that it put right what it holds: our account writes it down.
ALTER TABLE exchange.recall_answer DROP CONSTRAINT recall_answer_answer_check;
ALTER TABLE exchange.recall_answer ADD CONSTRAINT recall_answer_answer_check CHECK (answer IN
    ('returned', 'deleted', 'kept-under-own-duty', 'cannot', 'corrected', 'impossible', 'disproportionate'));
ALTER TABLE exchange.recall_answer ADD CONSTRAINT corrected_is_written_down
    CHECK (answer <> 'corrected' OR jws IS NULL);
