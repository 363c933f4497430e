-- Every fact that was put out for revenue and operations, as it was put out, for ever: the outbox forgets what it has sent.
CREATE TABLE told_outside (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    termination_id text        NOT NULL,
    occurred_at    timestamptz NOT NULL,
    body           jsonb       NOT NULL
);
CREATE INDEX told_outside_termination ON told_outside (termination_id, id);
CREATE INDEX told_outside_occurred ON told_outside (occurred_at);

CREATE FUNCTION keep_told_outside() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told jsonb := convert_from(NEW.body, 'UTF8')::jsonb;
BEGIN
    INSERT INTO told_outside (termination_id, occurred_at, body)
    VALUES (told->>'termination_id', (told->>'occurred_at')::timestamptz, told);
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_told_outside AFTER INSERT ON outbox FOR EACH ROW
    WHEN (NEW.topic = 'terminations.v1') EXECUTE FUNCTION keep_told_outside();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON told_outside FOR EACH ROW EXECUTE FUNCTION refuse_change();

INSERT INTO told_outside (termination_id, occurred_at, body)
SELECT told->>'termination_id', (told->>'occurred_at')::timestamptz, told
FROM (
    SELECT id, convert_from(body, 'UTF8')::jsonb AS told FROM outbox WHERE topic = 'terminations.v1' OFFSET 0
) AS sent
ORDER BY id;
