-- Customers, the people who call, installed instruments, and parties that take over cases.

CREATE TABLE customer (
    customer_id text PRIMARY KEY,
    name        text NOT NULL CHECK (name <> ''),
    country     text NOT NULL CHECK (country ~ '^[A-Z]{2}$')
);

-- Personal data: never leaves this schema but through the calls of the same region.
CREATE TABLE person (
    person_id   text PRIMARY KEY,
    customer_id text NOT NULL REFERENCES customer,
    name        text NOT NULL CHECK (name <> ''),
    language    text NOT NULL CHECK (language IN ('en', 'de', 'fi', 'fr')),
    zone        text NOT NULL CHECK (zone <> '')
);

-- Ways to recognise a person. Several people may share one value: a reception's number, a team's mailbox.
CREATE TABLE person_contact (
    person_id text NOT NULL REFERENCES person ON DELETE CASCADE,
    kind      text NOT NULL CHECK (kind IN ('phone', 'email', 'external')),
    -- Normalised: E.164, lower case, or as the other system writes it.
    value     text NOT NULL CHECK (value <> ''),
    -- The address without its "+tag".
    untagged  text CHECK ((untagged IS NOT NULL) = (kind = 'email')),
    -- Order in which they were given; the first is preferred.
    position  smallint NOT NULL,
    PRIMARY KEY (person_id, kind, value)
);
CREATE INDEX person_contact_value ON person_contact (kind, value text_pattern_ops);
CREATE INDEX person_contact_untagged ON person_contact (untagged) WHERE kind = 'email';

CREATE TABLE instrument (
    serial_number  text PRIMARY KEY,
    model          text NOT NULL,
    customer_id    text NOT NULL REFERENCES customer,
    site_id        text NOT NULL,
    warranty_until timestamptz,
    revision       text
);
CREATE INDEX instrument_customer ON instrument (customer_id, serial_number);

CREATE TABLE party (
    party_id              text PRIMARY KEY,
    name                  text NOT NULL CHECK (name <> ''),
    -- '*' takes what nobody else does.
    categories            text[] NOT NULL CHECK (cardinality(categories) > 0),
    -- Empty: all countries.
    countries             text[] NOT NULL,
    accept_within_minutes integer NOT NULL CHECK (accept_within_minutes > 0),
    version               bigint NOT NULL CHECK (version > 0)
);
