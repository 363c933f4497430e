-- The cases as action_plans tells of them: what a transition will be opened on.
CREATE TABLE cases (
    case_id     text PRIMARY KEY,
    customer_id text NOT NULL,
    revision    int  NOT NULL,
    state       text NOT NULL
);
CREATE INDEX cases_customer ON cases (customer_id);
