-- Engineers of this region with their absences and visits, and what is known of the world's.

-- Lets the constraint on visits compare engineers and time in one index.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Whether a span of time has a first instant, and an end that is no longer in it.
CREATE FUNCTION is_bounded(span tstzrange) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT NOT isempty(span) AND lower_inc(span) AND NOT upper_inc(span)
       AND coalesce(isfinite(lower(span)) AND isfinite(upper(span)), false)
$$;

CREATE TABLE engineer (
    engineer_id text   PRIMARY KEY,
    -- Encoded meridian.dispatch.v1.Engineer.
    record      bytea  NOT NULL,
    -- Counts the changes of the record and of what takes the engineer's time. Whoever changes either locks
    -- the row.
    version     bigint NOT NULL DEFAULT 1 CHECK (version > 0)
);

CREATE TABLE absence (
    absence_id  uuid      PRIMARY KEY,
    engineer_id text      NOT NULL REFERENCES engineer,
    during      tstzrange NOT NULL CHECK (is_bounded(during)),
    reason      text      NOT NULL CHECK (reason IN ('ill', 'leave', 'other'))
);
CREATE INDEX absence_during ON absence USING gist (engineer_id, during);

-- A visit that was cancelled before anybody held it has nothing but its id: it refuses the hold that comes
-- late.
CREATE TABLE visit (
    visit_id    uuid        PRIMARY KEY,
    state       text        NOT NULL
                CHECK (state IN ('held', 'booked', 'accepted', 'started', 'finished', 'cancelled', 'expired')),
    version     bigint      NOT NULL DEFAULT 1 CHECK (version > 0),
    case_id     uuid,
    engineer_id text        REFERENCES engineer,
    site_id     text,
    -- Travel included.
    during      tstzrange   CHECK (is_bounded(during)),
    work        tstzrange   CHECK (is_bounded(work)),
    skill_id    text,
    level       smallint    CHECK (level BETWEEN 1 AND 5),
    -- Business time.
    expires_at  timestamptz,
    CHECK (work <@ during),
    CONSTRAINT visit_is_whole CHECK (
        CASE num_nonnulls(case_id, engineer_id, site_id, during, work, skill_id, level, expires_at)
            WHEN 8 THEN true
            WHEN 0 THEN state = 'cancelled'
            ELSE false
        END),
    CONSTRAINT visit_no_double_booking
        EXCLUDE USING gist (engineer_id WITH =, during WITH &&)
        WHERE (state IN ('held', 'booked', 'accepted', 'started'))
);
CREATE INDEX visit_start ON visit (lower(during), visit_id);
CREATE INDEX visit_case ON visit (case_id);

-- Repair profiles and depots of every region.
CREATE TABLE repair_profile (
    region  text   NOT NULL,
    model   text   NOT NULL,
    -- Empty: any.
    symptom text   NOT NULL,
    -- Encoded meridian.dispatch.v1.RepairProfile.
    record  bytea  NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (model, symptom, region)
);

CREATE TABLE depot (
    region  text   NOT NULL,
    site_id text   NOT NULL,
    models  text[] NOT NULL,
    -- Encoded meridian.dispatch.v1.Depot.
    record  bytea  NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (region, site_id)
);
CREATE INDEX depot_models ON depot USING gin (models);

-- Engineers of the other regions, as they last told.
CREATE TABLE world_engineer (
    region      text        NOT NULL,
    engineer_id text        NOT NULL,
    -- Encoded meridian.dispatch.v1.Engineer.
    record      bytea       NOT NULL,
    version     bigint      NOT NULL,
    -- Real time.
    learned_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (region, engineer_id)
);

CREATE TABLE world_free_busy (
    region      text        NOT NULL,
    engineer_id text        NOT NULL,
    -- Encoded meridian.dispatch.v1.FreeBusyChanged.
    record      bytea       NOT NULL,
    version     bigint      NOT NULL,
    -- Real time.
    learned_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (region, engineer_id)
);
