-- When administrators were told of a kept record; `shared/parked_news.py`.
ALTER TABLE dead_letters ADD COLUMN told_at timestamptz;
CREATE INDEX dead_letters_untold ON dead_letters (parked_at) WHERE told_at IS NULL AND resolved_at IS NULL;
