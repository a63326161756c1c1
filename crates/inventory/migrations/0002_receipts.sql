-- Scheduled receipts and claims on them; goods that are handed over where they lie, or sent for work; who holds what.

-- Units that warehouses of this region expect. `held` changes only in the guarded statement that claims them.
CREATE TABLE receipt (
    receipt_id        text             PRIMARY KEY,
    item_id           text             NOT NULL,
    warehouse_site_id text             NOT NULL REFERENCES warehouse,
    -- Units expected; once it is booked in, the units that came.
    quantity          bigint           NOT NULL CHECK (quantity BETWEEN 1 AND 1000000000),
    -- Units that open holds claim.
    held              bigint           NOT NULL,
    expected_at       timestamptz      NOT NULL,
    late_probability  double precision NOT NULL CHECK (late_probability >= 0 AND late_probability < 1),
    state             text             NOT NULL CHECK (state IN ('expected', 'received', 'cancelled')),
    version           bigint           NOT NULL,
    -- No oversell of what is still to come, whatever the code does.
    CONSTRAINT receipt_held_is_expected
        CHECK (held BETWEEN 0 AND CASE state WHEN 'expected' THEN quantity ELSE 0 END)
);
CREATE INDEX receipt_item ON receipt (item_id) WHERE state = 'expected';

-- A line claims units of a shelf, or of a receipt that is to come onto that shelf.
ALTER TABLE hold_line
    ADD COLUMN receipt_id text,
    -- The units are still to come: the claim is on the receipt, not on the shelf.
    ADD COLUMN awaited boolean NOT NULL DEFAULT false CHECK (NOT awaited OR receipt_id IS NOT NULL),
    DROP CONSTRAINT hold_line_pkey,
    ADD CONSTRAINT hold_line_is_said_once
        UNIQUE NULLS NOT DISTINCT (hold_id, item_id, warehouse_site_id, pool, receipt_id);
CREATE INDEX hold_line_awaited ON hold_line (receipt_id) WHERE awaited;

-- Order of placing: who comes first when a receipt brings too little.
ALTER TABLE hold ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX hold_open ON hold (hold_id) WHERE state IN ('held', 'confirmed');

-- Goods may be handed over where they lie.
ALTER TABLE transfer
    DROP CONSTRAINT transfer_check,
    -- Received means delivered, also at one of our warehouses.
    ADD COLUMN for_case boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT transfer_in_place_is_for_a_case
        CHECK (to_site_id <> from_site_id OR (for_case AND hold_id IS NOT NULL));

ALTER TABLE ledger
    DROP CONSTRAINT ledger_reason_check,
    ADD CONSTRAINT ledger_reason_check CHECK (reason IN (
        'opening', 'receipt', 'scheduled_receipt', 'count', 'transfer_in',
        'picked', 'put_back', 'put_away',
        'loan_return',
        'damaged', 'missing'));

-- What the other regions last said of their receipts. Rows of those that are over stay, so that nothing older counts.
CREATE TABLE world_receipt (
    region            text             NOT NULL,
    receipt_id        text             NOT NULL,
    item_id           text             NOT NULL,
    warehouse_site_id text             NOT NULL,
    quantity          bigint           NOT NULL,
    held              bigint           NOT NULL,
    expected_at       timestamptz      NOT NULL,
    late_probability  double precision NOT NULL,
    state             text             NOT NULL CHECK (state IN ('expected', 'received', 'cancelled')),
    version           bigint           NOT NULL,
    PRIMARY KEY (region, receipt_id)
);
CREATE INDEX world_receipt_item ON world_receipt (item_id) WHERE state = 'expected';

-- What holds of the other regions claim of shelves there. One that has ended stays, without lines and with the highest
-- version, so that nothing older opens it again.
CREATE TABLE world_hold (
    hold_id uuid   PRIMARY KEY,
    region  text   NOT NULL,
    case_id uuid   NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE world_hold_line (
    hold_id           uuid   NOT NULL REFERENCES world_hold,
    item_id           text   NOT NULL,
    warehouse_site_id text   NOT NULL,
    pool              text   NOT NULL CHECK (pool IN ('stock', 'loan')),
    quantity          bigint NOT NULL
);
CREATE INDEX world_hold_line_item ON world_hold_line (item_id);
CREATE INDEX world_hold_line_hold ON world_hold_line (hold_id);

-- What an item fits, in the words that name revisions too.
UPDATE item
   SET record = record - 'fits_models' || jsonb_build_object('fits', (
           SELECT coalesce(jsonb_agg(jsonb_build_object('model', fitted.code, 'revisions', '[]'::jsonb)), '[]')
             FROM jsonb_array_elements_text(record -> 'fits_models') AS fitted (code)));
