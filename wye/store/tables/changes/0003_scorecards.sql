-- Keep scorecards and accuracy samples. Names of rules and columns, counts and ids: never a value.
CREATE SCHEMA scorecard;

-- What the newest checked version of each record fails, by any rule: what quarantines its row, what is left out of it,
-- what is only counted, and what the nightly comparisons found. `since` is when the record first failed without a pause.
CREATE TABLE scorecard.failing (
    record uuid NOT NULL,
    source text NOT NULL,
    stream text NOT NULL,
    rule text NOT NULL,
    "column" text NOT NULL,
    dimension text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
    nightly boolean NOT NULL DEFAULT false,   -- found by a comparison of records, not by a look at the row
    since timestamptz NOT NULL,
    PRIMARY KEY (record, rule, "column")
);
CREATE INDEX failing_of_stream ON scorecard.failing (source, stream, dimension);

-- A day's score of each rule: of all rows that the source holds and that were checked, how many fail.
CREATE TABLE scorecard.rule (
    day date NOT NULL,
    source text NOT NULL,
    stream text NOT NULL,
    rule text NOT NULL,
    "column" text NOT NULL,
    dimension text NOT NULL,
    severity text NOT NULL,
    rows bigint NOT NULL,
    failed bigint NOT NULL,
    scored_at timestamptz NOT NULL,
    PRIMARY KEY (day, source, stream, rule, "column")
);

-- A day's score of each dimension: how many rows fail at least one of its rules.
CREATE TABLE scorecard.dimension (
    day date NOT NULL,
    source text NOT NULL,
    stream text NOT NULL,
    dimension text NOT NULL,
    rows bigint NOT NULL,
    failed bigint NOT NULL,
    scored_at timestamptz NOT NULL,
    PRIMARY KEY (day, source, stream, dimension)
);

-- One released value that a steward compares with what is true: which field of whom, from which source. Never the value.
CREATE TABLE scorecard.sample (
    id uuid PRIMARY KEY,
    day date NOT NULL,
    agreement text NOT NULL,
    person uuid NOT NULL,
    entity text NOT NULL,
    field text NOT NULL,
    source text NOT NULL,
    record uuid NOT NULL,
    owner text NOT NULL,
    drawn_at timestamptz NOT NULL,
    verdict text CHECK (verdict IN ('right', 'wrong')),
    reason text,
    actor text,
    checked_at timestamptz,
    CHECK ((verdict IS NULL) = (checked_at IS NULL))
);
CREATE INDEX sample_of_agreement ON scorecard.sample (agreement, day);
CREATE INDEX sample_waiting ON scorecard.sample (owner, day) WHERE verdict IS NULL;

-- Each agreement is drawn once a day, from how many people: what the sample stands for.
CREATE TABLE scorecard.draw (
    agreement text NOT NULL,
    day date NOT NULL,
    people bigint NOT NULL,
    drawn bigint NOT NULL,
    PRIMARY KEY (agreement, day)
);
