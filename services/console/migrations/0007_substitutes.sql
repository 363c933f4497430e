-- Whoever is named as substitute is told instead of who is away, and so reads, for as long, what that person may read. What
-- they may do stays with their own part: `own_led`, `own_involved`, `own_all`.

CREATE INDEX choices_substitute ON choices ((body #>> '{absence,substitute}'));

-- Whether somebody is away then, by their own calendar; by UTC's where Postgres does not know their time zone.
CREATE FUNCTION is_away(absence jsonb, zone text, at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS
$$
DECLARE
    today date := (at AT TIME ZONE 'UTC')::date;
BEGIN
    BEGIN
        today := (at AT TIME ZONE zone)::date;
    EXCEPTION WHEN invalid_parameter_value THEN
        NULL;
    END;
    RETURN today BETWEEN (absence->>'first_day')::date AND (absence->>'last_day')::date;
END
$$;

-- What one person may read; teams: null where nobody active is known by this id.
CREATE TYPE may_read AS (
    sees_all boolean, teams text[], led text[], involved text[], seen text[], studied text[]
);
CREATE FUNCTION reading_of(who text, at timestamptz) RETURNS may_read LANGUAGE plpgsql STABLE
    SET search_path = console, pg_temp AS
$$
DECLARE
    me    people%ROWTYPE;
    csms  text[];
    found_out may_read;
BEGIN
    SELECT * INTO me FROM people WHERE person_id = who AND active;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    found_out.teams := me.teams;
    -- Executives and administrators see all.
    found_out.sees_all := me.roles && '{executive,admin}';
    IF found_out.sees_all THEN
        RETURN found_out;
    END IF;
    -- Oneself, and whoever a manager leads, at whatever depth.
    csms := ARRAY[who];
    IF 'manager' = ANY (me.roles) THEN
        csms := ARRAY(
            WITH RECURSIVE team (person_id) AS (
                SELECT who
                UNION
                SELECT one.person_id FROM people AS one JOIN team ON one.manager = team.person_id
            ) SELECT person_id FROM team);
    END IF;
    -- Their customers are read with everything, private notes too.
    found_out.led := ARRAY(
        SELECT customer_id FROM customers WHERE csm = ANY (csms)
        UNION
        SELECT customer_id FROM cases WHERE is_open AND csm = ANY (csms));
    -- The transitions that one prepares, reviews (any member of a team may) or leads: nobody else's before they are
    -- announced; then what was announced is seen by revenue, operations, and the teams of its milestones too.
    found_out.involved := ARRAY(
        SELECT transition_id FROM transitions
        WHERE who = ANY (involved) OR teams && me.teams OR customer_id = ANY (found_out.led)
           OR EXISTS (SELECT FROM stand_ins WHERE stand_ins.transition_id = transitions.transition_id
                      AND person_id = who AND until > at));
    found_out.seen := found_out.involved || ARRAY(
        SELECT transition_id FROM transitions
        WHERE is_announced AND (me.teams && '{revenue,operations}' OR milestone_teams && me.teams));
    -- Health and case are read of one's own customers, of those one sponsors, and of those whose ending one reviews.
    found_out.studied := found_out.led
        || ARRAY(SELECT customer_id FROM customers WHERE executive_sponsor = who)
        || ARRAY(SELECT customer_id FROM transitions WHERE transition_id = ANY (found_out.involved));
    RETURN found_out;
END
$$;

CREATE OR REPLACE FUNCTION begin_reading(who text, at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = console, pg_temp AS
$$
DECLARE
    mine   may_read;
    whole  may_read;
    theirs may_read;
    other  text;
BEGIN
    -- A plan for whatever filters and whoever reads joins ten thousand customers in a loop.
    PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
    mine := reading_of(who, at);
    IF mine.teams IS NULL THEN
        RETURN;  -- whoever is unknown or inactive sees nothing
    END IF;
    whole := mine;
    PERFORM set_config('console.reader', who, true);
    IF mine.sees_all THEN
        PERFORM set_config('console.sees_all', 'on', true), set_config('console.own_all', 'on', true);
        RETURN;
    END IF;
    PERFORM set_config('console.own_led', array_to_string(mine.led, E'\n'), true),
            set_config('console.own_involved', array_to_string(mine.involved, E'\n'), true);
    -- Who is away and has named this person, or somebody who is away as well and has.
    FOR other IN
        WITH RECURSIVE absent (person_id) AS (
            SELECT who
            UNION
            SELECT choices.person_id FROM absent
            JOIN choices ON choices.body #>> '{absence,substitute}' = absent.person_id
            JOIN people ON people.person_id = choices.person_id
            WHERE people.active AND is_away(choices.body->'absence', people.time_zone, at)
        ) SELECT person_id FROM absent WHERE person_id <> who
    LOOP
        theirs := reading_of(other, at);
        whole.sees_all := whole.sees_all OR theirs.sees_all;
        whole.teams := whole.teams || theirs.teams;
        whole.led := whole.led || theirs.led;
        whole.involved := whole.involved || theirs.involved;
        whole.seen := whole.seen || theirs.seen;
        whole.studied := whole.studied || theirs.studied;
    END LOOP;
    IF whole.sees_all THEN
        PERFORM set_config('console.sees_all', 'on', true);
        RETURN;
    END IF;
    -- Master data are read also of those whose ending was announced to one's team.
    PERFORM set_config('console.led', array_to_string(whole.led, E'\n'), true),
            set_config('console.teams', array_to_string(whole.teams, E'\n'), true),
            set_config('console.involved', array_to_string(whole.involved, E'\n'), true),
            set_config('console.seen', array_to_string(whole.seen, E'\n'), true),
            set_config('console.studied', array_to_string(whole.studied, E'\n'), true),
            set_config('console.known', array_to_string(
                whole.studied || ARRAY(SELECT customer_id FROM transitions WHERE transition_id = ANY (whole.seen)),
                E'\n'), true);
END
$$;
