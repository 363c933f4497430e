-- Copies of the customers and people that cases are about; the later (occurred_at, event_id) wins.

CREATE TABLE customers (
    customer_id text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    csm         text        NOT NULL
);

CREATE TABLE people (
    person_id   text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    roles       text[]      NOT NULL,
    active      boolean     NOT NULL
);

CREATE TABLE cases (
    case_id     text        PRIMARY KEY,
    customer_id text        NOT NULL,
    revision    int         NOT NULL,
    state       text        NOT NULL CHECK (state IN ('open', 'dismissed')),
    opened_at   timestamptz NOT NULL,
    episode_id  text,
    reasons     jsonb       NOT NULL,
    csm         text
);
CREATE UNIQUE INDEX cases_one_open ON cases (customer_id) WHERE state = 'open';
CREATE INDEX cases_episode ON cases (customer_id, episode_id);
