-- The case as a whole, and its record. Cases of the foundation were never released to anybody; they are not carried over.

DROP TABLE cases;

ALTER TABLE customers
    ADD COLUMN name text NOT NULL DEFAULT '',
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
    ADD COLUMN contacts jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN executive_sponsor text;

ALTER TABLE people
    ADD COLUMN name text NOT NULL DEFAULT '',
    ADD COLUMN manager text;

-- What is known of the customer's health, and when it left, whether it has a case or not.
CREATE TABLE health (
    customer_id text PRIMARY KEY,
    band        text NOT NULL CHECK (band IN ('green', 'yellow', 'red', 'unknown'))
);

-- `content` is the case as JSON, exactly as the last row of its record has hashed it; what is beside it is for finding it.
CREATE TABLE cases (
    case_id      text        PRIMARY KEY,
    customer_id  text        NOT NULL,
    revision     bigint      NOT NULL,
    state        text        NOT NULL,
    open         boolean     NOT NULL,
    csm          text,
    opened_at    timestamptz NOT NULL,
    closed_at    timestamptz,
    bucket       smallint    NOT NULL,
    next_at      timestamptz,
    content      text        NOT NULL,
    chain_number bigint      NOT NULL,
    chain_hash   text        NOT NULL
);
CREATE UNIQUE INDEX cases_one_open ON cases (customer_id) WHERE open;
CREATE INDEX cases_customer ON cases (customer_id, opened_at);
CREATE INDEX cases_csm ON cases (csm) WHERE open;
CREATE INDEX cases_due ON cases (next_at) WHERE next_at IS NOT NULL;

-- Every episode that had a case: after a case is over only a new one opens another.
CREATE TABLE episodes (
    customer_id text NOT NULL,
    episode_id  text NOT NULL,
    case_id     text NOT NULL,
    PRIMARY KEY (customer_id, episode_id)
);

-- The record: only ever added to, each row bound to the one before it by its hash.
CREATE TABLE record (
    case_id    text        NOT NULL,
    number     bigint      NOT NULL CHECK (number >= 1),
    at         timestamptz NOT NULL,
    kind       text        NOT NULL,
    by         text,
    about      text,
    revision   bigint      NOT NULL,
    details    text        NOT NULL,
    state_hash text        NOT NULL,
    previous   text        NOT NULL,
    hash       text        NOT NULL,
    PRIMARY KEY (case_id, number)
);

-- The terms of every version ever proposed.
CREATE TABLE plan_versions (
    case_id      text        NOT NULL,
    number       bigint      NOT NULL,
    author       text        NOT NULL,
    proposed_at  timestamptz NOT NULL,
    content_hash text        NOT NULL,
    terms        text        NOT NULL,
    PRIMARY KEY (case_id, number)
);

-- Notes of ours alone. They are in no snapshot, no record and no document; the record holds their hash.
CREATE TABLE private_notes (
    note_id text        PRIMARY KEY,
    case_id text        NOT NULL,
    about   text        NOT NULL,
    by      text        NOT NULL,
    at      timestamptz NOT NULL,
    text    text        NOT NULL
);
CREATE INDEX private_notes_case ON private_notes (case_id, at);

-- Links to the shared plan. The token itself is known to its maker and whoever was given the link.
CREATE TABLE links (
    link_id     text        PRIMARY KEY,
    token_hash  text        NOT NULL UNIQUE,
    customer_id text        NOT NULL,
    case_id     text        NOT NULL,
    contact_id  text        NOT NULL,
    created_by  text        NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    revoked_at  timestamptz
);
CREATE INDEX links_case ON links (case_id);

-- Who opened what by a link, and when.
CREATE TABLE visits (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    link_id text        NOT NULL,
    at      timestamptz NOT NULL,
    what    text        NOT NULL
);
CREATE INDEX visits_link ON visits (link_id, at);

-- One-time codes to sign with, hashed; one at a time for each link.
CREATE TABLE codes (
    code_id      text        PRIMARY KEY,
    link_id      text        NOT NULL,
    content_hash text        NOT NULL,
    code_hash    text        NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    attempts     int         NOT NULL DEFAULT 0,
    used_at      timestamptz
);
CREATE INDEX codes_link ON codes (link_id, created_at);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON record FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON plan_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();
