-- The use of a customer's last months in one row, so that judging it once more need not read hundreds of them. Nothing
-- is in it that is not in usage_days and usage_users: a row may be missing or be deleted at any time.
CREATE TABLE usage_packed (
    customer_id text  PRIMARY KEY,
    body        bytea NOT NULL
);
ALTER TABLE usage_packed ALTER COLUMN body SET STORAGE EXTERNAL;  -- small numbers: to compress them again is not worth it

-- Use of days before packed_until is as in usage_packed, if nobody who does not know these columns has judged since.
ALTER TABLE health ADD COLUMN packed_until date, ADD COLUMN packed_at timestamptz;
