-- Know households, and propose corrections.

-- A steward found which value of an attribute is right: another source's, or (typed) one with evidence. Golden prefers it
-- until all sources say it (ended as `agreed`) or a human withdraws it. It goes with `record`, so merges take it along.
CREATE TABLE identity.correction (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,                              -- whose it was when it was accepted
    record uuid NOT NULL,                              -- the record whose value was accepted, or that carries a typed one
    attribute text NOT NULL,
    value jsonb NOT NULL,
    typed boolean NOT NULL,
    controller text NOT NULL,
    evidence text,                                     -- where the evidence is, such as the number of a document
    reason text NOT NULL,
    actor text NOT NULL,
    accepted_at timestamptz NOT NULL,
    ended_at timestamptz,
    ending text CHECK (ending IN ('agreed', 'withdrawn')),
    ended_by text,
    ended_reason text,
    CHECK ((ended_at IS NULL) = (ending IS NULL)),
    CHECK (NOT typed OR evidence IS NOT NULL)
);
CREATE INDEX correction_open ON identity.correction (record) WHERE ended_at IS NULL;

-- What a correction would have one system change in one of its records, decided under one agreement. `reserved` is kept in
-- exchange.handed_on, sealed, as item `id`. A proposal that is withheld says why, and is decided again.
CREATE TABLE exchange.proposal (
    id uuid PRIMARY KEY,                               -- named for ever by correction, system and record
    correction uuid NOT NULL REFERENCES identity.correction,
    system text NOT NULL,
    record uuid NOT NULL,
    person uuid NOT NULL,
    attribute text NOT NULL,
    agreement text,
    version text,
    recipient text,
    state text NOT NULL CHECK (state IN ('withheld', 'sent', 'accepted', 'refused', 'withdrawn')),
    why text NOT NULL,                                 -- a clause and its words; never a value
    decided_at timestamptz NOT NULL,
    sent_at timestamptz,
    closed_at timestamptz,
    UNIQUE (correction, system, record),
    CHECK (state IN ('withheld', 'withdrawn') OR sent_at IS NOT NULL)
);
CREATE INDEX proposal_open ON exchange.proposal (system) WHERE state IN ('withheld', 'sent');
CREATE INDEX proposal_person ON exchange.proposal (person);

-- Who else is at a door, and who else names a record, without reading everybody: a household is found where it is asked for.
CREATE INDEX row_uprn ON canonical.row ((body ->> 'uprn'))
    WHERE superseded_at IS NULL AND entity = 'address' AND body ->> 'uprn' IS NOT NULL;
CREATE INDEX row_postcode ON canonical.row ((body ->> 'postcode')) WHERE superseded_at IS NULL AND entity = 'address';
CREATE INDEX row_other ON canonical.row ((body ->> 'other')) WHERE superseded_at IS NULL AND entity = 'relationship';

-- History is read by person and record, ended versions included.
CREATE INDEX person_link_history ON identity.person_link (person);
