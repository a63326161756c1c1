-- Cases this region's coordinator has to do with. The row is locked by whoever changes a plan of the case or adds to
-- its timeline.
CREATE TABLE served_case (
    case_id uuid PRIMARY KEY,
    -- Office that owns the case, when it is known.
    office  text,
    closed  boolean NOT NULL DEFAULT false,
    -- Whether a party has accepted it.
    referred boolean NOT NULL DEFAULT false,
    -- Length of the timeline.
    entries bigint NOT NULL DEFAULT 0 CHECK (entries >= 0)
);

-- What happened to a case, anywhere.
CREATE TABLE timeline (
    case_id  uuid NOT NULL REFERENCES served_case,
    position bigint NOT NULL CHECK (position > 0),
    time     timestamptz NOT NULL,
    region   text NOT NULL,
    service  text NOT NULL,
    event    text NOT NULL,
    text     text NOT NULL,
    PRIMARY KEY (case_id, position)
);

CREATE TABLE plan (
    plan_id      uuid PRIMARY KEY,
    case_id      uuid NOT NULL REFERENCES served_case,
    state        text NOT NULL
        CHECK (state IN ('holding', 'executing', 'replanning', 'parked', 'completed', 'ended')),
    revision     integer NOT NULL CHECK (revision > 0),
    -- Who does what by when.
    owner        text CHECK (owner <> ''),
    next_action  text CHECK (next_action <> ''),
    due_at       timestamptz,
    parked_at    timestamptz,
    opened_at    timestamptz NOT NULL,
    -- When all was held for the first time.
    committed_at timestamptz,
    version      bigint NOT NULL CHECK (version > 0),
    -- The plan as the rules know it.
    body         jsonb NOT NULL,
    -- No dead end: what is open has an owner, a next action and a due time.
    CONSTRAINT plan_open_has_responsibility CHECK (
        num_nonnulls(owner, next_action, due_at)
            = CASE WHEN state IN ('completed', 'ended') THEN 0 ELSE 3 END),
    CONSTRAINT plan_parked_since CHECK ((state = 'parked') = (parked_at IS NOT NULL))
);
CREATE UNIQUE INDEX plan_one_open_of_case ON plan (case_id) WHERE state NOT IN ('completed', 'ended');
CREATE INDEX plan_by_case ON plan (case_id, opened_at);
CREATE INDEX plan_by_age ON plan (opened_at, plan_id);
CREATE INDEX plan_parked ON plan (parked_at, plan_id) WHERE state = 'parked';

-- Which plan a hold, transfer, visit or referral belongs to.
CREATE TABLE plan_task (
    task_id uuid PRIMARY KEY,
    plan_id uuid NOT NULL REFERENCES plan
);

-- Dates told to customers. Rows are only added; their state changes once.
CREATE TABLE promise (
    promise_id  uuid PRIMARY KEY,
    case_id     uuid NOT NULL,
    plan_id     uuid NOT NULL REFERENCES plan,
    revision    integer NOT NULL,
    promised_at timestamptz NOT NULL,
    zone        text NOT NULL,
    state       text NOT NULL CHECK (state IN ('open', 'kept', 'corrected', 'broken', 'withdrawn')),
    replaces    uuid REFERENCES promise,
    made_at     timestamptz NOT NULL
);
CREATE INDEX promise_by_age ON promise (made_at, promise_id);
CREATE INDEX promise_by_case ON promise (case_id, made_at, promise_id);

-- Searches for another solution that plans are waiting for.
CREATE TABLE search_job (
    plan_id      uuid PRIMARY KEY REFERENCES plan,
    search       integer NOT NULL,
    body         jsonb NOT NULL,
    -- Real time until which a worker has it.
    leased_until timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX search_job_by_lease ON search_job (leased_until);

-- Final answers to commits, so that a repeated call hears the same.
CREATE TABLE commit_answer (
    plan_id  uuid PRIMARY KEY REFERENCES plan,
    response bytea NOT NULL
);
