-- What waits says why, and not for ever; what cannot be addressed stands aside; a message is one process's at a time.

ALTER TABLE tellings
    ADD COLUMN waits_since timestamptz,  -- by the service's clock: whoever is meant was not known then
    ADD COLUMN why text,                 -- why it waits, or stands aside
    DROP CONSTRAINT tellings_state_check,
    ADD CONSTRAINT tellings_state_check
        CHECK (state IN ('new', 'waiting', 'told', 'nobody', 'failed', 'expired'));
CREATE INDEX tellings_of_ask ON tellings (ask_id) WHERE ask_id IS NOT NULL;

ALTER TABLE deliveries
    ADD COLUMN ask_id text,   -- what the recipient may take in hand, by whichever rule of the fact
    ADD COLUMN instead text,  -- why it comes to them, whom the rule does not mean
    ADD COLUMN why text;      -- why it moved on, or stands aside
UPDATE deliveries SET ask_id = tellings.ask_id FROM tellings WHERE tellings.id = telling_id AND tellings.ask_id IS NOT NULL;
CREATE INDEX deliveries_waiting_of_customer ON deliveries (customer_id) WHERE state IN ('due', 'packed');

ALTER TABLE messages
    ADD COLUMN about text[] NOT NULL DEFAULT '{}',  -- the customers that it tells of
    ADD COLUMN in_hand_by uuid;                     -- the holder of leases that has it; as long as it is a member
UPDATE messages SET about = (
    SELECT coalesce(array_agg(DISTINCT customer_id) FILTER (WHERE customer_id IS NOT NULL), '{}')
    FROM deliveries WHERE deliveries.message_id = messages.message_id
) WHERE state = 'pending';
-- The oldest come first, whatever their bucket: a look ends with as many as were asked for.
DROP INDEX messages_pending;
CREATE INDEX messages_pending ON messages (channel, id) WHERE state = 'pending';
CREATE INDEX messages_pending_of_recipient ON messages (recipient, channel, id) WHERE state = 'pending';

ALTER TABLE asks ADD COLUMN nobody boolean NOT NULL DEFAULT false;  -- it goes on since nobody could be asked

CREATE INDEX people_of_role ON people USING gin (roles);
CREATE INDEX people_of_team ON people USING gin (teams);

ALTER TABLE people ADD COLUMN left_at timestamptz;  -- by the database's clock: when we heard of it
CREATE INDEX people_who_left ON people (left_at) WHERE left_at IS NOT NULL;
