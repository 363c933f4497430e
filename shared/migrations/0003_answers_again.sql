-- Finds the answer to a command that was sent again. `shared/outbox.py`, repeat.
CREATE INDEX outbox_answers ON outbox ((headers->>'ce_id')) WHERE topic LIKE '%.answers.v1';
