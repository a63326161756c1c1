-- Grows whenever less lies at hand for a case than before: what is offered on the strength of an earlier count is void.
ALTER TABLE served_case ADD COLUMN offer_epoch bigint NOT NULL DEFAULT 0 CHECK (offer_epoch >= 0);
