-- What is known of each customer, kept so that the order of arrival does not matter, and the health made from it.

-- Customers as they were announced; the later (occurred_at, event_id) wins.
CREATE TABLE customers (
    customer_id text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    csm         text        NOT NULL,
    name        text        NOT NULL,
    profile     jsonb       NOT NULL  -- what the score needs: segment, started_on, renews_on, seats, onboarding
);

-- Who may ask for something; the later (occurred_at, event_id) wins.
CREATE TABLE people (
    person_id   text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    roles       text[]      NOT NULL,
    active      boolean     NOT NULL
);

-- The role of every contact who was ever named, by the latest announcement that names it: who left is named no more.
CREATE TABLE contacts (
    customer_id text        NOT NULL,
    contact_id  text        NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    role        text        NOT NULL,
    PRIMARY KEY (customer_id, contact_id)
);

-- Use by UTC day. numeric: a sum must not depend on the order of its terms.
CREATE TABLE usage_days (
    customer_id text        NOT NULL,
    metric      text        NOT NULL,
    day         date        NOT NULL,
    quantity    numeric     NOT NULL,
    events      bigint      NOT NULL,
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    last_id     text        NOT NULL,  -- of the latest event, the greater of two at the same time
    PRIMARY KEY (customer_id, metric, day)
);

-- Which users were seen on which day.
CREATE TABLE usage_users (
    customer_id text NOT NULL,
    day         date NOT NULL,
    user_id     text NOT NULL,
    PRIMARY KEY (customer_id, day, user_id)
);

-- Support and relationship events as they are: few per customer, and their meaning depends on the others.
CREATE TABLE signals (
    customer_id text        NOT NULL,
    occurred_at timestamptz NOT NULL,
    source      text        NOT NULL,
    event_id    text        NOT NULL,
    type        text        NOT NULL,
    subject     text        NOT NULL,  -- ticket, invoice or contact id; empty where there is none
    says        jsonb       NOT NULL,
    PRIMARY KEY (customer_id, occurred_at, source, event_id)
);

-- In which hours (bits 0 to 23) of a UTC day a feed brought events about anybody.
CREATE TABLE feed_days (
    topic  text NOT NULL,
    source text NOT NULL,
    day    date NOT NULL,
    hours  int  NOT NULL,
    PRIMARY KEY (topic, source, day)
);

-- Whether a partition has caught up; its row is locked by whoever writes the health of its customers.
CREATE TABLE partitions (
    partition int     PRIMARY KEY,
    live      boolean NOT NULL,
    feeds     jsonb,              -- what the feeds were when its customers were last judged by them
    heard_at  timestamptz         -- by the clock: its owner had taken all that there was when it began to look
);

-- Scorecards by version, and since when each was in force. A body is never changed.
CREATE TABLE scorecards (
    card      text        NOT NULL,
    version   int         NOT NULL,
    body      text        NOT NULL,  -- YAML
    stored_at timestamptz NOT NULL,
    PRIMARY KEY (card, version)
);
CREATE TABLE scorecards_in_force (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    card    text        NOT NULL,
    version int         NOT NULL,
    since   timestamptz NOT NULL,
    by      text        NOT NULL,  -- a person, or who shipped it
    FOREIGN KEY (card, version) REFERENCES scorecards
);

-- What a person says instead of the score, beside it; at most one counts at a time.
CREATE TABLE overrides (
    id          text        PRIMARY KEY,
    customer_id text        NOT NULL,
    band        text        NOT NULL CHECK (band IN ('green', 'yellow', 'red')),
    reason      text        NOT NULL,
    by          text        NOT NULL,
    at          timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    how         text        CHECK (how IN ('cleared', 'replaced', 'expired')),
    ended_by    text
);
CREATE INDEX overrides_customer ON overrides (customer_id, at);

-- Where each customer stands, the course that leads there, and what was published of it last.
CREATE TABLE health (
    customer_id          text        PRIMARY KEY,
    partition            int         NOT NULL,
    card                 text        NOT NULL,
    card_version         int         NOT NULL,
    scored_at            timestamptz NOT NULL,
    hundredths           int,                   -- of a point; null: nothing is known
    confidence           int         NOT NULL,  -- hundredths of a percent
    band                 text        NOT NULL CHECK (band IN ('green', 'yellow', 'red', 'unknown')),
    band_since           timestamptz NOT NULL,
    open_since           timestamptz,           -- of a risk, by event time
    severity             text        CHECK (severity IN ('watch', 'risk')),
    through              timestamptz NOT NULL,  -- the whole hour up to which the course goes
    levels               jsonb       NOT NULL,
    midnights_from       date        NOT NULL,
    midnights            int[]       NOT NULL,
    episode              jsonb,                 -- the open one, as it was announced
    episodes             int         NOT NULL,  -- how many were announced
    revision             bigint      NOT NULL,  -- of what was published
    published_at         timestamptz NOT NULL,
    published_hundredths int,
    published_override   text,                  -- id of the person's word that was shown beside it
    next_at              timestamptz            -- when the clock alone may change it; null: never again
);
CREATE INDEX health_next ON health (partition, next_at);

-- Customers to be judged again because of what happened or was decided, and from which event time on.
CREATE TABLE due (
    customer_id text        PRIMARY KEY,
    partition   int         NOT NULL,  -- its owner does it
    since       timestamptz NOT NULL,  -- '-infinity': from the beginning
    caused_by   text        NOT NULL,  -- id of the latest event, named as the cause
    quiet       boolean     NOT NULL   -- only replays asked for it that were not told to send
);
CREATE INDEX due_partition ON due (partition);

-- The feeds that were said to have stopped, and are not yet said to be back or forgotten.
CREATE TABLE feeds_told (
    topic  text        NOT NULL,
    source text        NOT NULL,
    since  timestamptz NOT NULL,
    PRIMARY KEY (topic, source)
);
