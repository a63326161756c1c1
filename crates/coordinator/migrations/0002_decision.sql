-- The network that decisions were made with, in every version that was used.
CREATE TABLE network_snapshot (
    version bigint PRIMARY KEY,
    network jsonb NOT NULL
);

-- What was asked, what was known, and what was answered: enough to answer again.
CREATE TABLE decision (
    decision_id     uuid PRIMARY KEY,
    case_id         uuid,
    found_at        timestamptz NOT NULL,
    policy_version  integer NOT NULL,
    network_version bigint NOT NULL REFERENCES network_snapshot,
    horizon         jsonb NOT NULL,
    world           jsonb NOT NULL,
    request         jsonb,
    answer          jsonb
);
CREATE INDEX decision_by_case ON decision (case_id, found_at);

-- Solutions that were offered for a case.
CREATE TABLE offered_solution (
    solution_id uuid PRIMARY KEY,
    case_id     uuid NOT NULL,
    decision_id uuid NOT NULL REFERENCES decision,
    valid_until timestamptz NOT NULL,
    deadline    timestamptz,
    -- As callers see it.
    solution    jsonb NOT NULL,
    -- As a plan carries it out.
    chosen      jsonb NOT NULL
);
CREATE INDEX offered_solution_by_case ON offered_solution (case_id);
