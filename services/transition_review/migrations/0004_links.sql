-- Links to the customer's transition plan. The token itself is known to whoever was mailed the link.
CREATE TABLE links (
    link_id       text        PRIMARY KEY,
    token_hash    text        NOT NULL UNIQUE,
    customer_id   text        NOT NULL,
    transition_id text        NOT NULL,
    contact_id    text        NOT NULL,
    created_by    text        NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz
);
CREATE INDEX links_transition ON links (transition_id);

-- Who opened what by a link, and when.
CREATE TABLE visits (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    link_id text        NOT NULL,
    at      timestamptz NOT NULL,
    what    text        NOT NULL
);
CREATE INDEX visits_at ON visits (at);
