-- Who may do what, beside each service's own role: run after the migrations of every schema, as often as you like.

GRANT USAGE ON SCHEMA {schema} TO {service}, amicable_reader, amicable_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {service};
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO amicable_reader, amicable_operator;

-- The record of who asked for a replay is only ever added to; a service sees which migrations it has, no more.
REVOKE UPDATE, DELETE ON {schema}.dead_letter_audit FROM {service};
REVOKE INSERT, UPDATE, DELETE ON {schema}.migrations FROM {service};
REVOKE INSERT, UPDATE, DELETE ON {schema}.epoch FROM {service};

-- The operator asks for replays, and says after a restore that numbers begin anew.
GRANT UPDATE (replay_at, replay_send) ON {schema}.dead_letters TO amicable_operator;
GRANT INSERT ON {schema}.dead_letter_audit TO amicable_operator;
GRANT UPDATE (number) ON {schema}.epoch TO amicable_operator;
