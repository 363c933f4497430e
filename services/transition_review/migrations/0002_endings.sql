-- Transitions: whole, beside what each is found by; what they need to know of cases, customers, people and health.

CREATE TABLE customers (
    customer_id       text        PRIMARY KEY,
    occurred_at       timestamptz NOT NULL,
    event_id          text        NOT NULL,
    name              text        NOT NULL,
    csm               text        NOT NULL,
    time_zone         text        NOT NULL,
    contacts          jsonb       NOT NULL,
    recurring_revenue jsonb       NOT NULL
);

CREATE TABLE people (
    person_id   text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    roles       text[]      NOT NULL,
    active      boolean     NOT NULL,
    name        text        NOT NULL DEFAULT '',
    manager     text,
    teams       text[]      NOT NULL DEFAULT '{}'
);

-- The newest score of each customer: what is frozen when a transition is opened.
CREATE TABLE health (
    customer_id text PRIMARY KEY,
    revision    bigint NOT NULL,
    scored      jsonb  NOT NULL
);

-- The newest snapshot of each customer's case, from which agenda and dossier are made.
ALTER TABLE cases ADD COLUMN content jsonb NOT NULL DEFAULT '{}';
ALTER TABLE cases ALTER COLUMN revision TYPE bigint;

-- `content` is the transition as JSON. approved_at (the first time) and held_at are the gate that nothing public passes
-- before.
CREATE TABLE transitions (
    transition_id text        PRIMARY KEY,
    customer_id   text        NOT NULL,
    case_id       text        NOT NULL,
    revision      bigint      NOT NULL,
    state         text        NOT NULL,
    open          boolean     NOT NULL,
    proposed_at   timestamptz NOT NULL,
    approved_at   timestamptz,
    held_at       timestamptz,
    bucket        smallint    NOT NULL,
    next_at       timestamptz,
    content       text        NOT NULL
);
CREATE UNIQUE INDEX transitions_one_open ON transitions (customer_id) WHERE open;
CREATE INDEX transitions_customer ON transitions (customer_id, proposed_at);
CREATE INDEX transitions_due ON transitions (next_at) WHERE next_at IS NOT NULL;

-- The record: who did what, when; only ever added to.
CREATE TABLE record (
    transition_id text        NOT NULL,
    number        bigint      NOT NULL CHECK (number >= 1),
    at            timestamptz NOT NULL,
    kind          text        NOT NULL,
    by            text,
    about         text,
    revision      bigint      NOT NULL,
    details       jsonb       NOT NULL,
    PRIMARY KEY (transition_id, number)
);

-- Every version ever submitted, whole.
CREATE TABLE plan_versions (
    transition_id text        NOT NULL,
    number        bigint      NOT NULL,
    submitted_by  text        NOT NULL,
    at            timestamptz NOT NULL,
    content_hash  text        NOT NULL,
    parts         text        NOT NULL,
    PRIMARY KEY (transition_id, number)
);

-- Whom a customer could go to, and whom each fits.
CREATE TABLE alternatives (
    alternative_id text    PRIMARY KEY,
    name           text    NOT NULL,
    fits           text    NOT NULL,
    retired        boolean NOT NULL DEFAULT false
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON record FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON plan_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- No leak, whatever the code does: nothing is put out for revenue, operations or the customer unless the latest
-- transition of this customer was approved, and the talk was held after that.
CREATE FUNCTION refuse_leak() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT coalesce(
        (SELECT held_at >= approved_at FROM transitions WHERE customer_id = NEW.key ORDER BY proposed_at DESC LIMIT 1),
        false
    ) THEN
        RAISE EXCEPTION 'nothing is told outside before approval and talk';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER no_leak BEFORE INSERT ON outbox FOR EACH ROW
    WHEN (NEW.topic IN ('terminations.v1', 'releases.v1')) EXECUTE FUNCTION refuse_leak();
