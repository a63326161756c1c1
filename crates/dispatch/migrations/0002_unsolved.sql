-- Visits after which the instrument still does not work.

ALTER TABLE visit
    DROP CONSTRAINT visit_state_check,
    ADD CONSTRAINT visit_state_check CHECK (state IN (
        'held', 'booked', 'accepted', 'started', 'finished', 'unsolved', 'cancelled', 'expired'));
