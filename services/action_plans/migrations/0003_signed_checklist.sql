-- The checklist of the case as it was last kept, signed (a JWT), so that whoever may read it can hand it on as evidence.
ALTER TABLE cases ADD COLUMN signed_checklist text;
