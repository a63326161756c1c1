-- What parties sell and repair: each a JSON message, as the region's intake tells it.
ALTER TABLE party ADD COLUMN offers text[] NOT NULL DEFAULT '{}';
