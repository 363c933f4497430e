-- What people do here: what they ask of other services, what they have typed, and what open pages are to be told.

-- A command that was asked for, and what became of it. form: which form of which page it came from.
CREATE TABLE asked (
    command_id  text        PRIMARY KEY,
    person_id   text        NOT NULL,
    form        text        NOT NULL,
    customer_id text        NOT NULL,
    asked_at    timestamptz NOT NULL,
    state       text        NOT NULL DEFAULT 'saving' CHECK (state IN ('saving', 'done', 'refused')),
    answered_at timestamptz,
    problem     jsonb,
    secret      text        -- what its maker alone is shown, once it is done
);
CREATE INDEX asked_form ON asked (person_id, form, asked_at);
CREATE INDEX asked_at ON asked (asked_at);

-- What somebody has typed and not had accepted yet. command_id: as it was when this was asked for; none once it has
-- been changed since.
CREATE TABLE drafts (
    person_id  text        NOT NULL,
    form       text        NOT NULL,
    fields     jsonb       NOT NULL,
    command_id text,
    at         timestamptz NOT NULL,
    PRIMARY KEY (person_id, form)
);
CREATE INDEX drafts_command ON drafts (command_id) WHERE command_id IS NOT NULL;

-- What open pages are told, in the order (xact, id). A transaction that commits late would be overlooked by its id
-- alone; what is read is what no transaction that still runs can come before.
CREATE TABLE live (
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    xact          xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind          text        NOT NULL CHECK (kind IN ('command', 'changed', 'notice')),
    person_id     text,       -- to this person alone
    customer_id   text,       -- to whoever may see this customer,
    transition_id text,       -- or this transition
    subject       text        NOT NULL,
    PRIMARY KEY (xact, id)
);
CREATE INDEX live_at ON live (at);

ALTER TABLE asked ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
ALTER TABLE live ENABLE ROW LEVEL SECURITY;
CREATE POLICY ones_own ON asked USING ((SELECT projects()) OR person_id = (SELECT reader()));
CREATE POLICY ones_own ON drafts USING ((SELECT projects()) OR person_id = (SELECT reader()));
CREATE POLICY need_to_know ON live USING (
    (SELECT projects())
    OR CASE WHEN person_id IS NOT NULL THEN person_id = (SELECT reader())
            WHEN (SELECT sees_all()) THEN true
            WHEN transition_id IS NOT NULL THEN transition_id IN (SELECT reach('seen'))
            ELSE customer_id IN (SELECT reach('studied')) END
);
