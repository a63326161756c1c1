-- Goods that came for the work or the kit of a case, and are not needed for it any more.

ALTER TABLE ledger
    DROP CONSTRAINT ledger_reason_check,
    ADD CONSTRAINT ledger_reason_check CHECK (reason IN (
        'opening', 'receipt', 'scheduled_receipt', 'count', 'transfer_in',
        'picked', 'put_back', 'put_away',
        'loan_return', 'shelved',
        'damaged', 'missing'));

-- Transfers, also of other regions, whose goods were put onto a shelf here after they had come for a case: once each.
CREATE TABLE shelved_transfer (
    transfer_id uuid PRIMARY KEY,
    case_id     uuid NOT NULL
);
