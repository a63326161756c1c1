-- Weekends and public holidays of countries and of their parts are records of the network too.
ALTER TABLE network_record DROP CONSTRAINT network_record_kind_check;
ALTER TABLE network_record ADD CONSTRAINT network_record_kind_check
    CHECK (kind IN ('site', 'calendar', 'public_calendar', 'lane', 'customs_rule', 'gate'));
