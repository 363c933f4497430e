-- Copies of the people and customers that messages are about; the later (occurred_at, event_id) wins.

CREATE TABLE people (
    person_id   text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    name        text        NOT NULL,
    email       text        NOT NULL,
    time_zone   text        NOT NULL,
    manager     text,
    active      boolean     NOT NULL
);

CREATE TABLE customers (
    customer_id text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    name        text        NOT NULL,
    csm         text        NOT NULL
);

-- One row per fact and channel: who gets it follows from the customer when it is sent (its CSM, or while that person
-- is inactive their manager), so that a fact never waits for a copy.
CREATE TABLE notices (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_id       text        NOT NULL UNIQUE,
    bucket          smallint    NOT NULL,
    customer_id     text        NOT NULL,
    channel         text        NOT NULL CHECK (channel IN ('mail')),
    fact_id         text        NOT NULL,
    fact_type       text        NOT NULL,
    correlation_id  text        NOT NULL,
    happened_at     timestamptz NOT NULL,
    reasons         jsonb       NOT NULL,
    state           text        NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'expired')),
    attempts        int         NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_answer     text,
    sent_to         text,
    UNIQUE (fact_id, channel)
);
CREATE INDEX notices_pending ON notices (bucket, id) WHERE state = 'pending';
