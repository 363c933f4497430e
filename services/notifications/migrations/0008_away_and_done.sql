-- What waits follows whoever goes away or comes back: each is noticed once.

ALTER TABLE choices ADD COLUMN away text;  -- the absence that was noticed, as it is kept; null: they were here
CREATE INDEX choices_absence ON choices ((choices -> 'absence' ->> 'last_day'));
CREATE INDEX choices_away ON choices (person_id) WHERE away IS NOT NULL;
CREATE INDEX deliveries_standing_in ON deliveries (stands_for) WHERE state = 'due' AND stands_for IS NOT NULL;

-- Whoever has not heard of it when it is done, or taken in hand, need not: it is nothing but asking.
ALTER TABLE asks ADD COLUMN only_asks boolean NOT NULL DEFAULT false;
