-- What was released to a customer's contact: sent within its life, or never; what it said is erased when it is over.

ALTER TABLE customers
    ADD COLUMN contacts jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';

ALTER TABLE notices
    ADD COLUMN contact_id text,
    ADD COLUMN expires_at timestamptz,
    ADD CHECK (contact_id IS NULL OR (customer_id IS NOT NULL AND expires_at IS NOT NULL));
