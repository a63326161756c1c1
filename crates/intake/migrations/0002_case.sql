-- Cases, what is known about them, and their referrals.

CREATE TABLE support_case (
    case_id       uuid PRIMARY KEY,
    customer_id   text NOT NULL REFERENCES customer,
    person_id     text NOT NULL REFERENCES person,
    -- The office that took the call and owns the case.
    office        text NOT NULL CHECK (office <> ''),
    need          jsonb NOT NULL,
    serial_number text GENERATED ALWAYS AS (need #>> '{kind,repair,serial_number}') STORED,
    priority      text NOT NULL CHECK (priority IN ('critical', 'high', 'normal')),
    state         text NOT NULL
        CHECK (state IN ('open', 'in_progress', 'referral_offered', 'referred', 'parked', 'closed')),
    owner         text,
    next_action   text,
    due_at        timestamptz,
    plan_id       uuid,
    plan_revision integer,
    opened_at     timestamptz NOT NULL,
    closed_at     timestamptz,
    resolution    text CHECK (resolution IN ('solved', 'referred', 'withdrawn')),
    version       bigint NOT NULL CHECK (version > 0),
    CONSTRAINT support_case_plan CHECK ((plan_id IS NULL) = (plan_revision IS NULL)),
    -- An open case never lacks an owner, a next action and its due time; a closed one has none.
    CONSTRAINT support_case_no_dead_end CHECK (
        CASE WHEN state = 'closed'
             THEN owner IS NULL AND next_action IS NULL AND due_at IS NULL
                  AND closed_at IS NOT NULL AND resolution IS NOT NULL
             ELSE coalesce(owner, '') <> '' AND coalesce(next_action, '') <> '' AND due_at IS NOT NULL
                  AND closed_at IS NULL AND resolution IS NULL
        END
    )
);
CREATE INDEX support_case_newest ON support_case (opened_at DESC, case_id DESC);
CREATE INDEX support_case_customer ON support_case (customer_id, opened_at DESC, case_id DESC);
CREATE INDEX support_case_due ON support_case (due_at) WHERE state <> 'closed';
CREATE INDEX support_case_serial_number ON support_case (serial_number) WHERE state <> 'closed';

-- Every statement ever made. Nothing is deleted: a fact that is replaced becomes history.
CREATE TABLE case_fact (
    fact_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id   uuid NOT NULL REFERENCES support_case,
    name      text NOT NULL CHECK (name <> ''),
    value     text NOT NULL,
    source    text NOT NULL CHECK (source IN ('caller', 'record', 'office')),
    stated_by text NOT NULL CHECK (stated_by <> ''),
    stated_at timestamptz NOT NULL,
    verified  boolean NOT NULL,
    -- What is planned with, what contradicts it with less authority, and what was said before.
    standing  text NOT NULL CHECK (standing IN ('current', 'disputed', 'history'))
);
CREATE INDEX case_fact_case ON case_fact (case_id) WHERE standing <> 'history';
CREATE UNIQUE INDEX case_fact_one_current ON case_fact (case_id, name) WHERE standing = 'current';
CREATE UNIQUE INDEX case_fact_one_disputed ON case_fact (case_id, name) WHERE standing = 'disputed';

CREATE TABLE referral (
    referral_id   uuid PRIMARY KEY,
    -- Order in which the referrals of a case were made.
    number        bigint GENERATED ALWAYS AS IDENTITY,
    case_id       uuid NOT NULL REFERENCES support_case,
    party_id      text NOT NULL REFERENCES party,
    state         text NOT NULL CHECK (state IN ('offered', 'accepted', 'declined', 'returned', 'withdrawn')),
    reason        text NOT NULL CHECK (reason <> ''),
    accept_by     timestamptz NOT NULL,
    answered_by   text,
    answered_at   timestamptz,
    answer_reason text,
    CONSTRAINT referral_answer CHECK (
        CASE state WHEN 'offered'  THEN answered_at IS NULL AND answered_by IS NULL
                   WHEN 'returned' THEN answered_at IS NOT NULL AND answered_by IS NULL
                   WHEN 'withdrawn' THEN answered_at IS NOT NULL AND answered_by IS NULL
                   ELSE answered_at IS NOT NULL AND coalesce(answered_by, '') <> ''
        END
    )
);
CREATE UNIQUE INDEX referral_one_offered ON referral (case_id) WHERE state = 'offered';
CREATE INDEX referral_case ON referral (case_id, number DESC);
