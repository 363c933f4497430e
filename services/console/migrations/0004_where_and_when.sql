-- By which form of its page something is done, and for which thing there. What was asked before is told anew with the
-- next word about its case or transition, or by `amicable console rebuild`.
ALTER TABLE tasks ADD COLUMN form text NOT NULL DEFAULT '', ADD COLUMN item text NOT NULL DEFAULT '';

-- When the reasons of a risk were told: they are of that moment, the score may be of a later one.
ALTER TABLE risks ADD COLUMN told_at timestamptz;

-- What has one moment stands in the order in which it was told.
ALTER TABLE happenings ADD COLUMN seq bigint NOT NULL DEFAULT 0;
