-- What is done need not be taken in hand: it was acknowledged by nobody, once a fact with one of these marks has come.
ALTER TABLE asks ADD COLUMN done_by text[] NOT NULL DEFAULT '{}';
CREATE INDEX asks_done_by ON asks USING gin (done_by) WHERE acknowledged_at IS NULL;
