-- What people chose, what was announced to teams, what a person says of health, feeds and kept records, and keys.

-- How somebody is told, as notifications published it last.
CREATE TABLE choices (
    person_id text   PRIMARY KEY,
    epoch     int    NOT NULL,
    seq       bigint NOT NULL,
    body      jsonb  NOT NULL
);
ALTER TABLE choices ENABLE ROW LEVEL SECURITY;
CREATE POLICY ones_own ON choices USING ((SELECT projects()) OR person_id = (SELECT reader()));

-- What a person says instead of the computed band, the latest; body: with the reason. It ends by itself as well.
CREATE TABLE overrides (
    customer_id text    PRIMARY KEY,
    epoch       int     NOT NULL,
    seq         bigint  NOT NULL,
    is_open     boolean NOT NULL,
    body        jsonb
);

-- Milestones that are reached, as they were told to the teams.
CREATE TABLE reached (
    termination_id text   NOT NULL,
    milestone_id   text   NOT NULL,
    customer_id    text   NOT NULL,
    epoch          int    NOT NULL,
    seq            bigint NOT NULL,
    reached_on     date   NOT NULL,
    evidence       text   NOT NULL,
    PRIMARY KEY (termination_id, milestone_id)
);

-- Feeds that stopped, and what services said of records that they could not take. Of customers nothing.
CREATE TABLE feeds (
    origin text        NOT NULL,
    feed   text        NOT NULL,
    epoch  int         NOT NULL,
    seq    bigint      NOT NULL,
    state  text        NOT NULL CHECK (state IN ('stopped', 'resumed', 'forgotten')),
    since  timestamptz NOT NULL,
    PRIMARY KEY (origin, feed)
);
CREATE TABLE parked_news (
    event_id text        PRIMARY KEY,
    service  text        NOT NULL,
    at       timestamptz NOT NULL,
    parked   bigint      NOT NULL,
    topics   text[]      NOT NULL
);
CREATE INDEX parked_news_at ON parked_news (at);

-- Whose milestones a transition has: these teams are told of it, once it is announced.
ALTER TABLE transitions ADD COLUMN milestone_teams text[] NOT NULL DEFAULT '{}';
UPDATE transitions SET milestone_teams = ARRAY(
    SELECT DISTINCT one->>'team' FROM jsonb_array_elements(body #> '{parts,timeline,milestones}') AS one)
WHERE jsonb_typeof(body #> '{parts,timeline,milestones}') = 'array';

-- A command about oneself is about no customer.
ALTER TABLE asked ALTER COLUMN customer_id DROP NOT NULL;

-- A key with which a program reads, or acts, in a person's name. The key itself is kept nowhere.
CREATE TABLE api_keys (
    key_id     text        PRIMARY KEY,
    key_hash   text        NOT NULL UNIQUE,
    person_id  text        NOT NULL,
    name       text        NOT NULL,
    scopes     text[]      NOT NULL CHECK (scopes <> '{}' AND scopes <@ '{read,act}'),
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    used_at    timestamptz
);
CREATE INDEX api_keys_person ON api_keys (person_id, made_at);

-- What was announced is told to its teams; what led to it stays with those who prepared or reviewed it: `involved`.
CREATE OR REPLACE FUNCTION begin_reading(who text, at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
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
    -- announced; then what was announced is seen by revenue, operations, and the teams of its milestones too.
    involved_in := ARRAY(
        SELECT transition_id FROM transitions
        WHERE who = ANY (involved) OR teams && me.teams OR customer_id = ANY (led_customers)
           OR EXISTS (SELECT FROM stand_ins WHERE stand_ins.transition_id = transitions.transition_id
                      AND person_id = who AND until > at));
    seen := involved_in || ARRAY(
        SELECT transition_id FROM transitions
        WHERE is_announced AND (me.teams && '{revenue,operations}' OR milestone_teams && me.teams));
    -- Health and case are read of one's own customers, of those one sponsors, and of those whose ending one reviews;
    -- master data also of those whose ending was announced to one's team.
    studied := led_customers
        || ARRAY(SELECT customer_id FROM customers WHERE executive_sponsor = who)
        || ARRAY(SELECT customer_id FROM transitions WHERE transition_id = ANY (involved_in));
    PERFORM set_config('console.led', array_to_string(led_customers, E'\n'), true),
            set_config('console.teams', array_to_string(me.teams, E'\n'), true),
            set_config('console.involved', array_to_string(involved_in, E'\n'), true),
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
        ('overrides', 'customer_id IN (SELECT reach(''studied''))'),
        ('reached', 'termination_id IN (SELECT reach(''seen''))'),
        ('terminations', 'termination_id IN (SELECT reach(''seen''))'),
        ('transitions', 'transition_id IN (SELECT reach(''involved''))'),
        ('stand_ins', 'transition_id IN (SELECT reach(''involved''))'),
        ('tasks', 'CASE WHEN transition_id IS NULL THEN customer_id IN (SELECT reach(''studied''))'
                  ' ELSE transition_id IN (SELECT reach(''involved''))'
                  ' OR (transition_id IN (SELECT reach(''seen'')) AND team IN (SELECT reach(''teams''))) END'),
        ('happenings', 'CASE sphere WHEN ''transition'' THEN transition_id IN (SELECT reach(''involved''))'
                       ' WHEN ''termination'' THEN customer_id IN (SELECT reach(''known''))'
                       ' ELSE customer_id IN (SELECT reach(''studied'')) END')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS need_to_know ON %I', name);
        EXECUTE format(
            'CREATE POLICY need_to_know ON %I USING ((SELECT projects()) OR (SELECT sees_all()) OR %s)', name, may);
    END LOOP;
END
$$;
