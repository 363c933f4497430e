-- Copies of the people and customers that messages are about; the later (occurred_at, event_id) wins.

CREATE TABLE people (
    person_id   text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    name        text        NOT NULL,
    email       text        NOT NULL,
    time_zone   text        NOT NULL,
    manager     text,
    roles       text[]      NOT NULL,
    active      boolean     NOT NULL
);

CREATE TABLE customers (
    customer_id text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    name        text        NOT NULL,
    csm         text        NOT NULL
);

-- What is to be told. About a customer: one row per fact and channel, and who gets it follows from the customer when it
-- is sent (its CSM, or while that person is inactive their manager), so that a fact never waits for a copy. Else one
-- row per person.
CREATE TABLE notices (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_id       text        NOT NULL UNIQUE,
    bucket          smallint    NOT NULL,
    customer_id     text,
    person_id       text,
    channel         text        NOT NULL CHECK (channel IN ('mail')),
    fact_id         text        NOT NULL,
    fact_type       text        NOT NULL,
    correlation_id  text        NOT NULL,
    happened_at     timestamptz NOT NULL,
    says            jsonb       NOT NULL,  -- what the fact's template needs
    state           text        NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'expired')),
    attempts        int         NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_answer     text,
    sent_to         text,
    UNIQUE NULLS NOT DISTINCT (fact_id, channel, person_id),
    CHECK ((customer_id IS NULL) <> (person_id IS NULL))
);
CREATE INDEX notices_pending ON notices (bucket, id) WHERE state = 'pending';
