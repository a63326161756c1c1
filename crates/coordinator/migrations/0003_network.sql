-- Sites, calendars, lanes, customs rules and gates of all regions. Each belongs to one region, which alone changes it.
CREATE TABLE network_record (
    kind    text NOT NULL CHECK (kind IN ('site', 'calendar', 'lane', 'customs_rule', 'gate')),
    id      text NOT NULL,
    region  text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    -- The record in canonical protobuf JSON.
    body    jsonb NOT NULL,
    PRIMARY KEY (kind, id)
);

-- Grows with every change of a record.
CREATE TABLE network_version (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint NOT NULL
);
INSERT INTO network_version (version) VALUES (0);

-- Who takes over what we cannot do, as the region's intake tells it.
CREATE TABLE party (
    party_id              text PRIMARY KEY,
    name                  text NOT NULL,
    categories            text[] NOT NULL,
    countries             text[] NOT NULL,
    accept_within_minutes integer NOT NULL CHECK (accept_within_minutes > 0)
);
