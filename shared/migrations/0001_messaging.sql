-- What every service needs to take messages once, in order, and to publish what follows. Applied to each schema.

-- One row per message taken. The day leads the key, so that old days are pruned and inserts stay close together.
CREATE TABLE inbox (
    day         date        NOT NULL,  -- UTC day of occurred_at
    source      text        NOT NULL,
    event_id    text        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (day, source, event_id)
);

-- The last number taken per producer's topic and customer. Permanent: it outlives the inbox.
CREATE TABLE watermarks (
    topic       text   NOT NULL,
    customer_id text   NOT NULL,
    epoch       int    NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (topic, customer_id)
);

-- The last number given per own topic and customer.
CREATE TABLE sequences (
    topic       text   NOT NULL,
    customer_id text   NOT NULL,
    seq         bigint NOT NULL,
    PRIMARY KEY (topic, customer_id)
);

-- Grows by one when this schema was restored from a backup: numbers given again then block nobody.
CREATE TABLE epoch (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    number int     NOT NULL CHECK (number >= 1)
);
INSERT INTO epoch (number) VALUES (1);

CREATE TABLE outbox (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bucket       smallint    NOT NULL,
    topic        text        NOT NULL,
    key          text        NOT NULL,
    headers      jsonb       NOT NULL,
    body         bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (bucket, id) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

-- Records that could not be taken. `blocking` ones park their customer's later records of the same topic.
CREATE TABLE dead_letters (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text        NOT NULL CHECK (kind IN ('invalid', 'stale', 'poison', 'gap', 'behind')),
    blocking     boolean     NOT NULL GENERATED ALWAYS AS (kind IN ('poison', 'gap', 'behind') AND seq IS NOT NULL) STORED,
    topic        text        NOT NULL,
    partition    int         NOT NULL,
    kafka_offset bigint      NOT NULL,
    appended_at  timestamptz NOT NULL,
    key          text,
    event_type   text,
    event_id     text,
    epoch        int,
    seq          bigint,
    headers      jsonb       NOT NULL,
    body         bytea       NOT NULL,
    reason       text        NOT NULL,
    attempts     int         NOT NULL DEFAULT 1,
    parked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    replay_send  boolean     NOT NULL DEFAULT false,
    replay_at    timestamptz,
    resolved_at  timestamptz,
    UNIQUE (topic, partition, kafka_offset, appended_at)
);
CREATE INDEX dead_letters_blocking ON dead_letters (topic, key, id) WHERE blocking AND resolved_at IS NULL;
CREATE INDEX dead_letters_open ON dead_letters (id) WHERE resolved_at IS NULL;

-- Who asked for a replay of what, for ever.
CREATE TABLE dead_letter_audit (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    who     text        NOT NULL,
    action  text        NOT NULL,
    letters bigint[]    NOT NULL
);

-- Background work that replicas share: whoever holds the lease does it. Times are the database's.
CREATE TABLE leases (
    name       text        PRIMARY KEY,
    holder     uuid        NOT NULL,
    expires_at timestamptz NOT NULL
);
