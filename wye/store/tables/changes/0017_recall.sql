-- Keep what was recalled from recipients, and their answers.
ALTER TABLE exchange.outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE exchange.outbox ADD CONSTRAINT outbox_kind_check
    CHECK (kind IN ('put', 'withdraw', 'correct', 'merge', 'split', 'void', 'recall'));

CREATE TABLE exchange.recall (
    id uuid PRIMARY KEY,
    ground text NOT NULL
        CHECK (ground IN ('rectification', 'erasure', 'restriction', 'consent-withdrawn', 'sent-in-error')),
    recalled_by text NOT NULL,           -- the account
    recalled_at timestamptz NOT NULL,
    answer_by timestamptz NOT NULL,
    ciphertext bytea NOT NULL,           -- who asked for it and why, held by its person; by the recall itself if it is of many
    CHECK (answer_by > recalled_at)
);

-- One for each recipient of each person. Without an answer it is open, and nothing new of the person goes to that recipient
-- under that agreement. `message` asks for it by the feed; without one, somebody tells the recipient.
CREATE TABLE exchange.recall_line (
    id uuid PRIMARY KEY,
    recall uuid NOT NULL REFERENCES exchange.recall,
    agreement text,                      -- none: of a one-off disclosure
    recipient text NOT NULL,
    person uuid NOT NULL,
    message uuid UNIQUE REFERENCES exchange.outbox,
    CHECK (message IS NULL OR agreement IS NOT NULL),
    UNIQUE NULLS NOT DISTINCT (recall, agreement, recipient, person)
);
CREATE INDEX recall_line_person ON exchange.recall_line (person);

-- What a recipient said, signed, or what somebody of us heard from it or decided. The newest counts.
CREATE TABLE exchange.recall_answer (
    id uuid PRIMARY KEY,
    line uuid NOT NULL REFERENCES exchange.recall_line,
    answer text NOT NULL
        CHECK (answer IN ('returned', 'deleted', 'kept-under-own-duty', 'cannot', 'impossible', 'disproportionate')),
    answered_by text NOT NULL,           -- the recipient by its signature, else our account
    at timestamptz NOT NULL,
    jws text,                            -- the signed answer
    ciphertext bytea,                    -- what our account wrote of it, under the key of value `id`, held by the person
    CHECK ((jws IS NULL) <> (ciphertext IS NULL)),
    CHECK (answer NOT IN ('impossible', 'disproportionate') OR jws IS NULL)   -- these two are ours to say (Article 19)
);
CREATE INDEX recall_answer_line ON exchange.recall_answer (line);

CREATE VIEW exchange.open_recall AS
SELECT l.id, l.recall, l.agreement, l.recipient, l.person, l.message, r.ground, r.answer_by
FROM exchange.recall_line AS l JOIN exchange.recall AS r ON r.id = l.recall
WHERE NOT EXISTS (SELECT FROM exchange.recall_answer AS a WHERE a.line = l.id);

COMMENT ON TABLE exchange.recall IS
 'Erasure: sealed under wraps held by the person; deleting these in keys.wrap is enough. One of many people names nobody.';
COMMENT ON TABLE exchange.recall_line IS
 'Erasure: ids alone, kept as proof of what was asked: a random id that nothing leads to any more.';
COMMENT ON TABLE exchange.recall_answer IS
 'Erasure: sealed under wraps held by the person; jws is kept as proof, and names a message by a random id.';

CREATE FUNCTION exchange.refuse_to_alter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'exchange.% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END
$$;
CREATE TRIGGER recall_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON exchange.recall
    EXECUTE FUNCTION exchange.refuse_to_alter();
CREATE TRIGGER recall_line_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON exchange.recall_line
    EXECUTE FUNCTION exchange.refuse_to_alter();
CREATE TRIGGER recall_answer_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON exchange.recall_answer
    EXECUTE FUNCTION exchange.refuse_to_alter();
