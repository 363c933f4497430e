-- Links that customers hold, alternatives to us, and what notices ask for. What was told before comes with
-- `amicable console rebuild`.

-- A link to a shared plan (no transition) or to the plan of an ending: to whom, and how long it is good. No token.
CREATE TABLE links (
    link_id       text        PRIMARY KEY,
    customer_id   text        NOT NULL,
    subject_id    text        NOT NULL,  -- the case or the transition
    transition_id text,
    contact_id    text,                  -- absent as long as only its end was told
    made_at       timestamptz,
    expires_at    timestamptz,
    revoked_at    timestamptz
);
CREATE INDEX links_subject ON links (subject_id);

-- The catalogue: whom a customer could go to instead. Of customers nothing, so that whoever reads sees it.
CREATE TABLE alternatives (
    alternative_id text    PRIMARY KEY,
    epoch          int     NOT NULL,
    seq            bigint  NOT NULL,
    name           text    NOT NULL,
    fits           text    NOT NULL,
    retired        boolean NOT NULL
);

-- What a notice asks its reader to take in hand, and who did.
ALTER TABLE notices ADD COLUMN ask_id text;
CREATE INDEX notices_ask ON notices (ask_id) WHERE ask_id IS NOT NULL;
CREATE TABLE taken (
    ask_id      text        PRIMARY KEY,
    customer_id text        NOT NULL,
    person_id   text        NOT NULL,
    at          timestamptz NOT NULL
);

ALTER TABLE links ENABLE ROW LEVEL SECURITY;
ALTER TABLE alternatives ENABLE ROW LEVEL SECURITY;
ALTER TABLE taken ENABLE ROW LEVEL SECURITY;
CREATE POLICY need_to_know ON links USING (
    (SELECT projects()) OR (SELECT sees_all())
    OR CASE WHEN transition_id IS NULL THEN customer_id IN (SELECT reach('studied'))
            ELSE transition_id IN (SELECT reach('involved')) END
);
CREATE POLICY need_to_know ON alternatives USING ((SELECT projects()) OR (SELECT reader()) IS NOT NULL);
CREATE POLICY need_to_know ON taken USING (
    (SELECT projects())
    OR EXISTS (SELECT FROM notices WHERE notices.ask_id = taken.ask_id AND notices.person_id = (SELECT reader()))
);

-- What is told of no person, customer or transition is told to all that read.
DROP POLICY need_to_know ON live;
CREATE POLICY need_to_know ON live USING (
    (SELECT projects())
    OR CASE WHEN person_id IS NOT NULL THEN person_id = (SELECT reader())
            WHEN (SELECT sees_all()) THEN true
            WHEN transition_id IS NOT NULL THEN transition_id IN (SELECT reach('seen'))
            WHEN customer_id IS NOT NULL THEN customer_id IN (SELECT reach('studied'))
            ELSE (SELECT reader()) IS NOT NULL END
);
