-- Visits that dispatches plan of the work orders of cases, and what the customer knows of them. Of a case that is not
-- known here, or not yet, only those that are still to take place.
CREATE TABLE appointment (
    case_id  uuid  NOT NULL,
    -- The work order.
    order_id uuid  NOT NULL,
    -- The appointment as the rules know it.
    body     jsonb NOT NULL,
    PRIMARY KEY (case_id, order_id)
);
