-- What customers and other systems are told, and how they want to be told.

-- What is known of a case. The row is locked by whoever records something about the case, so that what two readers
-- (of intake's and of the coordinator's events) do about one case happens one after the other.
CREATE TABLE customer_case (
    case_id     uuid        PRIMARY KEY,
    -- Absent until CaseOpened was read; milestones that come earlier wait for it.
    customer_id text,
    person_id   text,
    -- The date that was told last and still stands.
    promised_at timestamptz,
    CHECK (num_nulls(customer_id, person_id) <> 1)
);

-- What happened to a case that customers hear about, each once.
CREATE TABLE milestone (
    seq         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id     uuid        NOT NULL REFERENCES customer_case,
    milestone   text        NOT NULL,
    -- Plan it belongs to, if any, and its revision; 0 for what belongs to no plan.
    plan_id     uuid,
    revision    integer     NOT NULL CHECK (revision >= 0),
    -- Tells apart what a case may have several of with one revision: the id of the plan, the promise or the referral,
    -- or the instant of the next word; otherwise empty.
    occurrence  text        NOT NULL,
    -- The only facts that a text can be made of.
    view        jsonb       NOT NULL,
    -- WAITING: the case is not known yet. OVERTAKEN: a later milestone was told before.
    state       text        NOT NULL CHECK (state IN ('WAITING', 'TOLD', 'OVERTAKEN')),
    traceparent text,
    UNIQUE (case_id, milestone, revision, occurrence)
);

-- One message to one recipient through one channel. Subject and body hold personal data (the greeting by name): they
-- stay in this table of the home region.
CREATE TABLE notice (
    notice_id     uuid        PRIMARY KEY,
    seq           bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    milestone_seq bigint      NOT NULL REFERENCES milestone,
    case_id       uuid        NOT NULL,
    milestone     text        NOT NULL,
    revision      integer     NOT NULL,
    occurrence    text        NOT NULL,
    -- A person's or a webhook's id.
    recipient     text        NOT NULL,
    channel       text        NOT NULL CHECK (channel IN ('EMAIL', 'WEBHOOK')),
    state         text        NOT NULL CHECK (state IN ('PENDING', 'SENT', 'SUPPRESSED', 'FAILED')),
    -- As sent; empty before.
    language      text        NOT NULL DEFAULT '',
    subject       text        NOT NULL DEFAULT '',
    body          text        NOT NULL DEFAULT '',
    attempts      integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- Real time from which a sender may take it: now, after a pause, or at the end of the lease of the sender that
    -- has it.
    due_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Business time.
    created_at    timestamptz NOT NULL,
    sent_at       timestamptz,
    CHECK ((state = 'SENT') = (sent_at IS NOT NULL)),
    CONSTRAINT notice_is_told_once UNIQUE (case_id, milestone, revision, occurrence, recipient, channel)
);
CREATE INDEX notice_due ON notice (channel, due_at) WHERE state = 'PENDING';
CREATE INDEX notice_turn ON notice (case_id, recipient, channel, seq) WHERE state = 'PENDING';
CREATE INDEX notice_by_state ON notice (state, seq);

-- Written before each try, in real time. A row without outcome: the sender ended, or is still at it.
CREATE TABLE attempt (
    notice_id  uuid        NOT NULL REFERENCES notice,
    number     integer     NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz,
    -- A code ('delivered', 'SMTP 450', 'HTTP 500'), never a server's own words: they may hold an address.
    outcome    text,
    PRIMARY KEY (notice_id, number),
    CHECK (num_nulls(ended_at, outcome) <> 1)
);

CREATE TABLE preference (
    person_id       text    PRIMARY KEY,
    -- Empty: the person's own.
    language        text    NOT NULL,
    essentials_only boolean NOT NULL
);

CREATE TABLE webhook (
    webhook_id        uuid        PRIMARY KEY,
    customer_id       text        NOT NULL,
    url               text        NOT NULL,
    secret            bytea       NOT NULL CHECK (length(secret) = 32),
    is_disabled       boolean     NOT NULL DEFAULT false,
    -- Real time.
    last_delivered_at timestamptz
);
CREATE INDEX webhook_by_customer ON webhook (customer_id, webhook_id);
