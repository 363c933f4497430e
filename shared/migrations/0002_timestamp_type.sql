-- Who set a kept record's time, as Kafka says it: 1 the broker, 0 the sender, null where it was not noted.
-- A token is judged by that time, so it must not become the broker's by being kept.
ALTER TABLE dead_letters ADD COLUMN timestamp_type smallint;

-- What failed in its handler had been proved before, by the broker's time.
UPDATE dead_letters SET timestamp_type = 1 WHERE kind = 'poison';
