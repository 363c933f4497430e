-- What waits follows whoever goes away or comes back: each is noticed once.

ALTER TABLE choices ADD COLUMN away text;  -- the absence that was noticed, as it is kept; null: they were here
CREATE INDEX choices_absence ON choices ((choices -> 'absence' ->> 'last_day'));
CREATE INDEX choices_away ON choices (person_id) WHERE away IS NOT NULL;
CREATE INDEX deliveries_standing_in ON deliveries (stands_for) WHERE state = 'due' AND stands_for IS NOT NULL;

-- Whoever has not heard of it when it is done, or taken in hand, need not: it is nothing but asking.
ALTER TABLE asks ADD COLUMN only_asks boolean NOT NULL DEFAULT false;

-- Who answers for a team in one ending, until a moment; whoever did so when something came for the team is told as well.
CREATE TABLE stand_ins (
    transition_id text        NOT NULL,
    team          text        NOT NULL,
    person_id     text        NOT NULL,
    until         timestamptz NOT NULL,
    PRIMARY KEY (transition_id, team, person_id)
);
ALTER TABLE tellings ADD COLUMN stand_ins text[] NOT NULL DEFAULT '{}';
