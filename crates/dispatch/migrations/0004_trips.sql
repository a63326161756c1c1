-- Visits on trips abroad, and orders that a party does.

ALTER TABLE visit
    -- Where days of the trip begin and end; null at home.
    ADD COLUMN lodging_site_id text CHECK (lodging_site_id <> ''),
    -- From leaving home for the trip until back home.
    ADD COLUMN away            tstzrange CHECK (is_bounded(away)),
    ADD CONSTRAINT visit_stay_is_whole CHECK ((lodging_site_id IS NULL) = (away IS NULL) AND (away IS NULL OR during <@ away)),
    -- Who is away is not at home, nor on a trip to elsewhere.
    ADD CONSTRAINT visit_in_one_place_only
        EXCLUDE USING gist (engineer_id WITH =, (coalesce(lodging_site_id, '')) WITH <>, (coalesce(away, during)) WITH &&)
        WHERE (state IN ('held', 'booked', 'accepted', 'started'));

ALTER TABLE work_order
    -- Whether a plan was published by which a party does it, at the price that the record says.
    ADD COLUMN outsourced boolean NOT NULL DEFAULT false;
