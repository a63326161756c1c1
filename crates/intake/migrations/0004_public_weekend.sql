-- Days without work by the public calendars of all regions, where they differ from what is usual in the country.

CREATE TABLE public_weekend (
    -- ISO 3166-1 code of the country.
    country text PRIMARY KEY CHECK (country ~ '^[A-Z]{2}$'),
    -- Region that owns the calendar.
    region  text NOT NULL,
    -- ISO numbers, Monday is 1; not all seven.
    days    smallint[] NOT NULL CHECK (cardinality(days) < 7 AND days <@ '{1,2,3,4,5,6,7}')
);
