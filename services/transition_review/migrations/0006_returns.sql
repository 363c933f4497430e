-- Customers who came back, or were sent by one who left, and the ending that they are known from.
CREATE TABLE returns (
    customer_id   text NOT NULL,
    transition_id text NOT NULL,
    PRIMARY KEY (customer_id, transition_id)
);
