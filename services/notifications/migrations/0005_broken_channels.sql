-- Channels of people whose address takes nothing any more: what was to go there goes by mail, until the address is
-- another one or something arrives there again.

CREATE TABLE broken_channels (
    person_id text        NOT NULL,
    channel   text        NOT NULL,
    since     timestamptz NOT NULL,  -- by the service's clock
    answer    text        NOT NULL,  -- what the channel said, without personal data
    PRIMARY KEY (person_id, channel)
);
