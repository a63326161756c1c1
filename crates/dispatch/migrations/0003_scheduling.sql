-- Work orders, and the plans that are made of them.

CREATE TABLE optimisation (
    optimisation_id  uuid        PRIMARY KEY,
    -- The order in which they were asked for.
    seq              bigint      NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE,
    state            text        NOT NULL DEFAULT 'running'
                     CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled', 'published')),
    -- Encoded meridian.dispatch.v1.OptimiseRequest.
    request          bytea       NOT NULL,
    -- Encoded meridian.dispatch.v1.OptimisationProgress.
    progress         bytea       NOT NULL DEFAULT '',
    cancel_requested boolean     NOT NULL DEFAULT false,
    -- Counts those who took it; only the last one may write.
    attempt          integer     NOT NULL DEFAULT 0,
    -- Real time.
    leased_until     timestamptz NOT NULL DEFAULT '-infinity',
    -- Encoded meridian.dispatch.v1.Draft.
    draft            bytea,
    -- The orders that were planned, and the versions in which they were.
    order_ids        uuid[]      NOT NULL DEFAULT '{}',
    order_versions   bigint[]    NOT NULL DEFAULT '{}',
    -- Encoded meridian.dispatch.v1.OptimisationFailure.
    failure          bytea,
    -- Real time.
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (cardinality(order_ids) = cardinality(order_versions)),
    CHECK (CASE state WHEN 'running' THEN draft IS NULL AND failure IS NULL
                      WHEN 'failed' THEN draft IS NULL AND failure IS NOT NULL
                      WHEN 'cancelled' THEN failure IS NULL
                      ELSE draft IS NOT NULL AND failure IS NULL END)
);
CREATE INDEX optimisation_waiting ON optimisation (leased_until) WHERE state = 'running';

CREATE TABLE work_order (
    visit_id        uuid    PRIMARY KEY,
    -- The visit of the second engineer, should it take two.
    second_visit_id uuid    NOT NULL UNIQUE CHECK (second_visit_id <> visit_id),
    -- Encoded meridian.dispatch.v1.WorkOrder.
    record          bytea   NOT NULL,
    version         bigint  NOT NULL DEFAULT 1 CHECK (version > 0),
    cancelled       boolean NOT NULL DEFAULT false,
    -- The last optimisation whose draft plans it, until that is published.
    drafted_by      uuid    REFERENCES optimisation ON DELETE SET NULL
);
CREATE INDEX work_order_draft ON work_order (drafted_by) WHERE drafted_by IS NOT NULL;
