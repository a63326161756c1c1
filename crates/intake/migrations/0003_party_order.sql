-- What parties sell and repair, and what is ordered of them for cases that stay ours.

ALTER TABLE party ADD COLUMN offers jsonb NOT NULL DEFAULT '[]';

CREATE TABLE party_order (
    order_id    uuid PRIMARY KEY,
    -- Order in which they were first heard of.
    number      bigint GENERATED ALWAYS AS IDENTITY,
    -- The case of the plan that ordered it. An order that is refused may name one that is not here.
    case_id     uuid NOT NULL,
    party_name  text NOT NULL,
    -- What was ordered of whom, as planned.
    terms       jsonb NOT NULL,
    state       text NOT NULL
        CHECK (state IN ('asked', 'accepted', 'declined', 'placed', 'delivered', 'cancelled')),
    expected_at timestamptz NOT NULL,
    told_by     text CHECK (told_by <> ''),
    reason      text NOT NULL,
    changed_at  timestamptz NOT NULL,
    version     bigint NOT NULL CHECK (version > 0),
    -- Nothing is ordered for good, or delivered, that nobody signed for.
    CONSTRAINT party_order_signed CHECK (state NOT IN ('accepted', 'placed', 'delivered') OR told_by IS NOT NULL)
);
CREATE INDEX party_order_open ON party_order (number) WHERE state IN ('asked', 'accepted', 'placed');
CREATE INDEX party_order_case ON party_order (case_id, number);
