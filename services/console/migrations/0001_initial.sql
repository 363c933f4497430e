-- The read model: projected from the topics by upserts, so that whatever comes twice or late changes nothing. It can be
-- made anew from the topics, but for the tables at the end (sessions, visits, saved views).

-- Copies of people and customers; the later (occurred_at, event_id) wins.
CREATE TABLE people (
    person_id   text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    name        text        NOT NULL,
    email       text        NOT NULL,
    roles       text[]      NOT NULL,
    teams       text[]      NOT NULL,
    time_zone   text        NOT NULL,
    manager     text,
    active      boolean     NOT NULL
);
CREATE INDEX people_manager ON people (manager);

CREATE TABLE customers (
    customer_id       text        PRIMARY KEY,
    occurred_at       timestamptz NOT NULL,
    event_id          text        NOT NULL,
    name              text        NOT NULL,
    segment           text        NOT NULL,
    tier              text        NOT NULL,
    csm               text        NOT NULL,
    executive_sponsor text,
    amount            numeric     NOT NULL,  -- recurring revenue, per period
    currency          text        NOT NULL,
    period            text        NOT NULL,
    yearly            numeric     NOT NULL,  -- the same, per year
    started_on        date        NOT NULL,
    renews_on         date,
    seats             int,
    time_zone         text        NOT NULL,
    contacts          jsonb       NOT NULL,
    contract          jsonb
);
CREATE INDEX customers_csm ON customers (csm);
CREATE INDEX customers_sponsor ON customers (executive_sponsor) WHERE executive_sponsor IS NOT NULL;

-- The latest score, whole in `body`; and of each UTC day the last one, with the points of each measure.
CREATE TABLE scores (
    customer_id text        PRIMARY KEY,
    revision    bigint      NOT NULL,
    scored_at   timestamptz NOT NULL,
    score       numeric(5, 2),
    band        text        NOT NULL,
    band_since  timestamptz NOT NULL,
    confidence  real        NOT NULL,
    trend_30    numeric(5, 2),
    body        jsonb       NOT NULL
);
CREATE TABLE score_days (
    customer_id text   NOT NULL,
    day         date   NOT NULL,
    revision    bigint NOT NULL,  -- 0: told by a change of the band alone
    score       numeric(5, 2),
    band        text   NOT NULL,
    parts       jsonb,            -- points by measure; forgotten after 100 days
    PRIMARY KEY (customer_id, day)
);
CREATE INDEX score_days_parts ON score_days (day) WHERE parts IS NOT NULL;

CREATE TABLE band_changes (
    event_id    text        PRIMARY KEY,
    customer_id text        NOT NULL,
    at          timestamptz NOT NULL,
    before      text        NOT NULL,
    after       text        NOT NULL
);
CREATE INDEX band_changes_at ON band_changes (at);

-- The latest episode of risk. (epoch, seq): the number of the fact that it is known by.
CREATE TABLE risks (
    customer_id text        PRIMARY KEY,
    epoch       int         NOT NULL,
    seq         bigint      NOT NULL,
    is_open     boolean     NOT NULL,
    severity    text        NOT NULL,
    reasons     jsonb       NOT NULL,
    since       timestamptz NOT NULL
);

CREATE TABLE cases (
    case_id     text        PRIMARY KEY,
    customer_id text        NOT NULL,
    revision    bigint      NOT NULL,
    state       text        NOT NULL,
    is_open     boolean     NOT NULL,
    csm         text,
    opened_at   timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL,
    closed_at   timestamptz,
    body        jsonb       NOT NULL
);
CREATE INDEX cases_customer ON cases (customer_id, opened_at);
CREATE INDEX cases_open ON cases (csm) WHERE is_open;
CREATE INDEX cases_closed ON cases (closed_at) WHERE closed_at IS NOT NULL;

-- involved: who wrote, proposed, approved or stands in; teams: whose review it needs.
CREATE TABLE transitions (
    transition_id text        PRIMARY KEY,
    customer_id   text        NOT NULL,
    case_id       text        NOT NULL,
    revision      bigint      NOT NULL,
    state         text        NOT NULL,
    is_open       boolean     NOT NULL,
    is_announced  boolean     NOT NULL,
    involved      text[]      NOT NULL,
    teams         text[]      NOT NULL,
    changed_at    timestamptz NOT NULL,
    body          jsonb       NOT NULL
);
CREATE INDEX transitions_customer ON transitions (customer_id);

-- A person who answers for a team until a moment.
CREATE TABLE stand_ins (
    transition_id text        NOT NULL,
    team          text        NOT NULL,
    person_id     text        NOT NULL,
    until         timestamptz NOT NULL,
    PRIMARY KEY (transition_id, team, person_id)
);

CREATE TABLE terminations (
    termination_id text   PRIMARY KEY,
    customer_id    text   NOT NULL,
    epoch          int    NOT NULL,  -- of the fact that the state is known by, with its number
    seq            bigint NOT NULL,
    state          text   NOT NULL,
    revision       bigint,           -- of what was announced last
    body           jsonb
);
CREATE INDEX terminations_customer ON terminations (customer_id);

-- What cases and transitions ask of whom, by the snapshot that they were last projected from.
CREATE TABLE tasks (
    subject_id    text        NOT NULL,  -- the case or the transition
    position      int         NOT NULL,
    customer_id   text        NOT NULL,
    transition_id text,
    whose         text        NOT NULL CHECK (whose IN ('csm', 'manager', 'person', 'team', 'executive')),
    person_id     text,                  -- the CSM (also of `manager`), or the person
    team          text,
    says          text        NOT NULL,
    why           text        NOT NULL,
    since         timestamptz NOT NULL,
    due_at        timestamptz,
    PRIMARY KEY (subject_id, position)
);
CREATE INDEX tasks_person ON tasks (person_id);
CREATE INDEX tasks_customer ON tasks (customer_id);

-- The time line. sphere: what of the customer it belongs to, and so who may read it.
CREATE TABLE happenings (
    source        text        NOT NULL,
    event_id      text        NOT NULL,
    customer_id   text        NOT NULL,
    at            timestamptz NOT NULL,
    sphere        text        NOT NULL CHECK (sphere IN ('health', 'plan', 'transition', 'termination')),
    type          text        NOT NULL,
    by            text,
    subject_id    text,
    transition_id text,
    detail        text        NOT NULL,
    PRIMARY KEY (source, event_id)
);
CREATE INDEX happenings_customer ON happenings (customer_id, at);
CREATE INDEX happenings_at ON happenings (at);

CREATE TABLE notes (
    note_id     text        PRIMARY KEY,
    customer_id text        NOT NULL,
    case_id     text        NOT NULL,
    about       text        NOT NULL,
    by          text        NOT NULL,
    at          timestamptz NOT NULL,
    text        text        NOT NULL
);
CREATE INDEX notes_customer ON notes (customer_id, at);

CREATE TABLE notices (
    notice_id   text        NOT NULL,
    state       text        NOT NULL CHECK (state IN ('sent', 'failed', 'shown')),
    customer_id text        NOT NULL,
    person_id   text        NOT NULL,
    channel     text        NOT NULL,
    fact_id     text        NOT NULL,
    at          timestamptz NOT NULL,
    says        text        NOT NULL,  -- the type of the fact, why it could not be handed over, or the title
    PRIMARY KEY (notice_id, state)
);
CREATE INDEX notices_person ON notices (person_id, at);

-- How far the projection is, by partition.
CREATE TABLE freshness (
    topic     text        NOT NULL,
    partition int         NOT NULL,
    behind    bigint      NOT NULL,
    as_of     timestamptz NOT NULL,  -- real time: when all that there was had been taken
    PRIMARY KEY (topic, partition)
);

-- Need to know, in one place: every table about a customer has a policy, so that a query which forgets to ask sees
-- nothing. A reading begins with begin_reading, which works out once what the person may see and leaves it in settings of
-- the transaction; the projection says that it projects.

CREATE FUNCTION reader() RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('console.reader', true), '') $$;

CREATE FUNCTION projects() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('console.projects', true), '') = 'on' $$;

CREATE FUNCTION sees_all() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('console.sees_all', true), '') = 'on' $$;

-- The ids that a reading has found: `led`, `studied` and `known` customers, `seen` transitions. No id has a line break.
CREATE FUNCTION reach(what text) RETURNS SETOF text LANGUAGE sql STABLE AS
    $$ SELECT unnest(string_to_array(nullif(current_setting('console.' || what, true), ''), E'\n')) $$;

CREATE FUNCTION begin_reading(who text, at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = console, pg_temp AS
$$
DECLARE
    me       people%ROWTYPE;
    led      text[];
    led_customers text[];
    involved_in   text[];
    seen     text[];
    studied  text[];
BEGIN
    SELECT * INTO me FROM people WHERE person_id = who AND active;
    IF NOT FOUND THEN
        RETURN;  -- whoever is unknown or inactive sees nothing
    END IF;
    PERFORM set_config('console.reader', who, true);
    -- A plan for whatever filters and whoever reads joins ten thousand customers in a loop.
    PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
    -- Executives and administrators see all.
    IF me.roles && '{executive,admin}' THEN
        PERFORM set_config('console.sees_all', 'on', true);
        RETURN;
    END IF;
    -- Oneself, and whoever a manager leads, at whatever depth.
    led := ARRAY[who];
    IF 'manager' = ANY (me.roles) THEN
        led := ARRAY(
            WITH RECURSIVE team (person_id) AS (
                SELECT who
                UNION
                SELECT one.person_id FROM people AS one JOIN team ON one.manager = team.person_id
            ) SELECT person_id FROM team);
    END IF;
    -- Their customers are read with everything, private notes too.
    led_customers := ARRAY(
        SELECT customer_id FROM customers WHERE csm = ANY (led)
        UNION
        SELECT customer_id FROM cases WHERE is_open AND csm = ANY (led));
    -- The transitions that one prepares, reviews (any member of a team may) or leads: nobody else's before they are
    -- announced, then revenue's and operations' too.
    involved_in := ARRAY(
        SELECT transition_id FROM transitions
        WHERE who = ANY (involved) OR teams && me.teams OR customer_id = ANY (led_customers)
           OR EXISTS (SELECT FROM stand_ins WHERE stand_ins.transition_id = transitions.transition_id
                      AND person_id = who AND until > at));
    seen := involved_in;
    IF me.teams && '{revenue,operations}' THEN
        seen := seen || ARRAY(SELECT transition_id FROM transitions WHERE is_announced);
    END IF;
    -- Health and case are read of one's own customers, of those one sponsors, and of those whose ending one reviews;
    -- master data also of those whose ending was announced to one's team.
    studied := led_customers
        || ARRAY(SELECT customer_id FROM customers WHERE executive_sponsor = who)
        || ARRAY(SELECT customer_id FROM transitions WHERE transition_id = ANY (involved_in));
    PERFORM set_config('console.led', array_to_string(led_customers, E'\n'), true),
            set_config('console.seen', array_to_string(seen, E'\n'), true),
            set_config('console.studied', array_to_string(studied, E'\n'), true),
            set_config('console.known', array_to_string(
                studied || ARRAY(SELECT customer_id FROM transitions WHERE transition_id = ANY (seen)), E'\n'), true);
END
$$;

DO $$
DECLARE
    name text;
    may  text;
BEGIN
    FOR name, may IN VALUES
        ('customers', 'customer_id IN (SELECT reach(''known''))'),
        ('terminations', 'customer_id IN (SELECT reach(''known''))'),
        ('scores', 'customer_id IN (SELECT reach(''studied''))'),
        ('score_days', 'customer_id IN (SELECT reach(''studied''))'),
        ('band_changes', 'customer_id IN (SELECT reach(''studied''))'),
        ('risks', 'customer_id IN (SELECT reach(''studied''))'),
        ('cases', 'customer_id IN (SELECT reach(''studied''))'),
        ('transitions', 'transition_id IN (SELECT reach(''seen''))'),
        ('stand_ins', 'transition_id IN (SELECT reach(''seen''))'),
        ('tasks', 'CASE WHEN transition_id IS NULL THEN customer_id IN (SELECT reach(''studied''))'
                  ' ELSE transition_id IN (SELECT reach(''seen'')) END'),
        ('happenings', 'CASE sphere WHEN ''transition'' THEN transition_id IN (SELECT reach(''seen''))'
                       ' WHEN ''termination'' THEN customer_id IN (SELECT reach(''known''))'
                       ' ELSE customer_id IN (SELECT reach(''studied'')) END'),
        ('notes', 'customer_id IN (SELECT reach(''led''))'),
        ('notices', 'person_id = (SELECT reader())')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY need_to_know ON %I USING ((SELECT projects()) OR (SELECT sees_all()) OR %s)', name, may);
    END LOOP;
END
$$;

-- What is the console's own.

-- Who is logged in. The token is kept nowhere; times are the database's.
CREATE TABLE sessions (
    token_hash text        PRIMARY KEY,
    person_id  text        NOT NULL,
    began_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL
);

-- When a person last looked at the day: `before` is the visit before the current one.
CREATE TABLE visits (
    person_id text        PRIMARY KEY,
    before    timestamptz NOT NULL,
    at        timestamptz NOT NULL
);

CREATE TABLE saved_views (
    view_id   text PRIMARY KEY,
    person_id text NOT NULL,
    name      text NOT NULL,
    query     text NOT NULL,
    UNIQUE (person_id, name)
);

-- A login that was begun at the identity provider; once it is back, or ten minutes later, it is gone.
CREATE TABLE logins (
    state_hash text        PRIMARY KEY,
    nonce      text        NOT NULL,
    verifier   text        NOT NULL,
    wanted     text        NOT NULL,
    expires_at timestamptz NOT NULL
);
