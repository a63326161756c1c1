-- Items, warehouses, stock and its ledger, holds, transfers, and what other regions said of theirs.

-- Every item that this region has heard of. The owner's record is the one that counts; the others are copies.
CREATE TABLE item (
    item_id text   PRIMARY KEY,
    -- Region that owns the record.
    region  text   NOT NULL,
    -- Instrument model that a unit of it is.
    model   text,
    version bigint NOT NULL,
    -- All fields, substitutes and kit lines included.
    record  jsonb  NOT NULL
);
CREATE INDEX item_model ON item (model) WHERE model IS NOT NULL;

-- Places of this region with stock.
CREATE TABLE warehouse (
    site_id text PRIMARY KEY
);

-- What stands on each shelf. Nothing changes on_hand without a row in the ledger: one statement writes both.
CREATE TABLE stock (
    item_id           text        NOT NULL,
    warehouse_site_id text        NOT NULL REFERENCES warehouse,
    pool              text        NOT NULL CHECK (pool IN ('stock', 'loan')),
    on_hand           bigint      NOT NULL CHECK (on_hand <= 1000000000),
    -- Units on the shelf that open holds claim.
    held              bigint      NOT NULL,
    version           bigint      NOT NULL,
    -- Business time of the last change.
    as_of             timestamptz NOT NULL,
    PRIMARY KEY (item_id, warehouse_site_id, pool),
    -- No oversell, whatever the code does.
    CONSTRAINT stock_held_is_on_hand CHECK (held BETWEEN 0 AND on_hand)
) WITH (fillfactor = 50); -- hot rows are updated in place

-- Every movement onto and off a shelf, for ever.
CREATE TABLE ledger (
    entry_id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id           text        NOT NULL,
    warehouse_site_id text        NOT NULL,
    pool              text        NOT NULL,
    delta             bigint      NOT NULL CHECK (delta <> 0),
    reason            text        NOT NULL CHECK (reason IN (
        'opening', 'receipt', 'count', 'transfer_in', -- brought in
        'picked', 'put_back', 'put_away',             -- left for a transfer; came back from one of this region
        'loan_return',                                -- a lent unit came back
        'damaged', 'missing')),                       -- written off
    -- Request or transfer that it belongs to.
    reference         text        NOT NULL,
    -- Business time.
    at                timestamptz NOT NULL
);
CREATE INDEX ledger_shelf ON ledger (item_id, warehouse_site_id, pool);

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % refused', TG_OP;
END $$;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

-- Claims on stock. A row without lines is the tombstone of a hold that was released before it was placed.
CREATE TABLE hold (
    hold_id    uuid        PRIMARY KEY,
    -- NULL only in a tombstone whose case nobody named.
    case_id    uuid,
    state      text        NOT NULL
        CHECK (state IN ('held', 'confirmed', 'consumed', 'released', 'expired', 'refused')),
    expires_at timestamptz,
    -- The problem that was the answer, for a command that is sent again.
    refusal    jsonb,
    version    bigint      NOT NULL,
    CHECK ((state = 'held') = (expires_at IS NOT NULL)),
    CHECK ((state = 'refused') = (refusal IS NOT NULL))
);

CREATE TABLE hold_line (
    hold_id           uuid   NOT NULL REFERENCES hold,
    item_id           text   NOT NULL,
    warehouse_site_id text   NOT NULL,
    pool              text   NOT NULL,
    quantity          bigint NOT NULL CHECK (quantity BETWEEN 1 AND 1000000000),
    PRIMARY KEY (hold_id, item_id, warehouse_site_id, pool)
);

-- Goods of a hold, or an instrument of a customer, that leave a site of this region.
CREATE TABLE transfer (
    transfer_id   uuid        PRIMARY KEY,
    -- Order of arrival, for lists.
    seq           bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    case_id       uuid        NOT NULL,
    -- One hold moves once. Its lines are what moves.
    hold_id       uuid        UNIQUE REFERENCES hold,
    serial_number text,
    from_site_id  text        NOT NULL,
    to_site_id    text        NOT NULL CHECK (to_site_id <> from_site_id),
    -- Set when the destination is one of our warehouses.
    to_region     text,
    state         text        NOT NULL CHECK (state IN (
        'requested', 'picked', 'pick_failed', 'shipped', 'in_customs', 'customs_hold', 'customs_released',
        'received', 'lost', 'cancelled')),
    expected_at   timestamptz,
    due_back      timestamptz,
    version       bigint      NOT NULL,
    CHECK ((hold_id IS NULL) <> (serial_number IS NULL))
);
CREATE INDEX transfer_case ON transfer (case_id, seq DESC);

-- Goods that other regions send to warehouses of this one.
CREATE TABLE inbound_transfer (
    transfer_id uuid  PRIMARY KEY,
    -- Region that owns the transfer.
    region      text  NOT NULL,
    to_site_id  text  NOT NULL,
    lines       jsonb NOT NULL,
    state       text  NOT NULL CHECK (state IN ('expected', 'received', 'ended'))
);

-- What the other regions last said of their stock. Their word, never decided on.
CREATE TABLE world_stock (
    item_id           text        NOT NULL,
    region            text        NOT NULL,
    warehouse_site_id text        NOT NULL,
    pool              text        NOT NULL CHECK (pool IN ('stock', 'loan')),
    on_hand           bigint      NOT NULL,
    held              bigint      NOT NULL,
    version           bigint      NOT NULL,
    as_of             timestamptz NOT NULL,
    -- Real time.
    learned_at        timestamptz NOT NULL,
    PRIMARY KEY (item_id, region, warehouse_site_id, pool)
) WITH (fillfactor = 70);
