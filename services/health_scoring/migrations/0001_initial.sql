-- What is known of each customer, kept so that the order of arrival does not matter, and the score made from it.

CREATE TABLE customers (
    customer_id text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,  -- of the latest CustomerChanged, with its id: the later pair wins
    event_id    text        NOT NULL,
    contacts    jsonb       NOT NULL   -- role by contact id
);

-- numeric: a sum must not depend on the order of its terms.
CREATE TABLE usage_daily (
    customer_id text    NOT NULL,
    metric      text    NOT NULL,
    day         date    NOT NULL,  -- UTC
    quantity    numeric NOT NULL,
    events      bigint  NOT NULL,
    PRIMARY KEY (customer_id, metric, day)
);

-- The latest moment of use, which a daily roll-up does not tell.
CREATE TABLE last_use (
    customer_id text        PRIMARY KEY,
    at          timestamptz NOT NULL
);

-- Support and relationship events as they are: few per customer, and their meaning depends on the others.
CREATE TABLE signals (
    customer_id text        NOT NULL,
    occurred_at timestamptz NOT NULL,
    source      text        NOT NULL,
    event_id    text        NOT NULL,
    type        text        NOT NULL,
    subject     text,                   -- ticket, invoice or contact id
    value       jsonb       NOT NULL,
    PRIMARY KEY (customer_id, occurred_at, source, event_id)
);

-- The score as it was made last, what of it was published last, and the open episode of risk.
CREATE TABLE health (
    customer_id          text        PRIMARY KEY,
    partition            int         NOT NULL,
    scored_at            timestamptz NOT NULL,  -- by the clock
    hundredths           int,                   -- of a point
    band                 text        NOT NULL CHECK (band IN ('green', 'yellow', 'red', 'unknown')),
    revision             bigint      NOT NULL,  -- of what was published
    published_at         timestamptz NOT NULL,
    published_hundredths int,
    episode              jsonb
);
CREATE INDEX health_scored_at ON health (scored_at);

-- Customers to be scored again.
CREATE TABLE due (
    customer_id text   PRIMARY KEY,
    partition   int    NOT NULL,  -- its owner makes the score
    changed     bigint NOT NULL,  -- grows with every change, and from row to row: none is lost while a score is made
    caused_by   text   NOT NULL   -- id of the latest event, named as the cause
);
CREATE INDEX due_partition ON due (partition);
