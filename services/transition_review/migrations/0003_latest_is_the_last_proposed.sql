-- Which transition of a customer is the latest: two may have been proposed at the same moment of a clock that stands.
ALTER TABLE transitions ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
DROP INDEX transitions_customer;
CREATE INDEX transitions_customer ON transitions (customer_id, number);

CREATE OR REPLACE FUNCTION refuse_leak() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT coalesce(
        (SELECT held_at >= approved_at FROM transitions WHERE customer_id = NEW.key ORDER BY number DESC LIMIT 1),
        false
    ) THEN
        RAISE EXCEPTION 'nothing is told outside before approval and talk';
    END IF;
    RETURN NEW;
END
$$;
