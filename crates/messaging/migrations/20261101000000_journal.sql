-- What makes a unit of work one: answers by request, events to publish, timers, and the readers' positions.

CREATE TABLE idempotency (
    request_type text        NOT NULL,
    request_id   text        NOT NULL,
    request_hash bytea       NOT NULL,
    -- The encoded response message. Neither this nor the refusal: the unit of work is still open.
    response     bytea,
    -- The problem that was the answer.
    refusal      jsonb,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_type, request_id),
    CHECK (num_nonnulls(response, refusal) <= 1)
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);

-- One number at a time: sessions that cache numbers would give them out of order.
CREATE SEQUENCE outbox_seq CACHE 1;

-- Append-only; rows are never updated, old days are dropped whole.
--
-- seq is the publication order. It is drawn when a unit of work is about to commit, and so while it holds its locks:
-- units that change one aggregate draw their numbers in the order in which they commit. (The order of transaction
-- ids is another one: they are given out before the wait for a lock.) Numbers become visible out of order, though:
-- the relay reads only those below which no open transaction can hold one.
CREATE TABLE outbox (
    -- The transaction. Its id is given out before seq is drawn; the relay relies on that.
    xid               xid8        NOT NULL,
    seq               bigint      NOT NULL DEFAULT nextval('outbox_seq'),
    event_id          uuid        NOT NULL,
    type_name         text        NOT NULL,
    aggregate         text        NOT NULL,
    event             text        NOT NULL,
    aggregate_id      text        NOT NULL,
    aggregate_version bigint      NOT NULL,
    -- Business time; created_at is real time.
    occurred_at       timestamptz NOT NULL,
    body              text        NOT NULL,
    traceparent       text,
    created_at        timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (created_at);
CREATE INDEX outbox_seq_order ON outbox (seq);
-- Catches what no day's partition takes: the server's clock jumped, or nobody made the day's partition in time. Upkeep
-- moves it into the partition of its day.
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

-- How far the relay has published. pub_seq numbers are not stored with the rows: the row k places before the
-- cursor has the number pub_seq - k.
CREATE TABLE relay_cursor (
    singleton      boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    epoch          text        NOT NULL,
    epoch_base     bigint      NOT NULL,
    epoch_started  timestamptz NOT NULL,
    seq            bigint      NOT NULL,
    pub_seq        bigint      NOT NULL CHECK (pub_seq >= epoch_base),
    -- Last row of the days that were dropped, and its number.
    floor_seq      bigint      NOT NULL DEFAULT 0,
    floor_pub_seq  bigint      NOT NULL DEFAULT 0,
    -- The highest place in the stream that was acknowledged, and the event that stands there.
    stream_seq     bigint,
    stream_event   uuid,
    CHECK (num_nonnulls(stream_seq, stream_event) <> 1)
);

-- Makes the partitions of today and tomorrow (UTC), and of the days whose rows the default partition took: those move
-- into them, so that they are dropped with their day and are in nobody's way.
CREATE FUNCTION outbox_create_partitions() RETURNS void LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    day   date;
    name  text;
    first text;
    after text;
BEGIN
    -- Before any lock on a table: two that made and dropped days at once would each wait for a table of the other.
    PERFORM pg_advisory_xact_lock(hashtext('outbox days'), 'outbox'::regclass::oid::int);
    FOREACH day IN ARRAY ARRAY(
        SELECT today UNION SELECT today + 1
        UNION SELECT (created_at AT TIME ZONE 'UTC')::date FROM outbox_default)
    LOOP
        name := 'outbox_' || to_char(day, 'YYYYMMDD');
        CONTINUE WHEN to_regclass(name) IS NOT NULL;
        LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE;
        first := to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00';
        after := to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00';
        EXECUTE format('CREATE TABLE %I (LIKE outbox INCLUDING DEFAULTS)', name);
        EXECUTE format(
            'WITH moved AS (DELETE FROM outbox_default WHERE created_at >= %L AND created_at < %L RETURNING *)
             INSERT INTO %I SELECT * FROM moved', first, after, name);
        EXECUTE format('ALTER TABLE outbox ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, first, after);
    END LOOP;
END $$;

-- Drops the oldest day that ended more than `kept` ago, if all of it is published. Returns its name, or NULL.
CREATE FUNCTION outbox_drop_partition(kept interval) RETURNS text LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
DECLARE
    name    text;
    dropped bigint;
    cursor_ relay_cursor;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('outbox days'), 'outbox'::regclass::oid::int);
    SELECT c.relname INTO name
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'outbox'::regclass AND c.relname ~ '^outbox_[0-9]{8}$'
       AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 <= ((now() - kept) AT TIME ZONE 'UTC')::date
     ORDER BY c.relname LIMIT 1;
    IF name IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO cursor_ FROM relay_cursor FOR UPDATE;
    EXECUTE format('SELECT max(seq) FROM %I', name) INTO dropped;
    IF dropped IS NOT NULL AND (cursor_ IS NULL OR dropped > cursor_.seq) THEN
        RETURN NULL;
    END IF;
    IF dropped > cursor_.floor_seq THEN
        UPDATE relay_cursor
           SET floor_seq = dropped,
               floor_pub_seq = floor_pub_seq
                   + (SELECT count(*) FROM outbox WHERE seq > cursor_.floor_seq AND seq <= dropped);
    END IF;
    EXECUTE format('DROP TABLE %I', name);
    RETURN name;
END $$;

-- How far this service has applied the events of one source.
CREATE TABLE reader_cursor (
    source_region     text        NOT NULL,
    source_service    text        NOT NULL,
    -- Empty: nothing was read yet.
    epoch             text        NOT NULL DEFAULT '',
    epoch_base        bigint      NOT NULL DEFAULT 0,
    epoch_started     timestamptz NOT NULL DEFAULT 'epoch',
    pub_seq           bigint      NOT NULL DEFAULT 0,
    -- A hint: in the stream made at this instant, everything up to this place is applied.
    stream_created_us bigint      NOT NULL DEFAULT 0,
    stream_seq        bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (source_region, source_service)
);

-- Events that could not be applied, and the later ones of their aggregates.
CREATE TABLE dead_letter (
    id                bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_region     text        NOT NULL,
    source_service    text        NOT NULL,
    epoch             text        NOT NULL,
    pub_seq           bigint      NOT NULL,
    event_id          uuid        NOT NULL,
    type_name         text        NOT NULL,
    aggregate         text        NOT NULL,
    aggregate_id      text        NOT NULL,
    aggregate_version bigint      NOT NULL,
    occurred_at       timestamptz NOT NULL,
    body              bytea       NOT NULL,
    traceparent       text,
    error             text        NOT NULL,
    attempts          integer     NOT NULL,
    failed_at         timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source_region, source_service, event_id)
);
CREATE INDEX dead_letter_aggregate ON dead_letter (source_region, source_service, aggregate, aggregate_id);

CREATE TABLE timer (
    kind        text        NOT NULL,
    key         text        NOT NULL,
    -- Business time.
    due_at      timestamptz NOT NULL,
    payload     jsonb       NOT NULL,
    traceparent text,
    attempts    integer     NOT NULL DEFAULT 0,
    -- Real time before which a timer that failed is left alone.
    retry_at    timestamptz,
    PRIMARY KEY (kind, key)
);
CREATE INDEX timer_due_at ON timer (due_at);
