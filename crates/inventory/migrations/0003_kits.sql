-- Transfers of kits: some or all of what goes in came to the warehouse for the case before, and stands on no shelf.

ALTER TABLE transfer
    -- What the warehouse puts together before it leaves.
    ADD COLUMN kits jsonb NOT NULL DEFAULT '[]',
    DROP CONSTRAINT transfer_check1,
    DROP CONSTRAINT transfer_in_place_is_for_a_case,
    ADD CONSTRAINT transfer_moves_goods_or_an_instrument CHECK (
        CASE WHEN serial_number IS NULL
             THEN hold_id IS NOT NULL OR kits <> '[]'
             ELSE hold_id IS NULL AND kits = '[]'
        END),
    -- Received means delivered.
    ADD CONSTRAINT transfer_of_kits_is_for_a_case CHECK (for_case OR kits = '[]'),
    ADD CONSTRAINT transfer_in_place_is_for_a_case
        CHECK (to_site_id <> from_site_id OR (for_case AND serial_number IS NULL));
