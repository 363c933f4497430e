-- What was released to contacts is looked through several times a second, however much else is kept.

CREATE INDEX tellings_of_contacts ON tellings (expires_at) WHERE contact_id IS NOT NULL AND says <> '{}';
