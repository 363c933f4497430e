-- From a fact to what became of it, in three tables: what is to be told (a row for each fact, rule and audience), to
-- whom (a row for each recipient, channel and fact), and in which message. Nothing was running anywhere yet.

DROP TABLE notices;

ALTER TABLE people ADD COLUMN teams text[] NOT NULL DEFAULT '{}';
ALTER TABLE customers ADD COLUMN executive_sponsor text;

-- What a person chose; the file of the domain's choices is one value.
CREATE TABLE choices (
    person_id  text        PRIMARY KEY,
    revision   bigint      NOT NULL,
    changed_at timestamptz NOT NULL,
    choices    jsonb       NOT NULL
);

CREATE TABLE tellings (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bucket         smallint    NOT NULL,  -- of the customer, else of what the fact is about
    rule           text        NOT NULL,
    audience       text        NOT NULL,  -- who, and where it is named: `team about`
    once           text        NOT NULL,  -- what it is told once for
    names          text[]      NOT NULL,  -- the teams or persons that the fact names
    customer_id    text,
    contact_id     text,                  -- what was released to a contact of the customer
    fact_id        text        NOT NULL,
    fact_type      text        NOT NULL,
    correlation_id text        NOT NULL,
    happened_at    timestamptz NOT NULL,
    by             text,                  -- who did it: they are not told
    template       text        NOT NULL,
    urgency        text        NOT NULL CHECK (urgency IN ('low', 'normal', 'high', 'critical')),
    says           jsonb       NOT NULL,
    ask_id         text,                  -- it is to be taken in hand
    turn           smallint    NOT NULL DEFAULT 0,  -- 1: nobody took it in hand, and it goes to the next in line
    expires_at     timestamptz,
    -- new: nobody looked yet; waiting: whoever is to be told is not known yet; told: see deliveries; nobody: there is
    -- nobody, or they did it themselves
    state          text        NOT NULL CHECK (state IN ('new', 'waiting', 'told', 'nobody', 'expired')),
    looked_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (rule, audience, once),
    CHECK (contact_id IS NULL OR (customer_id IS NOT NULL AND expires_at IS NOT NULL))
);
CREATE INDEX tellings_new ON tellings (bucket, id) WHERE state = 'new';
CREATE INDEX tellings_waiting ON tellings (bucket, looked_at) WHERE state = 'waiting';
CREATE INDEX tellings_of_fact ON tellings (fact_id);

CREATE TABLE messages (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id      text        NOT NULL UNIQUE,  -- the notice id of its first delivery
    bucket          smallint    NOT NULL,         -- of the recipient
    recipient       text        NOT NULL,
    channel         text        NOT NULL,
    customer_id     text,                         -- null: of several, or of none
    to_contact      boolean     NOT NULL DEFAULT false,
    kind            text        NOT NULL CHECK (kind IN ('single', 'grouped', 'digest', 'summary')),
    urgency         text        NOT NULL,
    made_at         timestamptz NOT NULL,         -- by the service's clock
    expires_at      timestamptz,
    state           text        NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'expired')),
    attempts        int         NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    began_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_failure    text        CHECK (last_failure IN ('permanent', 'throttled', 'transient')),
    last_answer     text
);
CREATE INDEX messages_pending ON messages (channel, bucket, id) WHERE state = 'pending';
CREATE INDEX messages_of_recipient ON messages (recipient, channel, made_at);

CREATE TABLE deliveries (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_id   text        NOT NULL UNIQUE,
    bucket      smallint    NOT NULL,  -- of the recipient
    telling_id  bigint      NOT NULL REFERENCES tellings DEFERRABLE INITIALLY DEFERRED,
    fact_id     text        NOT NULL,
    turn        smallint    NOT NULL,
    recipient   text        NOT NULL,
    stands_for  text,                  -- who is away
    channel     text        NOT NULL,
    customer_id text,
    urgency     text        NOT NULL,
    due_at      timestamptz NOT NULL,  -- by the service's clock
    digest      boolean     NOT NULL,
    held        boolean     NOT NULL DEFAULT false,
    alone       boolean     NOT NULL DEFAULT false,
    -- due: waits for its time; packed: see its message; quiet: the person wants to hear nothing of it; moved: its
    -- recipient has left, and whoever follows is told
    state       text        NOT NULL
                CHECK (state IN ('due', 'packed', 'sent', 'failed', 'expired', 'quiet', 'moved')),
    message_id  text        REFERENCES messages (message_id) DEFERRABLE INITIALLY DEFERRED,
    published   boolean     NOT NULL DEFAULT false,
    UNIQUE (fact_id, turn, channel, recipient)
);
CREATE INDEX deliveries_due ON deliveries (bucket, due_at) WHERE state = 'due';
CREATE INDEX deliveries_of_recipient ON deliveries (recipient, channel, due_at) WHERE state = 'due';
CREATE INDEX deliveries_of_message ON deliveries (message_id);
CREATE INDEX deliveries_of_telling ON deliveries (telling_id);
CREATE INDEX deliveries_unpublished ON deliveries (bucket, id) WHERE state IN ('sent', 'failed') AND NOT published;

-- What somebody is to take in hand, and who is next in line if nobody does.
CREATE TABLE asks (
    ask_id          text        PRIMARY KEY,
    bucket          smallint    NOT NULL,
    customer_id     text,
    fact_id         text        NOT NULL,
    rule            text        NOT NULL,
    once            text        NOT NULL,
    next            jsonb       NOT NULL,  -- audiences, each with the names that the fact gives
    due_at          timestamptz NOT NULL,  -- by the service's clock
    acknowledged_by text,
    acknowledged_at timestamptz,
    escalated_at    timestamptz,
    UNIQUE (rule, once)
);
CREATE INDEX asks_open ON asks (bucket, due_at) WHERE acknowledged_at IS NULL AND escalated_at IS NULL;
