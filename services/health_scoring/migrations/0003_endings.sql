-- Whose relationship is being ended, or has ended. ended_on: the last day, in the customer's time zone; empty while the
-- ending goes on.
CREATE TABLE endings (
    customer_id   text PRIMARY KEY,
    transition_id text NOT NULL,
    ended_on      date
);
