-- A score that only a quiet replay asked for is made, and told to nobody.
ALTER TABLE due ADD COLUMN quiet boolean NOT NULL DEFAULT false;
