-- What the worked consumers of terminations.v1 keep. Bookings and closings are only ever added to.

-- The keys of the facts that were acted on: written in the transaction of what was done.
CREATE TABLE acted_on (
    idempotency_key text        PRIMARY KEY,
    at              timestamptz NOT NULL DEFAULT now()
);

-- How each ending stands: what the highest revision said.
CREATE TABLE endings (
    termination_id text   PRIMARY KEY,
    customer_id    text   NOT NULL,
    revision       bigint NOT NULL,
    state          text   NOT NULL CHECK (state IN ('announced', 'withdrawn', 'completed'))
);

-- billed_until: the last day that is billed; null: bills go on.
CREATE TABLE subscriptions (
    customer_id  text PRIMARY KEY,
    billed_until date
);

-- Money, positive where we owe it. The sum of an ending and currency is what is owed by now.
CREATE TABLE bookings (
    id              bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    termination_id  text    NOT NULL,
    idempotency_key text    NOT NULL,  -- goes on to the bank or the billing system
    currency        text    NOT NULL,
    amount          numeric NOT NULL,
    what            text    NOT NULL
);

CREATE TABLE milestones (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    termination_id text   NOT NULL,
    milestone_id   text   NOT NULL,
    kind           text   NOT NULL,
    reached_on     date   NOT NULL
);

CREATE TABLE closings (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    termination_id text   NOT NULL,
    customer_id    text   NOT NULL,
    closed_on      date   NOT NULL
);
